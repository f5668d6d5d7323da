import { expect } from 'chai';
import type { Target } from '../../../src/engine/contracts.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { layoutOf } from '../../../src/engine/layout.ts';
import { readRetired } from '../../../src/engine/retired.ts';
import { fetchRetired, shareApplied, unshareApplied } from '../../../src/engine/shared-notes.ts';
import { FailedError, UserError } from '../../../src/errors.ts';
import { Secret } from '../../../src/model/secret.ts';
import { SECRETS_FILE_MISSING } from '../../../src/secrets/store.ts';
import { aBlueprint, aStack } from '../../support/blueprint.ts';
import { fakePorts } from '../../support/fakes.ts';

const app = aStack({ name: 'app-notes', title: 'notes' });
const state = {
  kind: 's3',
  bucket: 'shop-state',
  region: 'ams3',
  endpoint: 'https://s3.test',
  prefix: 'prod',
  credentials: {},
} as const;

/** A machine that works on the environment; the bucket is what machines share. */
function machine(bucket: Map<string, string>, stacks: readonly (typeof app)[]) {
  const folder = '/w/.ffops/prod';
  const fakes = fakePorts({ files: { [`${folder}/stacks/keep/main.tf`]: '' } });
  const events: string[] = [];
  const target = {
    blueprint: aBlueprint({ environment: 'prod', stacks, state }),
    surroundings: { root: '.ffops' },
    workspace: '/w',
    secrets: { get: async () => new Secret('a passphrase') },
    cloud: {
      stateObjects: async () => [...bucket.keys()].map((name) => ({ name, version: '1' })),
      readStateObject: async (name: string) => bucket.get(name),
      writeStateObject: async (name: string, text: string) => void bucket.set(name, text),
      removeStateObject: async (name: string) => void bucket.delete(name),
    },
  } as unknown as Target;
  const layout = layoutOf(target);
  const engine = {
    ports: fakes.ports,
    target,
    layout,
    emit: (event: { text?: string }) => void events.push(event.text ?? ''),
  } as unknown as Engine;
  return { engine, files: fakes.files, folder, events, fetch: () => fetchRetired(fakes.ports, target, layout) };
}

describe('stacks that left the environment', () => {
  it('are known on a machine that never applied them, module and all, and to nobody without the passphrase', async () => {
    const bucket = new Map<string, string>([['app-notes.tfstate', 'encrypted']]);
    const mine = machine(bucket, [app]);
    await mine.files.write(`${mine.folder}/stacks/app-notes/main.tf`, 'resource {}');
    await mine.files.write(`${mine.folder}/stacks/app-notes/values/notes.yaml`, 'greeting: hello');
    await mine.files.write(`${mine.folder}/stacks/app-notes/.terraform/terraform.tfstate`, 'own');
    await shareApplied(mine.engine, app, true);
    expect([...bucket.values()].join())
      .not.to.include('greeting')
      .and.not.to.include('notes');

    const theirs = machine(bucket, []);
    expect(await theirs.fetch()).to.equal(undefined);
    const [found] = await readRetired(theirs.files, theirs.folder);
    expect(found).to.include({ name: 'app-notes', title: 'notes (no longer in the environment)' });
    expect(theirs.files.content.get(`${theirs.folder}/retired/app-notes/values/notes.yaml`)).to.equal(
      'greeting: hello',
    );
    expect([...theirs.files.content.keys()].filter((path) => path.endsWith('terraform.tfstate'))).to.deep.equal([]);
  });

  it('are told once: an apply that changes nothing writes nothing, and one that takes the stack away forgets it', async () => {
    const bucket = new Map<string, string>();
    const mine = machine(bucket, [app]);
    await shareApplied(mine.engine, app, true);
    const first = bucket.get('app-notes.applied');
    await shareApplied(mine.engine, app, false);
    expect(bucket.get('app-notes.applied')).to.equal(first);
    await mine.files.write(`${mine.folder}/stacks/app-notes/main.tf`, 'changed');
    await shareApplied(mine.engine, app, false);
    expect(bucket.get('app-notes.applied')).not.to.equal(first);
    await unshareApplied(mine.engine, app);
    expect([...bucket.keys()]).to.deep.equal([]);
  });

  it('do not overwrite what this machine has of them, nor come back while the environment has them', async () => {
    const bucket = new Map<string, string>();
    await shareApplied(machine(bucket, [app]).engine, app, true);
    const with_ = machine(bucket, [app]);
    await with_.fetch();
    expect(await readRetired(with_.files, with_.folder)).to.deep.equal([]);
    const without = machine(bucket, []);
    await without.files.write(`${without.folder}/retired/app-notes/main.tf`, 'mine');
    await without.fetch();
    expect(without.files.content.get(`${without.folder}/retired/app-notes/main.tf`)).to.equal('mine');
  });

  it('are nothing to warn of before anybody has made the file of secrets: nothing can have been applied', async () => {
    const mine = machine(new Map(), [app]);
    const refuse = async () => {
      throw new UserError(SECRETS_FILE_MISSING, { message: 'There is no secrets/prod.sops.yaml yet.' });
    };
    Object.assign(mine.engine.target.cloud, { stateObjects: refuse });
    expect(await mine.fetch()).to.equal(undefined);
  });

  it('that cannot be asked for, or told, are a warning and no failure', async () => {
    const mine = machine(new Map(), [app]);
    const refuse = async () => {
      throw new FailedError('storage.refused', { message: 'No answer.' });
    };
    Object.assign(mine.engine.target.cloud, { stateObjects: refuse, writeStateObject: refuse });
    expect(await mine.fetch()).to.match(/may be missing here: No answer/);
    await shareApplied(mine.engine, app, true);
    expect(mine.events).to.deep.equal([
      'No answer. So other machines do not know yet what app-notes is; the next apply tells them.',
    ]);
  });
});
