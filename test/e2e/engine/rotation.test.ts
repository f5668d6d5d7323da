/**
 * A rotation that goes wrong at each of its steps, with the real tofu and a real sops file: what is in use afterwards, in the
 * file, in the database and in the app, and what ffops says of it. The cluster keeps what it is given, and is told what fails.
 */
import { expect } from 'chai';
import { join } from 'node:path';
import { FailedError } from '../../../src/errors.ts';
import type { ObjectChange } from '../../../src/ports/cluster.ts';
import { prepareStore } from '../../../src/secrets/init.ts';
import { placeOf } from '../../../src/secrets/place.ts';
import { secretReader } from '../../../src/secrets/reader.ts';
import { openStore, type SecretStore } from '../../../src/secrets/store.ts';
import { generateMissing } from '../../../src/secrets/supply.ts';
import type { RunTool } from '../../../src/tools/call.ts';
import type { EnvironmentHands } from '../../../src/usecases/environment-hands.ts';
import { rotateSecrets, type RotateResult } from '../../../src/usecases/secrets-rotate.ts';
import { apply } from '../../../src/usecases/apply.ts';
import { databaseFor } from '../../../src/catalogue/databases.ts';
import { aKubernetesSecret, aRelease, origin, passphrase } from '../../support/blueprint.ts';
import { toolchain, toolOrSkip } from '../../support/tools.ts';
import { applyRequest } from './requests.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

const { password, database } = databaseFor('postgres', 'shop');
const wants = [passphrase, password];
const blueprint = {
  stacks: [aRelease({ reads: ['shop/shop-database'], entry: 'shop' })],
  databases: [database],
  provisioners: [
    {
      engine: 'postgres',
      namespace: 'data',
      stack: 'data',
      cronJob: 'postgres-databases',
      secret: 'postgres-databases',
    },
  ],
  secrets: wants,
  kubernetesSecrets: [aKubernetesSecret({ name: 'shop-database', data: { password: [{ secret: password.name }] } })],
} as const;

describe('a rotation that goes wrong', function () {
  this.timeout(120_000);
  let workshop: Workshop;
  let store: SecretStore;
  let first: string;
  /** Which password the database takes, which one the app has, and how often it was restarted. */
  let world: { role: string; secret: string; running: string; restarts: number };
  /** Asked at every step; a text is what is said when it fails. */
  let fails: (step: 'job' | 'stamp' | 'ready', value: string) => string | undefined;
  const steps: string[] = [];

  beforeEach(async function () {
    for (const tool of ['tofu', 'sops', 'age-keygen']) await toolOrSkip(this, tool);
    world = { role: '', secret: '', running: '', restarts: 0 };
    fails = () => undefined;
    const attempt = (step: Parameters<typeof fails>[0], value: string): void => {
      steps.push(step);
      const words = fails(step, value);
      if (words !== undefined) throw new FailedError('test', { message: words });
    };
    const now = async (): Promise<string> => (await store.values()).get(password.name)!.reveal();
    const update = async (): Promise<readonly ObjectChange[]> =>
      (await now()) === world.secret
        ? []
        : [
            {
              stack: 'app-shop',
              kind: 'Secret',
              namespace: 'shop',
              name: 'shop-database',
              action: 'update',
              origin,
              rolls: ['shop'],
            },
          ];
    workshop = await openWorkshop(
      { 'app-shop': { body: 'resource "terraform_data" "thing" {\n  input = "one"\n}\n', needsCluster: true } },
      {
        cluster: {
          access: async () => ({ kubeconfig: '', context: '', variables: {} }),
          releases: async () => [],
          diagnose: async () => undefined,
          prune: async () => undefined,
          compareObjects: update,
          provisionDatabases: async () => {
            attempt('job', await now());
            world.role = await now();
            return [{ engine: 'postgres', name: 'shop', owner: 'shop', did: ['password-changed'] }];
          },
          deliver: async () => {
            const changes = await update();
            world.secret = await now();
            return changes;
          },
          stampWorkloads: async () => {
            if (world.running === world.secret) return [];
            attempt('stamp', world.secret);
            world.running = world.secret;
            world.restarts += 1;
            return [{ namespace: 'shop', workload: 'deployment/shop' }];
          },
          waitUntilReady: async () => {
            const words = fails('ready', world.running);
            return words === undefined ? undefined : { release: 'shop', namespace: 'shop', lines: [words] };
          },
        },
      },
    );
    store = await realStore(workshop);
    await generateMissing(store, wants, new Date());
    first = await now();
    Object.assign(workshop.target, { secrets: secretReader(store, wants) });
    const stacks = workshop.target.blueprint.stacks.map((stack) => ({ ...stack, releases: blueprint.stacks }));
    Object.assign(workshop.target.blueprint, { ...blueprint, stacks });
    expect((await apply(workshop.ports, applyRequest(workshop), workshop.emit)).verdict).to.equal('done');
    world.restarts = 0;
    steps.length = 0;
  });
  afterEach(() => workshop?.remove());

  const rotate = (): Promise<RotateResult> =>
    rotateSecrets(
      workshop.ports,
      {
        hands: { store, cluster: workshop.target.cluster } as unknown as EnvironmentHands,
        wants,
        blueprint: workshop.target.blueprint,
        workspace: workshop.folder,
        names: [password.name],
        yes: true,
        target: async () => workshop.target,
      },
      workshop.emit,
    );
  const inUse = async (): Promise<object> => ({
    file: (await store.values()).get(password.name)!.reveal(),
    role: world.role,
    app: world.running,
  });
  const only = (value: string): object => ({ file: value, role: value, app: value });

  it('does not, when nothing fails: one value everywhere, after one restart', async () => {
    expect(await rotate()).to.deep.include({ verdict: 'done', outcome: 'rotated', restarts: ['shop'] });
    const next = (await store.values()).get(password.name)!.reveal();
    expect(next).not.to.equal(first);
    expect(await inUse()).to.deep.equal(only(next));
    expect(world.restarts).to.equal(1);
    expect(steps).to.deep.equal(['job', 'stamp']);
  });

  it('in the Job that tells the database leaves the app alone', async () => {
    fails = (step, value) => (step === 'job' && value !== first ? 'the Job ran out of memory' : undefined);
    const result = await rotate();
    expect(result).to.include({ verdict: 'failed', outcome: 'put back' });
    expect(result.problem?.message).to.equal('the Job ran out of memory');
    expect(await inUse()).to.deep.equal(only(first));
    expect(world.restarts).to.equal(0);
  });

  it('in what restarts the app gives database, Secret and file the value before', async () => {
    fails = (step, value) => (step === 'stamp' && value !== first ? 'no' : undefined);
    expect(await rotate()).to.include({ verdict: 'failed', outcome: 'put back' });
    expect(await inUse()).to.deep.equal(only(first));
    expect(world.secret).to.equal(first);
  });

  it('in an app that does not become ready brings it back with the value before', async () => {
    fails = (step, value) => (step === 'ready' && value !== first ? 'pod shop-1 crashes' : undefined);
    const result = await rotate();
    expect(result).to.include({ verdict: 'failed', outcome: 'put back' });
    expect(result.problem?.hints).to.deep.equal(['pod shop-1 crashes']);
    expect(await inUse()).to.deep.equal(only(first));
    expect(world.restarts, 'there and back').to.equal(2);
  });

  it('and whose way back is barred too says so, and the apply that it names finishes', async () => {
    fails = (step, value) =>
      step === 'ready' && value !== first ? 'crashes' : step === 'stamp' && world.restarts > 0 ? 'gone' : undefined;
    const result = await rotate();
    expect(result).to.include({ verdict: 'failed', outcome: 'half put back' });
    expect(result.stacks).to.deep.equal(['app-shop']);
    expect((await store.values()).get(password.name)!.reveal()).to.equal(first);
    fails = () => undefined;
    const selection = { stacks: result.stacks, only: true };
    expect((await apply(workshop.ports, applyRequest(workshop, { selection }), workshop.emit)).verdict).to.equal(
      'done',
    );
    expect(await inUse()).to.deep.equal(only(first));
  });

  it('by Ctrl-C keeps the new value, which the database has already, and names the apply that finishes', async () => {
    fails = (step) => {
      if (step === 'ready') workshop.interruption.press();
      return step === 'ready' ? 'not ready yet' : undefined;
    };
    const result = await rotate();
    expect(result).to.deep.include({ outcome: 'unfinished', stacks: ['app-shop'] });
    const next = (await store.values()).get(password.name)!.reveal();
    expect(next).not.to.equal(first);
    expect(world.role).to.equal(next);
  });
});

/** In a folder of its own, with an identity of its own. */
async function realStore({ ports, folder }: Workshop): Promise<SecretStore> {
  const root = join(folder, '.secrets');
  const place = placeOf(
    {
      kind: 'sandbox',
      podsRun: false,
      root,
      secretsFile: join(root, 'secrets', 'prod.sops.yaml'),
      ageKeyFile: join(root, 'age.txt'),
      variables: {},
      tofuVariables: {},
    },
    root,
    'prod',
  );
  const run: RunTool = async (name, call) =>
    ports.runner.run({ program: (await (await toolchain()).resolveTool(name)).path, ...call });
  await prepareStore({ ...ports, run }, place);
  return openStore({ ...ports, run }, place);
}
