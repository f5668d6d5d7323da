import { expect } from 'chai';
import { clusterHands } from '../../../src/cluster/cluster-hands.ts';
import { openCluster } from '../../../src/cluster/access.ts';
import type { Blueprint } from '../../../src/model/blueprint.ts';
import { aBlueprint, aStack } from '../../support/blueprint.ts';
import { revealed } from '../../support/fakes.ts';
import { aScene, failure, folder, kubeconfig, kubeSystem, type Scene } from './harness.ts';

const server = 'https://shop.k8s.test';
const doks: Blueprint = aBlueprint({
  cluster: { kind: 'doctl', name: 'shop', stack: 'cloud' },
  stacks: [aStack({ name: 'cloud', credentials: { DIGITALOCEAN_TOKEN: 'digitalocean.token' } })],
});
const running = { id: 'id-1', name: 'shop', status: { state: 'running' } };

function listed(scene: Scene, clusters: readonly object[]): void {
  scene.expect('doctl', 'list', { stdout: JSON.stringify(clusters) });
}

async function applied(): Promise<{ scene: Scene; files: Record<string, string> }> {
  const scene = aScene(doks, { secrets: { 'digitalocean.token': 'canary-token' } });
  listed(scene, [{ ...running, name: 'other' }, running]);
  scene.expect('doctl', 'show', { stdout: kubeconfig(server) });
  scene.expect('kubectl', 'kube-system', kubeSystem('uid-1'));
  await openCluster(scene.deps);
  return { scene, files: Object.fromEntries(scene.fakes.files.content) };
}

describe('the kubeconfig of a cluster that a stack makes', () => {
  it('comes from doctl into a file of the workspace that nobody else can read', async () => {
    const { scene } = await applied();
    const path = `${folder}/kubeconfig`;
    expect(scene.fakes.files.content.get(path)).to.equal(kubeconfig(server));
    expect(scene.fakes.files.modes.get(path)).to.equal(0o600);
    const [list] = scene.fakes.runner.calls;
    expect(revealed(list?.env?.['DIGITALOCEAN_ACCESS_TOKEN'])).to.equal('canary-token');
    expect(scene.fakes.runner.calls.flatMap((call) => call.args).join(' ')).not.to.contain('canary');
    const record = JSON.parse(scene.fakes.files.content.get(`${folder}/cluster.json`) ?? '') as Record<string, string>;
    expect(record).to.include({ uid: 'uid-1', server, expiresAt: '2026-01-15T07:00:00.000Z' });
    scene.fakes.verify();
  });

  it('is used again without asking the cloud, until it is about to end', async () => {
    const { files } = await applied();
    const early = aScene(doks, { files });
    early.expect('kubectl', 'kube-system', kubeSystem('uid-1'));
    const handle = await openCluster(early.deps);
    expect(handle?.variables).to.deep.equal({
      KUBECONFIG: `${folder}/kubeconfig`,
      KUBE_CONFIG_PATH: `${folder}/kubeconfig`,
      KUBE_CTX: 'do-ams3-shop',
      KUBECACHEDIR: `${folder}/cache/kubernetes`,
    });
    early.fakes.verify();

    const late = aScene(doks, { files });
    late.fakes.clock.advance(2.5 * 3600 * 1000);
    listed(late, [running]);
    late.expect('doctl', 'show', { stdout: kubeconfig(server) });
    late.expect('kubectl', 'kube-system', kubeSystem('uid-1'));
    await openCluster(late.deps);
    late.fakes.verify();
  });

  it('is renewed within one long run, once for all who ask', async () => {
    const { files } = await applied();
    const scene = aScene(doks, { files });
    scene.expect('kubectl', 'kube-system', kubeSystem('uid-1'));
    const hands = clusterHands(scene.deps);
    await hands.access();
    scene.fakes.clock.advance(1.5 * 3600 * 1000);
    await hands.access();
    scene.fakes.clock.advance(3600 * 1000);
    listed(scene, [running]);
    scene.expect('doctl', 'show', { stdout: kubeconfig(server) });
    scene.expect('kubectl', 'kube-system', kubeSystem('uid-1'));
    const renewed = await Promise.all([hands.access(), hands.pin(), hands.access()]);
    expect(renewed[0]?.expiresAt).to.equal('2026-01-15T09:30:00.000Z');
    scene.fakes.verify();
  });

  it('is asked for again when it no longer works; a cluster that is gone is no error', async () => {
    const { files } = await applied();
    const scene = aScene(doks, { files });
    scene.expect('kubectl', 'kube-system', { exitCode: 1, stderr: 'connection refused' });
    listed(scene, []);
    expect(await openCluster(scene.deps)).to.equal(undefined);
    scene.fakes.verify();
  });

  it('does not exist while the cluster is being made', async () => {
    const scene = aScene(doks);
    listed(scene, [{ ...running, status: { state: 'provisioning' } }]);
    expect(await openCluster(scene.deps)).to.equal(undefined);
  });

  it('of a cluster that does not answer is an error with its address', async () => {
    const scene = aScene(doks);
    listed(scene, [running]);
    scene.expect('doctl', 'show', { stdout: kubeconfig(server) });
    scene.expect('kubectl', 'kube-system', { exitCode: 1, stderr: 'dial tcp: i/o timeout' });
    const error = await failure(openCluster(scene.deps));
    expect(error.code).to.equal('cluster.unreachable');
    expect(error.message).to.contain(server).and.to.contain('i/o timeout');
  });

  it('cannot be had with a wrong token: the cloud says so', async () => {
    const scene = aScene(doks);
    scene.expect('doctl', 'list', { exitCode: 1, stdout: '{"errors":[{"detail":"401 Unable to authenticate you"}]}' });
    expect((await failure(openCluster(scene.deps))).message).to.contain('401 Unable to authenticate you');
  });

  it('leads to another cluster than the recorded one: everything stops', async () => {
    const { files } = await applied();
    for (const [uid, authority] of [
      ['uid-2', 'authority'],
      ['uid-1', 'another authority'],
    ] as const) {
      const scene = aScene(doks, { files });
      scene.fakes.clock.advance(4 * 3600 * 1000);
      listed(scene, [running]);
      scene.expect('doctl', 'show', { stdout: kubeconfig(server, authority) });
      scene.expect('kubectl', 'kube-system', kubeSystem(uid));
      const error = await failure(openCluster(scene.deps));
      expect(error.code, uid).to.equal('cluster.another');
      expect(JSON.stringify(error.problems)).to.contain(`${folder}/cluster.json`);
    }
  });

  it('is asked for once per run, and again after the cluster was forgotten', async () => {
    const { files } = await applied();
    const scene = aScene(doks, { files });
    scene.expect('kubectl', 'kube-system', kubeSystem('uid-1'));
    const hands = clusterHands(scene.deps);
    await Promise.all([hands.access(), hands.access(), hands.pin()]);
    scene.fakes.verify();
    await hands.forget();
    expect([...scene.fakes.files.content.keys()]).to.deep.equal([]);
    listed(scene, []);
    expect((await failure(hands.pin())).code).to.equal('cluster.missing');
  });
});

describe('the kubeconfig of a cluster that the user owns', () => {
  const viewed = (context: string) => ({
    stdout: kubeconfig('https://127.0.0.1:8443').replaceAll('do-ams3-shop', context),
  });

  it('is copied from their context, which is only read', async () => {
    const scene = aScene(aBlueprint(), { variables: { KUBECONFIG: '/home/mine' } });
    scene.fakes.runner.expect(
      { program: 'kubectl', args: (args) => args.includes('view'), env: { KUBECONFIG: '/home/mine' } },
      viewed('minikube'),
    );
    scene.expect('kubectl', 'kube-system', kubeSystem('uid-1'));
    expect((await openCluster(scene.deps))?.context).to.equal('minikube');
    expect(scene.fakes.files.writes).to.deep.equal([`${folder}/kubeconfig`, `${folder}/cluster.json`]);
    expect(scene.fakes.files.modes.get(`${folder}/kubeconfig`)).to.equal(0o600);
  });

  it('is copied again when theirs has changed, or when the copy no longer works', async () => {
    const first = aScene(aBlueprint(), { variables: { KUBECONFIG: '/home/mine' }, files: { '/home/mine': 'one' } });
    first.expect('kubectl', 'view', viewed('minikube'));
    first.expect('kubectl', 'kube-system', kubeSystem('uid-1'));
    await openCluster(first.deps);
    const files = Object.fromEntries(first.fakes.files.content);
    const later = (more: Record<string, string> = {}) =>
      aScene(aBlueprint(), { variables: { KUBECONFIG: '/home/mine' }, files: { ...files, ...more } });

    const same = later();
    same.expect('kubectl', 'kube-system', kubeSystem('uid-1'));
    expect((await openCluster(same.deps))?.context).to.equal('minikube');
    expect(same.fakes.files.writes).to.deep.equal([]);

    const changed = later({ '/home/mine': 'another port' });
    changed.expect('kubectl', 'view', viewed('minikube'));
    changed.expect('kubectl', 'kube-system', kubeSystem('uid-1'));
    await openCluster(changed.deps);
    changed.fakes.verify();

    const renewed = later();
    renewed.expect('kubectl', 'kube-system', { exitCode: 1, stderr: 'Unauthorized' });
    renewed.expect('kubectl', 'view', viewed('minikube'));
    renewed.expect('kubectl', 'kube-system', kubeSystem('uid-1'));
    await openCluster(renewed.deps);
    renewed.fakes.verify();
  });

  it("comes from the sandbox's file rather than theirs", async () => {
    const scene = aScene(aBlueprint(), {
      variables: { KUBECONFIG: '/home/mine' },
      surroundings: { variables: { KUBECONFIG: '/sandbox/local' } },
    });
    scene.fakes.runner.expect({ program: 'kubectl', env: { KUBECONFIG: '/sandbox/local' } }, viewed('minikube'));
    scene.expect('kubectl', 'kube-system', kubeSystem('uid-1'));
    await openCluster(scene.deps);
    scene.fakes.verify();
  });

  it('that is not there is the user’s to make', async () => {
    const scene = aScene(aBlueprint());
    scene.expect('kubectl', 'view', { exitCode: 1, stderr: 'error: cannot locate context minikube' });
    const error = await failure(openCluster(scene.deps));
    expect(error.code).to.equal('cluster.noContext');
    expect(JSON.stringify(error.problems)).to.contain('minikube start');
  });

  it('does not matter on platforms without a cluster', async () => {
    const { cluster: _none, ...without } = aBlueprint();
    expect(await openCluster(aScene(without).deps)).to.equal(undefined);
  });
});
