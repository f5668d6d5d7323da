import { expect } from 'chai';
import { keptVolumesIn, releaseCloudResources, releaseVolumes } from '../../../src/cluster/leftovers.ts';
import { diffManifests, releaseDiff } from '../../../src/cluster/release-diff.ts';
import { settleRelease } from '../../../src/cluster/releases.ts';
import { aBlueprint, aRelease, aStack } from '../../support/blueprint.ts';
import { parseObjects } from '../../../src/tools/kubectl.ts';
import { revealed } from '../../support/fakes.ts';
import { aScene, pin, type Scene } from './harness.ts';

const secret = (value: string) => `kind: Secret\nmetadata: {name: s}\ndata: {password: ${value}, user: bWU=}\n`;
const configMap = (name: string, text: string) => `kind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  a: ${text}\n`;

describe('the objects inside a release', () => {
  it('are the same in whatever order and layout', async () => {
    const before = `---\n# Source: a\n${configMap('one', 'x')}---\n${configMap('two', 'y')}---\n---\n# nothing\n`;
    const after = `${configMap('two', '"y"')}---\ndata: {a: 'x'}\nmetadata: {name: one}\nkind: ConfigMap\n`;
    expect(await diffManifests(before, after)).to.equal('');
  });

  it('appear, go and change, one block each', async () => {
    const text = await diffManifests(
      `${configMap('gone', 'x')}---\n${configMap('kept', 'x')}`,
      `${configMap('kept', 'z')}---\n${configMap('new', 'x')}`,
    );
    expect(text.split('\n')).to.deep.equal([
      '- ConfigMap gone',
      '~ ConfigMap kept',
      '  @@',
      '   data:',
      '  -  a: x',
      '  +  a: z',
      '   kind: ConfigMap',
      '   metadata:',
      '+ ConfigMap new',
    ]);
  });

  it('say that a secret value changed, never what it is', async () => {
    const text = await diffManifests(secret('Y2FuYXJ5'), secret('b3RoZXI='));
    expect(text)
      .to.match(/-\s+password: '?\[secret [0-9a-f]{4}\]'?/)
      .and.to.match(/\+\s+password: '?\[secret [0-9a-f]{4}\]'?/);
    expect(text).not.to.contain('Y2FuYXJ5').and.not.to.contain('b3RoZXI');
    expect(await diffManifests(secret('Y2FuYXJ5'), secret('Y2FuYXJ5'))).to.equal('');
  });

  it('are rendered from the plan’s values, later documents over earlier ones', async () => {
    const scene = aScene(aBlueprint());
    scene.expect('helm', 'manifest', { stdout: configMap('one', 'x') });
    scene.fakes.runner.expect(
      { program: 'helm', cwd: '/w/stacks/shop', args: (args) => args[0] === 'upgrade' && args[2] === '../c.tgz' },
      (command) => {
        expect(revealed(command.stdin)).to.equal('a:\n  b: 2\n  c: 3\nlist:\n  - z\n');
        return { stdout: JSON.stringify({ manifest: configMap('one', 'z') }) };
      },
    );
    const planned = {
      folder: '/w/stacks/shop',
      chart: '../c.tgz',
      values: ['a: {b: 1, c: 3}\nlist: [x, y]\n', '', 'a: {b: 2}\nlist: [z]\n'],
    };
    expect((await releaseDiff(scene.deps, pin, aRelease(), planned)).text).to.contain('+  a: z');
    scene.fakes.verify();
  });

  it('that cannot be rendered leave a plan that is worth having', async () => {
    const scene = aScene(aBlueprint());
    scene.expect('helm', 'manifest', { stdout: '' });
    scene.expect('helm', 'upgrade', { exitCode: 1, stderr: 'Error: another operation is in progress' });
    const { text } = await releaseDiff(scene.deps, pin, aRelease(), { folder: '/w', chart: './c', values: [] });
    expect(text).to.contain('cannot be shown').and.to.contain('another operation is in progress');
  });
});

describe('a release that was interrupted', () => {
  const pending = { release: 'shop', namespace: 'shop', status: 'pending-upgrade', revision: 4 };
  const history = (...statuses: readonly string[]) => ({
    stdout: JSON.stringify(statuses.map((status, index) => ({ revision: index + 1, status, updated: '', chart: '' }))),
  });
  const helmRan = (scene: Scene) =>
    scene.fakes.runner.calls.filter(({ program }) => program === 'helm').map(({ args }) => args.slice(0, 3).join(' '));

  it('goes back to its last good revision', async () => {
    const scene = aScene(aBlueprint());
    scene.expect('helm', 'history', history('superseded', 'failed', 'deployed', 'pending-upgrade'));
    scene.expect('helm', 'rollback');
    expect(await settleRelease(scene.deps, pin, pending)).to.contain('back to revision 3');
    expect(helmRan(scene)).to.include('rollback shop 3');
  });

  it('is taken back when it was never installed whole', async () => {
    const scene = aScene(aBlueprint());
    scene.expect('helm', 'history', history('pending-install'));
    scene.expect('helm', 'manifest', { stdout: configMap('one', 'x') });
    scene.expect('helm', 'uninstall');
    expect(await settleRelease(scene.deps, pin, { ...pending, status: 'pending-install', revision: 1 })).to.contain(
      'Removed the interrupted install',
    );
    scene.fakes.verify();
  });

  it('is only forgotten when taking it back would delete a volume', async () => {
    const scene = aScene(aBlueprint());
    scene.expect('helm', 'history', history('pending-install'));
    scene.expect('helm', 'manifest', { stdout: 'kind: PersistentVolumeClaim\nmetadata: {name: data}\n' });
    scene.found('secrets', [{ kind: 'Secret', metadata: { name: 'sh.helm.release.v1.shop.v1', namespace: 'shop' } }]);
    scene.expect('kubectl', 'sh.helm.release.v1.shop.v1');
    expect(await settleRelease(scene.deps, pin, { ...pending, revision: 1 })).to.contain(
      'takes over its objects and volumes',
    );
    const asked = scene.fakes.runner.calls.find(({ args }) => args.includes('--selector'));
    expect(asked?.args).to.include('owner=helm,name=shop,version=1');
    scene.fakes.verify();
  });

  it('is removed to the end when that is what was interrupted', async () => {
    const scene = aScene(aBlueprint());
    scene.expect('helm', 'uninstall');
    expect(await settleRelease(scene.deps, pin, { ...pending, status: 'uninstalling' })).to.contain('Finished');
  });

  it('that Helm cannot put in order says why', async () => {
    const scene = aScene(aBlueprint());
    scene.expect('helm', 'history', history('deployed', 'pending-upgrade'));
    scene.expect('helm', 'rollback', { exitCode: 1, stderr: 'Error: timed out' });
    let message = '';
    await settleRelease(scene.deps, pin, pending).catch((error: Error) => (message = error.message));
    expect(message).to.equal('shop could not be rolled back to revision 1: timed out');
  });
});

describe('what Kubernetes made in the cloud', () => {
  const release = aRelease({
    name: 'postgres',
    namespace: 'data',
    holdsData: { name: 'postgres', what: 'every database' },
  });
  const cache = aRelease({ name: 'cache', namespace: 'data' });
  const blueprint = aBlueprint({
    stacks: [aStack({ releases: [release, cache] })],
    volumes: [
      {
        name: 'data-postgres',
        namespace: 'data',
        release: 'postgres',
        size: '10Gi',
        owner: 'postgres',
        fileBackup: false,
      },
    ],
  });
  const claim = (name: string, labels: Record<string, string> = {}, namespace = 'data') => ({
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace, uid: `claim-${name}`, labels },
  });
  const volume = (name: string, policy = 'Delete') => ({
    kind: 'PersistentVolume',
    metadata: { name: `pvc-${name}`, uid: `volume-${name}` },
    spec: { claimRef: { uid: `claim-${name}` }, persistentVolumeReclaimPolicy: policy },
  });
  const balancer = {
    kind: 'Service',
    metadata: {
      name: 'traefik',
      namespace: 'infra',
      uid: 'x-y',
      annotations: { 'kubernetes.digitalocean.com/load-balancer-id': 'lb-1' },
    },
    spec: { type: 'LoadBalancer' },
  };

  async function leave(live: readonly object[], loseData: readonly string[], gone = true) {
    const scene = aScene(blueprint);
    scene.found('pods', live);
    scene.fakes.runner.allow({ program: 'kubectl', args: (args) => args[4] === 'delete' || args[4] === 'apply' });
    scene.fakes.runner.allow(
      { program: 'kubectl', args: (args) => args[4] === 'get' },
      { stdout: gone ? '' : JSON.stringify({ kind: 'List', items: live }) },
    );
    const result = await releaseCloudResources(scene.deps, pin, new Set(loseData));
    const done = scene.fakes.runner.calls
      .filter(({ args }) => args[4] !== 'get')
      .map(({ args }) => args.slice(4, 7).join(' '));
    return { result, done };
  }

  it('goes: load balancers, and volumes that hold no data', async () => {
    const { result, done } = await leave(
      [balancer, claim('files', { 'app.kubernetes.io/instance': 'cache' }), volume('files')],
      [],
    );
    expect(result.removed.map(({ kind, name }) => `${kind} ${name}`)).to.deep.equal([
      'load balancer lb-1',
      'volume pvc-files',
    ]);
    expect(result.kept).to.deep.equal([]);
    expect(done).to.deep.equal(['delete service traefik', 'delete persistentvolumeclaim files']);
  });

  it('stays when it holds data that nobody named, and says by which name it could go', async () => {
    const live = [claim('data-postgres-0'), volume('data-postgres-0')];
    const { result, done } = await leave(live, []);
    expect(result.kept).to.deep.equal([
      {
        kind: 'volume',
        name: 'pvc-data-postgres-0',
        data: 'postgres',
        reason:
          'claim data/data-postgres-0 holds every database; `ffops destroy -e dev --allow-data-loss postgres` deletes it',
      },
    ]);
    expect(done).to.deep.equal([]);
    expect((await leave(live, ['postgres'])).result.removed.map(({ name }) => name)).to.deep.equal([
      'pvc-data-postgres-0',
    ]);
  });

  it('of others is data until it is named', async () => {
    const live = [claim('by-hand', {}, 'theirs'), volume('by-hand')];
    expect((await leave(live, [])).result.kept[0]?.reason).to.contain('--allow-data-loss theirs/by-hand');
    expect((await leave(live, ['theirs/by-hand'])).done).to.deep.equal(['delete persistentvolumeclaim by-hand']);
  });

  it('does not outlive its claim, whatever its storage class says', async () => {
    const { done } = await leave([claim('data-postgres-0'), volume('data-postgres-0', 'Retain')], ['postgres']);
    expect(done).to.deep.equal([
      'apply --server-side --force-conflicts',
      'delete persistentvolumeclaim data-postgres-0',
    ]);
  });

  it('in use stays: its pod would write into nothing', async () => {
    const pod = {
      kind: 'Pod',
      metadata: { name: 'job', namespace: 'data' },
      spec: { volumes: [{ persistentVolumeClaim: { claimName: 'files' } }] },
      status: { phase: 'Running' },
    };
    const files = claim('files', { 'app.kubernetes.io/instance': 'cache' });
    expect((await leave([files, pod], [])).result.kept[0]?.reason).to.equal('claim data/files is in use by data/job');
    const leaving = { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect((await leave([files, leaving], [])).result.kept).to.deep.equal([]);
  });

  it('that does not go in time is neither gone nor kept on purpose: the inventory calls it an orphan', async () => {
    const { result } = await leave([balancer], [], false);
    expect(result).to.deep.equal({ removed: [], kept: [] });
  });

  describe('while the cluster stays, for one stack', () => {
    const shop = aRelease({ name: 'shop', namespace: 'shop', holdsData: { name: 'shop-files', what: 'every file' } });
    const going = aStack({ name: 'app-shop', releases: [shop] });
    const staying = aStack({ name: 'data', releases: [release, cache] });
    const whole = { ...blueprint, stacks: [staying, going] };
    const own = claim('files-shop-0', { 'app.kubernetes.io/instance': 'shop' }, 'shop');
    const others = [claim('data-postgres-0'), volume('data-postgres-0')];

    const named = JSON.stringify({ name: 'shop-files', what: 'every file' });

    describe('is found again later', () => {
      const namespace = (name: string, environment = 'prod') => ({
        kind: 'Namespace',
        metadata: { name, labels: { 'ffops.dev/environment': environment, 'ffops.dev/stack': 'app-shop' } },
      });
      const parsed = (...items: readonly object[]) => parseObjects(JSON.stringify({ kind: 'List', items }));
      const left = {
        ...own,
        metadata: { ...own.metadata, annotations: { 'ffops.dev/data': named } },
      };
      const withoutShop = { ...blueprint, environment: 'prod', stacks: [staying] };

      it('by what is written on it, when the environment has forgotten its app', () => {
        const all = parsed(namespace('shop'), left, volume('files-shop-0'));
        expect(keptVolumesIn(withoutShop, all, [])).to.deep.equal([
          {
            stack: 'app-shop',
            namespace: 'shop',
            claim: 'files-shop-0',
            volume: 'pvc-files-shop-0',
            data: { name: 'shop-files', what: 'every file' },
            deletedBy: 'ffops destroy -e prod --stack app-shop --allow-data-loss shop-files',
          },
        ]);
      });

      it('and is deleted alone where its stack goes on with other releases', () => {
        const goesOn = { ...withoutShop, stacks: [staying, { ...going, releases: staying.releases }] };
        const [kept] = keptVolumesIn(goesOn, parsed(namespace('shop'), left), []);
        expect(kept?.deletedBy).to.equal(
          'ffops kube -e prod -- delete persistentvolumeclaim files-shop-0 --namespace shop',
        );
      });

      it('beside another release of its namespace that stays', () => {
        const all = parsed(namespace('shop'), left);
        const other = { release: 'other', namespace: 'shop' };
        expect(keptVolumesIn(withoutShop, all, [other]).map(({ claim }) => claim)).to.deep.equal(['files-shop-0']);
        expect(keptVolumesIn(withoutShop, all, [other, { release: 'shop', namespace: 'shop' }])).to.deep.equal([]);
      });

      it('but not what an operator made, while a release of its namespace is there', () => {
        const labels = { 'app.kubernetes.io/instance': 'prometheus-of-an-operator' };
        const made = claim('db-0', labels, 'shop');
        const nameless = JSON.stringify({ name: 'shop/db-0', what: 'data that ffops knows nothing of' });
        const written = { ...made, metadata: { ...made.metadata, annotations: { 'ffops.dev/data': nameless } } };
        const all = parsed(namespace('shop'), written);
        expect(keptVolumesIn(withoutShop, all, [{ release: 'metrics', namespace: 'shop' }])).to.deep.equal([]);
        expect(keptVolumesIn(withoutShop, all, [])).to.have.length(1);
      });

      it('by its release, as long as the environment knows that', () => {
        const all = parsed(namespace('shop'), own);
        const found = keptVolumesIn({ ...whole, environment: 'prod' }, all, []);
        expect(found.map(({ stack, claim }) => [stack, claim])).to.deep.equal([['app-shop', 'files-shop-0']]);
      });

      it('and not taken for left while its release is there, nor in a namespace of others, nor when nobody knows it', () => {
        const there = [{ release: 'shop', namespace: 'shop' }];
        expect(keptVolumesIn({ ...whole, environment: 'prod' }, parsed(namespace('shop'), own), there)).to.deep.equal(
          [],
        );
        expect(keptVolumesIn(withoutShop, parsed(namespace('shop', 'other'), left), [])).to.deep.equal([]);
        expect(keptVolumesIn(withoutShop, parsed(left), [])).to.deep.equal([]);
        expect(keptVolumesIn(withoutShop, parsed(namespace('shop'), own), [])).to.deep.equal([]);
      });
    });

    async function release_(
      stack: typeof going,
      loseData: readonly string[],
      ...looks: readonly (readonly object[])[]
    ) {
      const scene = aScene(stack === going ? whole : { ...blueprint, stacks: [staying] });
      for (const live of looks) scene.found('pods', live);
      scene.fakes.runner.allow({ program: 'kubectl', args: (args) => args[4] === 'delete' || args[4] === 'apply' });
      scene.fakes.runner.allow({ program: 'kubectl', args: (args) => args[4] === 'get' }, { stdout: '' });
      const result = await releaseVolumes(scene.deps, pin, stack, new Set(loseData));
      const deleted = scene.fakes.runner.calls.filter(({ args }) => args[4] === 'delete').map(({ args }) => args[6]);
      const written = scene.fakes.runner.calls
        .filter(({ args }) => args[4] === 'apply')
        .map(({ stdin }) => (JSON.parse(revealed(stdin) ?? '') as { metadata: object }).metadata);
      return { result, deleted, written };
    }

    it('stays unless it is named, and nothing of other stacks is touched whatever is named', async () => {
      const live = [own, volume('files-shop-0'), ...others];
      const spared = await release_(going, ['postgres'], live);
      expect(spared.result.kept.map(({ name, data }) => [name, data])).to.deep.equal([
        ['pvc-files-shop-0', 'shop-files'],
      ]);
      expect(spared.deleted).to.deep.equal([]);
      expect(spared.result.kept[0]?.reason, 'how it is deleted later').to.include(
        '`ffops destroy -e dev --stack app-shop --allow-data-loss shop-files`',
      );
      expect(spared.written, 'what tells later what it holds').to.deep.equal([
        { name: 'files-shop-0', namespace: 'shop', annotations: { 'ffops.dev/data': named } },
      ]);
      const lost = await release_(going, ['shop-files', 'postgres'], live);
      expect(lost.result.removed.map(({ name }) => name)).to.deep.equal(['pvc-files-shop-0']);
      expect(lost.result.kept).to.deep.equal([]);
      expect(lost.deleted).to.deep.equal(['files-shop-0']);
    });

    it('is waited for while the last pod of its release ends', async () => {
      const pod = {
        kind: 'Pod',
        metadata: { name: 'shop-0', namespace: 'shop' },
        spec: { volumes: [{ persistentVolumeClaim: { claimName: 'files-shop-0' } }] },
        status: { phase: 'Running' },
      };
      const { deleted } = await release_(going, ['shop-files'], [own, pod], [own, pod], [own]);
      expect(deleted).to.deep.equal(['files-shop-0']);
    });

    it('of a stack that left the environment is still known as its own', async () => {
      const { deleted } = await release_({ ...going, name: 'app-gone' }, ['shop-files'], [own, ...others]);
      expect(deleted).to.deep.equal(['files-shop-0']);
    });

    it('of one release of a stack that stays is its own, and those of the others are not', async () => {
      const gone = { ...staying, releases: [release] };
      const { deleted, result } = await release_(
        gone,
        ['postgres'],
        [...others, claim('cache-0', { 'app.kubernetes.io/instance': 'cache' }), claim('by-hand')],
      );
      expect(deleted).to.deep.equal(['data-postgres-0']);
      expect(result.kept).to.deep.equal([]);
    });
  });
});
