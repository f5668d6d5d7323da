import { expect } from 'chai';
import { basisOf } from '../../../src/engine/basis.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { readInputs } from '../../../src/engine/inputs.ts';
import { keepPlan, readKeptPlan } from '../../../src/engine/kept-plan.ts';
import { layoutOf } from '../../../src/engine/layout.ts';
import type { EnvironmentPlan } from '../../../src/engine/stack-plan.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { ObjectChange } from '../../../src/ports/cluster.ts';
import { aBlueprint, aKubernetesSecret, aStack, origin } from '../../support/blueprint.ts';
import { fakePorts } from '../../support/fakes.ts';
import { changeOf, planOf } from './sketches.ts';

const folder = '/w/.ffops/dev';
const stack = aStack({ credentials: { DIGITALOCEAN_TOKEN: 'digitalocean.token' } });
const planFile = `${folder}/plans/one/app-shop.tfplan`;
const shown: EnvironmentPlan = {
  run: 'one',
  environment: 'dev',
  destroy: false,
  formerVolumes: [],
  stacks: [planOf('app-shop', { state: 'planned', changes: [changeOf({ title: 'canary of the plan' })], planFile })],
};
const namespace: ObjectChange = {
  stack: 'app-shop',
  kind: 'Namespace',
  namespace: '',
  name: 'shop',
  action: 'create',
  origin,
  rolls: [],
};

/** An environment whose parts a test changes between the plan and the apply. */
function world() {
  const fakes = fakePorts({
    files: {
      '/tools/tofu': 'binary',
      [`${folder}/stacks/app-shop/main.tf`]: 'resource {}',
      [`${folder}/stacks/app-shop/values/shop.yaml`]: 'a: 1',
      [`${folder}/state/app-shop.tfstate`]: 'serial 1',
      [planFile]: 'encrypted',
    },
  });
  const secrets: Record<string, string> = {};
  const now = { objects: [] as readonly ObjectChange[], tofuVariables: {} as Record<string, string> };
  const target = {
    blueprint: aBlueprint({ stacks: [stack], kubernetesSecrets: [aKubernetesSecret()] }),
    surroundings: { root: '.ffops', variables: {}, tofuVariables: {} },
    machine: { cores: 2 },
    workspace: '/w',
    secrets: { get: async (name: string) => new Secret(secrets[name] ?? `value of ${name}`) },
    cluster: { compareObjects: async () => now.objects },
  };
  const engine = {
    ports: fakes.ports,
    target,
    layout: layoutOf(target as never),
    tofu: '/tools/tofu',
  } as unknown as Engine;
  const wishes = { adopt: [] as string[], loseData: [] as string[] };
  const basis = () => basisOf(engine, readInputs(engine), [stack], wishes);
  return {
    ...fakes,
    secrets,
    now,
    wishes,
    keep: async (plan = shown) => keepPlan(engine, await basis(), plan),
    read: () => readKeptPlan(engine, basis),
  };
}
type World = ReturnType<typeof world>;

describe('a plan that is kept for the apply', () => {
  it('is taken as it was shown when nothing has changed, and can be read by nobody else', async () => {
    const { keep, read, files } = world();
    await keep();
    const found = await read();
    expect(found?.earlier).to.deep.equal({ run: 'one', madeAt: '2026-01-15T03:00:00.000Z', used: true });
    expect(found?.plan).to.deep.equal(shown);
    expect(files.content.get(`${folder}/plan.sealed`))
      .not.to.include('canary')
      .and.not.to.include('app-shop');
    expect(files.modes.get(`${folder}/plan.sealed`)).to.equal(0o600);
  });

  const changes: readonly (readonly [string, (world: World) => unknown])[] = [
    [
      'the files of app-shop changed since',
      ({ files }) => files.write(`${folder}/stacks/app-shop/values/shop.yaml`, 'a: 2'),
    ],
    ['the files of app-shop changed since', ({ files }) => files.write(`${folder}/stacks/app-shop/more.tf`, '')],
    ['a variable or a key of app-shop changed since', ({ secrets }) => (secrets['digitalocean.token'] = 'another')],
    ['a secret of app-shop changed since', ({ secrets }) => (secrets['shop.token'] = 'another')],
    ['the state of app-shop changed since', ({ files }) => files.write(`${folder}/state/app-shop.tfstate`, 'serial 2')],
    ['the state of base changed since', ({ files }) => files.write(`${folder}/state/base.tfstate`, 'serial 1')],
    ['what may be adopted or lost changed since', ({ wishes }) => wishes.adopt.push('domain/shop.test')],
    ['OpenTofu changed since', ({ files }) => files.write('/tools/tofu', 'a newer binary')],
    ['it is more than an hour old', ({ clock }) => clock.advance(61 * 60 * 1000)],
    ['its files are gone', ({ files }) => files.remove(planFile)],
    ["one of ffops' own Namespaces or Secrets in the cluster changed since", ({ now }) => (now.objects = [namespace])],
  ];
  for (const [because, change] of changes) {
    it(`is made anew: ${because}`, async () => {
      const before = world();
      await before.keep();
      await change(before);
      const found = await before.read();
      expect(found?.earlier).to.include({ used: false, because });
      expect(found).not.to.have.property('plan');
    });
  }

  it('is not disturbed by what tools write beside the module', async () => {
    const { keep, read, files } = world();
    await keep();
    await files.write(`${folder}/stacks/app-shop/.terraform.lock.hcl`, 'provider {}');
    await files.write(`${folder}/stacks/app-shop/.terraform/ffops-init`, 'x');
    expect((await read())?.earlier.used).to.equal(true);
  });

  it('is the last one that was shown: one with nothing to do, or that failed, leaves none', async () => {
    for (const state of ['unchanged', 'failed', 'stopped'] as const) {
      const { keep, read } = world();
      await keep();
      await keep({
        ...shown,
        stacks: [...shown.stacks.slice(0, state === 'unchanged' ? 0 : 1), planOf('base', { state })],
      });
      expect(await read(), state).to.equal(undefined);
    }
  });

  it('is none when it was sealed with another passphrase, or is damaged', async () => {
    const { keep, read, secrets, files } = world();
    await keep();
    secrets['state.passphrase'] = 'another';
    expect(await read()).to.equal(undefined);
    await files.write(`${folder}/plan.sealed`, 'cut sho');
    expect(await read()).to.equal(undefined);
  });
});
