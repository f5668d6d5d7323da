/**
 * The life of an environment in the sandbox, by hand: rendered stacks, real tofu, providers, charts, Kubernetes, S3 and
 * Velero. One sandbox carries all of it; each test goes on where the one before ended.
 */
import { expect } from 'chai';
import { existsSync, writeFileSync } from 'node:fs';
import { sandboxLayout } from '../../../src/sandbox/layout.ts';
import { launchSandbox, lookAtSandbox, shutSandbox } from '../../../src/sandbox/launch.ts';
import { markedProcesses } from '../../../src/sandbox/processes/proc.ts';
import type { SandboxStatus } from '../../../src/sandbox/status.ts';
import { tempFolder } from '../../support/temp.ts';
import {
  openSandboxWorkspace,
  realPorts,
  sandboxHands,
  type SandboxWorkspace,
} from '../../support/sandbox-workspace.ts';

/** What a provider that machines without downloads can build understands: no `ha`, no `maintenance_policy`, no taints. */
const PROD = `
platform: doks
rootDomain: fullfrontend.be
cluster:
  name: fullfrontend
  region: ams3
  systemPool: { size: s-2vcpu-4gb, count: 1 }
  nodePools:
    - name: apps
      size: s-4vcpu-8gb
      autoscale: { min: 2, max: 4 }
      labels: { role: apps }
ingress: { waf: block }
tls: { issuer: letsencrypt, email: ops@fullfrontend.be }
apps:
  hello: { greeting: Full Frontend, storage: 1Gi }
`;
const STATE_BUCKET = 'fullfrontend-prod-state';
const STACKS = ['base', 'cloud', 'infra', 'app-hello'];

interface Named {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
}
interface Node extends Named {
  readonly status: {
    readonly capacity: Readonly<Record<string, string>>;
    readonly nodeInfo: { readonly kubeletVersion: string };
    readonly conditions: readonly {
      readonly type: string;
      readonly status: string;
      readonly lastTransitionTime: string;
    }[];
  };
}
interface ApiCluster {
  readonly id: string;
  readonly version: string;
  readonly created_at: string;
  readonly status: { readonly state: string };
  readonly node_pools: readonly { readonly id: string; readonly name: string }[];
}
interface List<T> {
  readonly items: readonly T[];
}

function readyOf(node: Node) {
  return node.status.conditions.find(({ type }) => type === 'Ready');
}

/** Asks until the expectations hold, three minutes long (on a busy machine a start takes one); then their failure is the test's. */
async function eventually(what: string, expectations: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + 180_000;
  for (;;) {
    try {
      return await expectations();
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`not in time: ${what}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

describe('the life of an environment in the sandbox', function () {
  const folder = tempFolder();
  const layout = sandboxLayout(folder.path);
  const ports = realPorts();
  let workspace: SandboxWorkspace;

  before(async () => {
    workspace = await openSandboxWorkspace(folder.path, PROD, 'prod');
    await workspace.run('rclone', ['mkdir', `spaces:${STATE_BUCKET}`]);
  });

  after(async () => {
    await shutSandbox({ ports, say: () => undefined }, folder.path, false);
    folder.remove();
  });

  async function status(): Promise<SandboxStatus> {
    const { status: found } = await lookAtSandbox({ ports, say: () => undefined }, folder.path);
    if (found === undefined) throw new Error('the sandbox does not run');
    return found;
  }

  async function apply(stack: string): Promise<void> {
    await workspace.tofu(stack, ['init', '-input=false', '-no-color']);
    // The old helm provider asks for every definition at once, which two cores cannot answer to ten releases in time.
    await workspace.tofu(stack, ['apply', '-auto-approve', '-input=false', '-no-color', '-parallelism=2']);
  }

  /** The old helm provider calls it an error when a chart keeps something, and knows better the second time. */
  async function destroy(stack: string): Promise<void> {
    const args = ['destroy', '-auto-approve', '-input=false', '-no-color'];
    const { exitCode, stderr } = await workspace.tofu(stack, args, [0, 1]);
    if (exitCode === 0) return;
    expect(stderr).to.contain('kept due to the resource policy');
    await workspace.tofu(stack, args);
  }

  async function planNothing(): Promise<void> {
    for (const stack of STACKS)
      await workspace.tofu(stack, ['plan', '-detailed-exitcode', '-input=false', '-no-color']);
  }

  async function clusters(): Promise<readonly ApiCluster[]> {
    const answer = await workspace.api<{ kubernetes_clusters: ApiCluster[] }>('GET', '/v2/kubernetes/clusters');
    return answer.kubernetes_clusters;
  }

  /** Starts the sandbox when it does not run; its addresses may be new ones. */
  async function reopen(): Promise<SandboxWorkspace> {
    const opened = await openSandboxWorkspace(folder.path, PROD, 'prod');
    const { stdout } = await opened.run('doctl', ['kubernetes', 'cluster', 'kubeconfig', 'show', 'fullfrontend']);
    writeFileSync(opened.kubeconfig, stdout, { mode: 0o600 });
    return opened;
  }

  it('applies base: project, zone, records, buckets', async () => {
    await apply('base');
    const kinds = (await workspace.inventory()).map(({ kind }) => kind);
    expect(kinds).to.include.members(['project', 'domain', 'bucket']);
  });

  it('applies cloud: a real Kubernetes, with nodes of the right sizes', async () => {
    await apply('cloud');
    const { stdout } = await workspace.run('doctl', ['kubernetes', 'cluster', 'kubeconfig', 'show', 'fullfrontend']);
    writeFileSync(workspace.kubeconfig, stdout, { mode: 0o600 });
    const { items } = await workspace.kubectlJson<List<Node>>('get', 'nodes');
    expect(items.map((node) => node.status.capacity['cpu']).sort()).to.deep.equal(['2', '4', '4']);
    for (const node of items) expect(readyOf(node)?.status).to.equal('True');
  });

  it('made that cluster within 15 seconds, from the request to nodes that are Ready', async () => {
    const [cluster] = await clusters();
    const { items } = await workspace.kubectlJson<List<Node>>(
      'get',
      'nodes',
      '-l',
      'doks.digitalocean.com/node-pool=system',
    );
    const ready = items.map((node) => Date.parse(readyOf(node)?.lastTransitionTime ?? ''));
    const seconds = (Math.max(...ready) - Date.parse(cluster?.created_at ?? '')) / 1000;
    console.log(`      ${String(seconds)} s`);
    expect(seconds).to.be.within(0, 15);
  });

  it('applies infra and an app: every release is ready, with an address and volumes', async () => {
    await workspace.deliverSecrets();
    await apply('infra');
    await apply('app-hello');
    const services = await workspace.kubectlJson<
      List<{ spec: { type: string }; status: { loadBalancer: { ingress?: { ip: string }[] } } }>
    >('get', 'services', '-A');
    const balanced = services.items.filter(({ spec }) => spec.type === 'LoadBalancer');
    expect(balanced.map((service) => service.status.loadBalancer.ingress?.[0]?.ip)).to.satisfy(
      (ips: string[]) => ips.length === 1 && /^203\.0\.113\./.test(ips[0] ?? ''),
    );
    const claims = await workspace.kubectlJson<List<{ status: { phase: string } }>>('get', 'pvc', '-A');
    expect(claims.items.map((claim) => claim.status.phase)).to.deep.equal(['Bound']);
    const made = (await workspace.inventory()).filter(({ madeBy }) => madeBy === 'kubernetes').map(({ kind }) => kind);
    expect(made).to.include.members(['load_balancer', 'volume']);
  });

  it('plays the outside world: the address of the ingress, its DNS records, its certificate', async () => {
    await eventually('DNS records of the app', async () => {
      const { domain_records: records } = await workspace.api<{
        domain_records: { type: string; name: string; data: string }[];
      }>('GET', '/v2/domains/fullfrontend.be/records?per_page=200');
      const address = records.find(({ type, name }) => type === 'A' && name === 'hello')?.data;
      const note = records.find(({ type, name }) => type === 'TXT' && name === '_externaldns-a.hello')?.data;
      expect(address).to.match(/^203\.0\.113\./);
      expect(note).to.contain('external-dns/owner=fullfrontend-prod');
    });
    const [ingress] = (
      await workspace.kubectlJson<List<{ status: { loadBalancer: { ingress: { ip: string }[] } } }>>(
        'get',
        'ingress',
        '-n',
        'apps-hello',
      )
    ).items;
    expect(ingress?.status.loadBalancer.ingress[0]?.ip).to.match(/^203\.0\.113\./);
    await workspace.kubectl('wait', '--for=condition=Ready', 'clusterissuer/letsencrypt', '--timeout=20s');
    await workspace.kubectl(
      'wait',
      '--for=condition=Ready',
      'certificate',
      '--all',
      '-n',
      'apps-hello',
      '--timeout=20s',
    );
  });

  it('backs up and restores with the real Velero, and says that no bytes of volumes moved', async () => {
    const velero = (...args: readonly string[]): Promise<unknown> =>
      workspace.run('velero', ['--kubeconfig', workspace.kubeconfig, '-n', 'infra', ...args]);
    await velero('backup', 'create', 'first', '--include-namespaces', 'apps-hello', '--wait');
    await velero(
      'restore',
      'create',
      'second',
      '--from-backup',
      'first',
      '--namespace-mappings',
      'apps-hello:drill',
      '--wait',
    );
    const phase = async (kind: string, name: string): Promise<string> =>
      workspace.kubectl('get', '-n', 'infra', `${kind}/${name}`, '-o', 'jsonpath={.status.phase}');
    expect(await phase('backup', 'first')).to.equal('Completed');
    expect(await phase('restore', 'second')).to.equal('Completed');
    for (const kind of ['podvolumebackups', 'podvolumerestores']) {
      const { items } = await workspace.kubectlJson<List<Named>>('get', '-n', 'infra', kind);
      expect(items).not.to.have.length(0);
      for (const { metadata } of items) expect(metadata.annotations?.['sandbox.ffops.io/bytes']).to.equal('none');
    }
    await workspace.kubectl('delete', 'namespace', 'drill');
    await eventually('the volume of the drill gone', async () => {
      expect((await workspace.inventory()).filter(({ kind }) => kind === 'volume')).to.have.length(1);
    });
  });

  it('plans nothing the second time', planNothing);

  it('plans nothing either after the cluster upgraded itself and a pool scaled', async () => {
    const [cluster] = await clusters();
    const pool = cluster?.node_pools.find(({ name }) => name === 'apps');
    await workspace.api('POST', `/_sandbox/pools/${String(pool?.id)}/scale`, { count: 3 });
    await workspace.api('POST', `/_sandbox/clusters/${String(cluster?.id)}/upgrade`, {});
    await eventually('four nodes of the new version', async () => {
      const { items } = await workspace.kubectlJson<List<Named & { status: { nodeInfo: { kubeletVersion: string } } }>>(
        'get',
        'nodes',
      );
      const [now] = await clusters();
      expect(now?.status.state).to.equal('running');
      expect(now?.version).not.to.equal(cluster?.version);
      expect(items.map(({ status: { nodeInfo } }) => nodeInfo.kubeletVersion)).to.deep.equal(
        Array(4).fill(`v${String(now?.version.split('-')[0])}`),
      );
    });
    await planNothing();
  });

  it('fits in 1.2 GB with Velero and S3', async () => {
    const { parts, memoryBytes } = await status();
    for (const { name, memoryBytes: bytes } of parts)
      console.log(`      ${name}: ${String(Math.round(bytes / 1e6))} MB`);
    expect(parts.map(({ name }) => name).some((name) => name.endsWith('-velero'))).to.equal(true);
    expect(parts.filter(({ restarts }) => restarts > 0)).to.deep.equal([]);
    expect(memoryBytes).to.be.below(1.2e9);
  });

  it('goes on after any part was killed', async () => {
    for (const victim of ['etcd', 'kube-apiserver', 'kwok', 'versitygw']) {
      const { parts } = await status();
      const part = parts.find(({ name }) => name.endsWith(victim));
      process.kill(part?.pid ?? 0, 'SIGKILL');
      await eventually(`${victim} runs again`, async () => {
        const again = (await status()).parts.find(({ name }) => name === part?.name);
        expect(again?.state).to.equal('running');
        expect(again?.pid).not.to.equal(part?.pid);
        await workspace.kubectl('get', '--raw', '/readyz');
      });
    }
  });

  it('comes back after its daemon was killed, with everything it had', async () => {
    const daemon = (await status()).parts.find(({ name }) => name === 'daemon');
    process.kill(daemon?.pid ?? 0, 'SIGKILL');
    const report = await launchSandbox(await sandboxHands(ports), folder.path);
    expect(report.leftovers).to.be.above(4);
    workspace = await reopen();
    await planNothing();
  });

  it('comes back after it was stopped and kept', async () => {
    const report = await shutSandbox({ ports, say: () => undefined }, folder.path, true);
    expect(markedProcesses(layout.runtime)).to.deep.equal([]);
    expect(report.kept).to.deep.equal([layout.root]);
    workspace = await reopen();
    await planNothing();
  });

  it('destroys it all and leaves nothing in the cloud', async () => {
    await destroy('app-hello');
    await workspace.kubectl('delete', 'namespace', 'apps-hello');
    await eventually('the volume and the DNS records of the app gone', async () => {
      const left = (await workspace.inventory()).filter(
        ({ kind, name }) => kind === 'volume' || name.includes('hello'),
      );
      expect(left).to.deep.equal([]);
    });
    await destroy('infra');
    await destroy('cloud');
    // The backups, and the versions of them that the bucket keeps: removing a marker can bring a version back for once.
    const backups = 'spaces:fullfrontend-prod-backups';
    await eventually('the bucket of the backups empty', async () => {
      await workspace.run('rclone', ['delete', backups]);
      await workspace.run('rclone', ['backend', 'cleanup-hidden', backups]);
      expect((await workspace.run('rclone', ['lsf', '-R', '--s3-versions', backups])).stdout).to.equal('');
    });
    await destroy('base');
    await workspace.run('rclone', ['purge', `spaces:${STATE_BUCKET}`]);
    expect(await workspace.inventory()).to.deep.equal([]);
  });

  it('stops without leaving a process or a file', async () => {
    expect(markedProcesses(layout.runtime)).not.to.have.length(0);
    await shutSandbox({ ports, say: () => undefined }, folder.path, false);
    expect(markedProcesses(layout.runtime)).to.deep.equal([]);
    expect(existsSync(layout.root)).to.equal(false);
  });
});
