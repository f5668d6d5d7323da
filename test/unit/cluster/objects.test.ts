import { expect } from 'chai';
import { compareObjects, deliverObjects, removeObjects } from '../../../src/cluster/objects.ts';
import { pruneSecrets, unwantedSecrets } from '../../../src/cluster/prune.ts';
import { stampWorkloads } from '../../../src/cluster/workloads.ts';
import { aBlueprint, aKubernetesSecret, aRelease, aStack } from '../../support/blueprint.ts';
import { revealed } from '../../support/fakes.ts';
import { aScene, failure, pin, type Scene } from './harness.ts';

const release = aRelease({ reads: ['shop/shop-token'] });
const stack = aStack({ releases: [release] });
const blueprint = aBlueprint({
  stacks: [stack],
  kubernetesSecrets: [aKubernetesSecret({ data: { token: [{ text: 'pre-' }, { secret: 'shop.token' }] } })],
});
const secrets = { 'shop.token': 'canary' };
const client = { 'ffops.dev/postgres': 'client', 'pod-security.kubernetes.io/enforce': 'restricted' };

interface Manifest {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly annotations?: Record<string, string>;
    readonly labels?: Record<string, string>;
  };
  readonly data?: Record<string, string>;
  readonly spec?: unknown;
}

function appliedBy(scene: Scene): readonly Manifest[] {
  const call = scene.fakes.runner.calls.find(({ args }) => args.includes('apply'));
  return (JSON.parse(revealed(call?.stdin) ?? '{"items":[]}') as { items: Manifest[] }).items;
}

async function delivered(): Promise<readonly Manifest[]> {
  const scene = aScene(blueprint, { secrets });
  scene.found('namespaces', []);
  scene.found('secrets', []);
  scene.expect('kubectl', 'apply');
  await deliverObjects(scene.deps, pin, stack);
  return appliedBy(scene);
}

describe('namespaces and Secrets of a stack', () => {
  it('are all to be created before there is a cluster', async () => {
    const changes = await compareObjects(aScene(blueprint, { secrets }).deps, undefined, [stack]);
    expect(changes.map(({ kind, name, action }) => `${action} ${kind} ${name}`)).to.deep.equal([
      'create Namespace shop',
      'create Secret shop-token',
    ]);
  });

  it('are applied in one go: values in stdin only, namespaces first, with labels that say whose they are', async () => {
    const scene = aScene(blueprint, { secrets });
    scene.found('namespaces', []);
    scene.found('secrets', []);
    scene.expect('kubectl', 'apply');
    await deliverObjects(scene.deps, pin, stack);
    const [namespace, secret] = appliedBy(scene);
    expect(namespace?.kind).to.equal('Namespace');
    expect(secret?.data).to.deep.equal({ token: Buffer.from('pre-canary').toString('base64') });
    expect(secret?.metadata.labels).to.deep.equal({
      'app.kubernetes.io/managed-by': 'ffops',
      'ffops.dev/environment': 'dev',
      'ffops.dev/stack': 'app-shop',
      'velero.io/exclude-from-backup': 'true',
    });
    expect(namespace?.metadata.labels, 'what is in it is backed up').not.to.have.property(
      'velero.io/exclude-from-backup',
    );
    expect(secret?.metadata.annotations?.['ffops.dev/digest']).to.match(/^[0-9a-f]{32}$/);
    expect(JSON.stringify(scene.fakes.runner.calls.map(({ args, env }) => [args, env]))).not.to.contain('canary');
    expect(scene.fakes.files.writes).to.deep.equal([]);
    scene.fakes.verify();
  });

  it('that are there as delivered are left alone: the second plan is empty', async () => {
    const [namespace, secret] = await delivered();
    const scene = aScene(blueprint, { secrets });
    scene.found('namespaces', [namespace!]);
    scene.found('secrets', [secret!]);
    expect(await deliverObjects(scene.deps, pin, stack)).to.deep.equal([]);
    scene.fakes.verify();
  });

  it('are updated when the value changed here or there, and say what restarts', async () => {
    const [namespace, secret] = await delivered();
    const byHand = { ...secret!, data: { token: 'eA==' } };
    for (const [live, value] of [
      [secret!, 'another'],
      [byHand, 'canary'],
    ] as const) {
      const scene = aScene(blueprint, { secrets: { 'shop.token': value } });
      scene.found('namespaces', [namespace!]);
      scene.found('secrets', [live]);
      const changes = await compareObjects(scene.deps, pin, [stack]);
      expect(changes).to.have.length(1);
      expect(changes[0]).to.include({ kind: 'Secret', action: 'update' });
      expect(changes[0]?.rolls).to.deep.equal(['shop']);
    }
  });

  it('that somebody changed are told from those that the environment changed', async () => {
    const [namespace, secret] = await delivered();
    const relabelled = { ...secret!, metadata: { ...secret!.metadata, labels: {} } };
    const byHand = { ...secret!, data: { token: 'eA==' } };
    for (const [live, value, expected] of [
      [secret!, 'another', undefined],
      [byHand, 'canary', true],
      [byHand, 'another', true],
      [relabelled, 'canary', true],
    ] as const) {
      const scene = aScene(blueprint, { secrets: { 'shop.token': value } });
      scene.found('namespaces', [namespace!]);
      scene.found('secrets', [live]);
      expect((await compareObjects(scene.deps, pin, [stack])).map((change) => change.byHand)).to.deep.equal([expected]);
    }
  });

  it('are labelled anew when a namespace of ours says less, or more, than it should', async () => {
    const labelled = { ...blueprint, namespaces: blueprint.namespaces.map((one) => ({ ...one, labels: client })) };
    const own = { 'ffops.dev/environment': 'dev', 'ffops.dev/stack': 'app-shop' };
    const ours = { 'app.kubernetes.io/managed-by': 'ffops', ...own };
    const live = (labels: object) => ({ kind: 'Namespace', metadata: { name: 'shop', labels } });
    for (const [labels, updates] of [
      [{ ...ours, ...client, theirs: 'x' }, 0],
      [ours, 1],
      [{ ...ours, ...client, 'ffops.dev/postgres': 'other' }, 1],
      [{ ...ours, ...client, 'ffops.dev/mariadb': 'client' }, 1],
      [{ theirs: 'x' }, 0],
    ] as const) {
      const scene = aScene({ ...labelled, kubernetesSecrets: [] });
      scene.found('namespaces', [live(labels)]);
      if (updates > 0) scene.expect('kubectl', 'apply');
      const changes = await deliverObjects(scene.deps, pin, stack);
      expect(changes.map(({ action, kind }) => `${action} ${kind}`)).to.deep.equal(
        updates === 0 ? [] : ['update Namespace'],
      );
      if (updates > 0) expect(appliedBy(scene)[0]?.metadata.labels).to.deep.equal({ ...client, ...ours });
      scene.fakes.verify();
    }
  });

  it('of another environment stop everything; a namespace that nobody owns is used as it is', async () => {
    const foreign = { kind: 'Namespace', metadata: { name: 'shop', labels: { 'ffops.dev/environment': 'prod' } } };
    const scene = aScene(blueprint, { secrets });
    scene.found('namespaces', [foreign]);
    scene.found('secrets', []);
    expect((await failure(compareObjects(scene.deps, pin, [stack]))).code).to.equal('cluster.foreignObject');

    const nobodys = aScene(blueprint, { secrets });
    nobodys.found('namespaces', [{ kind: 'Namespace', metadata: { name: 'shop' } }]);
    nobodys.found('secrets', []);
    expect((await compareObjects(nobodys.deps, pin, [stack])).map(({ kind }) => kind)).to.deep.equal(['Secret']);
  });

  it('that are refused show no value, however kubectl quotes it', async () => {
    const scene = aScene(blueprint, { secrets });
    scene.found('namespaces', []);
    scene.found('secrets', []);
    const base64 = Buffer.from('pre-canary').toString('base64');
    scene.expect('kubectl', 'apply', { exitCode: 1, stderr: `error: bad value "pre-canary" (${base64})` });
    const error = await failure(deliverObjects(scene.deps, pin, stack));
    expect(error.message).to.contain('bad value "[secret]" ([secret])');
    expect(JSON.stringify(error.problems)).not.to.contain('canary').and.not.to.contain(base64);
  });

  it('are asked about in no cluster when a stack has none', async () => {
    const scene = aScene(aBlueprint({ namespaces: [] }));
    expect(await deliverObjects(scene.deps, pin, stack)).to.deep.equal([]);
    expect(scene.fakes.runner.calls).to.deep.equal([]);
  });

  it('go with their stack; a namespace with volumes or with others’ releases stays, and says why', async () => {
    const own = [
      { kind: 'Secret', metadata: { name: 'shop-token', namespace: 'shop' } },
      { kind: 'Secret', metadata: { name: 'postgres-superuser', namespace: 'data' } },
      { kind: 'Namespace', metadata: { name: 'shop' } },
      { kind: 'Namespace', metadata: { name: 'data' } },
      { kind: 'Namespace', metadata: { name: 'empty' } },
    ];
    const scene = aScene(blueprint);
    scene.found('namespaces', own);
    scene.found('persistentvolumeclaims', [
      { kind: 'PersistentVolumeClaim', metadata: { name: 'data-postgres-0', namespace: 'data' } },
    ]);
    scene.found('secrets', [
      { kind: 'Secret', metadata: { name: 'x', namespace: 'shop', labels: { name: 'theirs' } } },
    ]);
    const deleted: string[] = [];
    scene.fakes.runner.allow({ program: 'kubectl', args: (args) => args[4] === 'delete' }, ({ args }) => {
      deleted.push(args.slice(5, 7).join('/'));
      return {};
    });
    expect(await removeObjects(scene.deps, pin, stack)).to.deep.equal([
      { kind: 'namespace', name: 'shop', reason: 'other Helm releases live in it: theirs' },
      { kind: 'namespace', name: 'data', reason: 'it still has volumes: data-postgres-0' },
    ]);
    expect(deleted).to.deep.equal(['secret/shop-token', 'namespace/empty']);
  });
});

describe('a Secret that the environment does not want any more', () => {
  const labels = {
    'app.kubernetes.io/managed-by': 'ffops',
    'ffops.dev/environment': 'dev',
    'ffops.dev/stack': 'app-shop',
  };
  const secretNamed = (name: string, over: Record<string, string> = {}) => ({
    kind: 'Secret',
    metadata: { name, namespace: 'shop', labels: { ...labels, ...over } },
  });
  const claim = (release: string) => ({
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'files', namespace: 'shop', labels: { 'app.kubernetes.io/instance': release } },
  });

  async function unwanted(claims: readonly object[]) {
    const scene = aScene(blueprint);
    scene.found('secrets', [
      secretNamed('shop-token'),
      secretNamed('old'),
      secretNamed('other', { 'ffops.dev/stack': 'infra' }),
    ]);
    scene.found('persistentvolumeclaims', claims);
    return (await unwantedSecrets(scene.deps, pin, [stack])).map(({ name, action }) => `${action} ${name}`);
  }

  it('is to be removed with its stack, beside volumes that are in use too', async () => {
    expect(await unwanted([])).to.deep.equal(['delete old']);
    expect(await unwanted([claim('shop')])).to.deep.equal(['delete old']);
  });

  it('stays where data was kept that nobody uses now', async () => {
    expect(await unwanted([claim('a-former-release')])).to.deep.equal([]);
  });

  it('is not the one that a Job of the databases reads: it goes with its Job', async () => {
    const database = {
      engine: 'postgres',
      namespace: 'shop',
      stack: 'app-shop',
      cronJob: 'make',
      secret: 'old',
    } as const;
    const scene = aScene({ ...blueprint, provisioners: [database] });
    scene.found('secrets', [secretNamed('old')]);
    expect(await unwantedSecrets(scene.deps, pin, [stack])).to.deep.equal([]);
  });

  it('costs one question when there is none, and none where a stack has no cluster', async () => {
    const scene = aScene(blueprint);
    scene.found('secrets', [secretNamed('shop-token')]);
    expect(await unwantedSecrets(scene.deps, pin, [stack])).to.deep.equal([]);
    expect(await unwantedSecrets(scene.deps, pin, [aStack({ needsCluster: false })])).to.deep.equal([]);
    scene.fakes.verify();
  });

  it('is removed by name, and a refusal is told', async () => {
    const scene = aScene(blueprint);
    scene.found('secrets', [secretNamed('old')], 2);
    scene.found('persistentvolumeclaims', [], 2);
    scene.expect('kubectl', 'delete');
    await pruneSecrets(scene.deps, pin, stack);
    expect(scene.fakes.runner.calls.at(-1)?.args).to.include.members(['secret', 'old', 'shop']);
    scene.expect('kubectl', 'delete', { exitCode: 1, stderr: 'error: forbidden' });
    expect((await failure(pruneSecrets(scene.deps, pin, stack))).message)
      .to.contain('shop/old')
      .and.to.contain('forbidden');
  });
});

describe('a Secret that changed', () => {
  const written = '2026-01-01T00:00:10Z';
  const secret = (digest: string, time = written) => ({
    kind: 'Secret',
    metadata: {
      name: 'shop-token',
      namespace: 'shop',
      annotations: { 'ffops.dev/digest': digest },
      managedFields: [{ manager: 'ffops', time }],
    },
  });
  const workload = (over: object = {}, template: Record<string, string> = {}) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'shop',
      namespace: 'shop',
      creationTimestamp: '2026-01-01T00:00:11Z',
      annotations: { 'meta.helm.sh/release-name': 'shop', ...over },
    },
    spec: { template: { metadata: { annotations: template } } },
  });

  async function stamp(object: object, live: object) {
    const scene = aScene(blueprint);
    scene.found('deployments', [object]);
    scene.found('secrets', [live]);
    scene.fakes.runner.allow({ program: 'kubectl', args: (args) => args.includes('apply') });
    const rolled = await stampWorkloads(scene.deps, pin, stack);
    const call = scene.fakes.runner.calls.find(({ args }) => args.includes('apply'));
    return { rolled, manifest: appliedBy(scene)[0], manager: call?.args[call.args.indexOf('--field-manager') + 1] };
  }

  it('restarts nothing that started after it: the digest is only noted', async () => {
    const { rolled, manifest, manager } = await stamp(workload(), secret('one'));
    expect(rolled).to.deep.equal([]);
    expect(manager).to.equal('ffops-roll');
    expect(manifest?.metadata.annotations).to.have.property('ffops.dev/secrets');
    expect(manifest).not.to.have.property('spec');
  });

  it('restarts what has read the one before, by the pod template', async () => {
    const noted = (await stamp(workload(), secret('one'))).manifest?.metadata.annotations ?? {};
    const { rolled, manifest } = await stamp(workload(noted), secret('two'));
    expect(rolled).to.deep.equal([{ namespace: 'shop', workload: 'deployment/shop' }]);
    expect(manifest?.spec).to.deep.equal({ template: { metadata: { annotations: manifest?.metadata.annotations } } });
  });

  it('restarts what started before it and was never told', async () => {
    const { rolled } = await stamp(workload(), secret('one', '2026-01-01T00:05:00Z'));
    expect(rolled).to.have.length(1);
  });

  it('is told once', async () => {
    const noted = (await stamp(workload(), secret('one'))).manifest?.metadata.annotations ?? {};
    expect(await stamp(workload(noted), secret('one'))).to.deep.equal({
      rolled: [],
      manifest: undefined,
      manager: undefined,
    });
    expect(await stamp(workload({}, noted), secret('one'))).to.deep.equal({
      rolled: [],
      manifest: undefined,
      manager: undefined,
    });
  });

  it('does not concern the workloads of other releases', async () => {
    const { manifest } = await stamp(workload({ 'meta.helm.sh/release-name': 'other' }), secret('one'));
    expect(manifest).to.equal(undefined);
  });
});
