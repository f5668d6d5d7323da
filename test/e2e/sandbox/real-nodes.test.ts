/**
 * Pods that really run: a node with containerd and a kubelet, a volume that keeps bytes, a service, names, a Job, and
 * HTTP through the load balancer; then the same with images that come from a registry. Where the machine does not allow it,
 * it is skipped and says why.
 */
import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { launchSandbox, lookAtSandbox, shutSandbox } from '../../../src/sandbox/launch.ts';
import { sandboxLayout } from '../../../src/sandbox/layout.ts';
import { markedProcesses } from '../../../src/sandbox/processes/proc.ts';
import { DNS_IMAGE, PAUSE_IMAGE } from '../../../src/sandbox/real/kit.ts';
import { findPrepared } from '../../../src/sandbox/real/prepare.ts';
import type { SandboxStatus } from '../../../src/sandbox/status.ts';
import { cacheRoot } from '../../../src/toolchain/layout.ts';
import { itAtLength } from '../../support/at-length.ts';
import { openImageRegistry, type ImageRegistry } from '../../support/image-registry.ts';
import { machineTraces, type MachineTraces } from '../../support/machine-traces.ts';
import { realNodesOrSkip } from '../../support/real-nodes.ts';
import { realPorts, sandboxHands } from '../../support/sandbox-workspace.ts';
import { tempFolder } from '../../support/temp.ts';

const run = promisify(execFile);
const BUSYBOX = 'docker.io/library/busybox:1.37.0';
const WRITTEN = /^written once, by web-/m;
const quiet = { ports: realPorts(), say: () => undefined };

/** The page comes out of the volume: an init container wrote it there as a user who has the volume by its group alone. */
const OBJECTS = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: page }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  strategy: { type: Recreate }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      securityContext: { runAsNonRoot: true, runAsUser: 1000, fsGroup: 2000, seccompProfile: { type: RuntimeDefault } }
      initContainers:
        - name: write
          image: ${BUSYBOX}
          command: [sh, -c, 'test -e /page/index.html || echo "written once, by $HOSTNAME" >/page/index.html']
          volumeMounts: [{ name: page, mountPath: /page }]
      containers:
        - name: web
          image: ${BUSYBOX}
          command: [httpd, -f, -p, '8080', -h, /page]
          ports: [{ name: http, containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /, port: 8080 }, periodSeconds: 1 }
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: [ALL] } }
          volumeMounts: [{ name: page, mountPath: /page }]
      volumes: [{ name: page, persistentVolumeClaim: { claimName: page } }]
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: LoadBalancer, selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: batch/v1
kind: Job
metadata: { name: read }
spec:
  backoffLimit: 20
  template:
    spec:
      restartPolicy: OnFailure
      containers:
        - name: read
          image: ${BUSYBOX}
          command: [sh, -c, "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 2 web.default.svc.cluster.local 80"]
`;

/** Whoever carries the label reads the page, and the outside world does; the page's pod itself asks nobody. */
const POLICIES = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: page }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Ingress, Egress]
  ingress:
    - from: [{ podSelector: { matchLabels: { page: reader } } }]
      ports: [{ port: http }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: outside }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress: [{ from: [{ ipBlock: { cidr: 0.0.0.0/0 } }] }]
`;

describe('real nodes', function () {
  const folder = tempFolder();
  const { runtime, keysFile, root } = sandboxLayout(folder.path);
  const kubeconfig = join(folder.path, 'kubeconfig');
  let earlier: MachineTraces;

  before(async function () {
    await realNodesOrSkip(this);
    earlier = machineTraces();
  });

  after(async () => {
    await shutSandbox(quiet, folder.path, false);
    folder.remove();
  });

  async function kubectl(...args: readonly string[]): Promise<string> {
    const program = await (await sandboxHands(quiet.ports)).tool('kubectl' as 'kubelet');
    return (await run(program, ['--kubeconfig', kubeconfig, ...args])).stdout;
  }

  async function status(): Promise<SandboxStatus> {
    const { status: found } = await lookAtSandbox(quiet, folder.path);
    if (found === undefined) throw new Error('the sandbox does not run');
    return found;
  }

  async function api<T>(method: string, path: string, body?: object): Promise<T> {
    const { digitaloceanToken } = JSON.parse(readFileSync(keysFile, 'utf8')) as { digitaloceanToken: string };
    const response = await fetch((await status()).digitaloceanUrl + path, {
      method,
      headers: { authorization: `Bearer ${digitaloceanToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${await response.text()}`);
    const text = await response.text();
    return (text.startsWith('{') ? JSON.parse(text) : text) as T;
  }

  async function makeCluster(): Promise<void> {
    const { kubernetes_cluster: cluster } = await api<{ kubernetes_cluster: { id: string } }>(
      'POST',
      '/v2/kubernetes/clusters',
      {
        name: 'real',
        region: 'ams3',
        version: 'latest',
        node_pools: [{ name: 'pool', size: 's-2vcpu-4gb', count: 1, labels: { role: 'apps' } }],
      },
    );
    await eventually('the cluster is running', 120_000, async () => {
      const { kubernetes_cluster: now } = await api<{
        kubernetes_cluster: { status: { state: string; message?: string } };
      }>('GET', `/v2/kubernetes/clusters/${cluster.id}`);
      expect(now.status.state, now.status.message).to.equal('running');
    });
    writeFileSync(kubeconfig, await api<string>('GET', `/v2/kubernetes/clusters/${cluster.id}/kubeconfig`), {
      mode: 0o600,
    });
  }

  async function page(): Promise<string> {
    const forward = (await status()).forwards.find(({ service }) => service === 'default/web');
    expect(forward?.address).to.match(/^203\.0\.113\.\d+:80$/);
    return (await fetch(`http://${String(forward?.loopback)}/`, { signal: AbortSignal.timeout(3_000) })).text();
  }

  async function startWithRebuilt(): Promise<void> {
    await launchSandbox(await sandboxHands(quiet.ports), folder.path, 'real');
  }

  /** With a cache of its own: what this registry has under these names is nobody else's. */
  async function startWith(registry: ImageRegistry): Promise<void> {
    const cache = join(folder.path, 'cache');
    mkdirSync(cache, { recursive: true });
    const notes = join(cacheRoot(process.env), 'real-nodes');
    for (const note of readdirSync(notes).filter((name) => name.startsWith('prepared-')))
      cpSync(join(notes, note), join(cache, 'real-nodes', note));
    const hands = await sandboxHands(quiet.ports);
    const variables = { ...process.env, FFOPS_CACHE: cache, FFOPS_MIRROR: registry.mirror };
    await launchSandbox({ ...hands, ports: { ...hands.ports, variables } }, folder.path, 'real', 'upstream');
  }

  /** From nothing to a page over the load balancer. */
  async function live(start = startWithRebuilt): Promise<void> {
    const began = Date.now();
    const took = (what: string): void => console.log(`      ${what}: ${((Date.now() - began) / 1000).toFixed(1)} s`);
    await start();
    took('sandbox');
    await makeCluster();
    took('node Ready');
    writeFileSync(join(folder.path, 'objects.yaml'), OBJECTS);
    await kubectl('apply', '-f', join(folder.path, 'objects.yaml'));
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=90s');
    took('pod Ready');
    await kubectl('wait', '--for=condition=complete', 'job/read', '--timeout=90s');
    took('Job complete');
    await eventually('the page comes through the load balancer', 30_000, async () => {
      expect(await page()).to.match(WRITTEN);
    });
    took('page');
  }

  it('run a pod with a volume, found by its service and its name, seen through the load balancer', async () => {
    await live();
    expect(await kubectl('logs', 'job/read')).to.match(WRITTEN);
    expect(await kubectl('exec', 'deployment/web', '--', 'id'))
      .to.contain('uid=1000')
      .and.contain('2000');
  });

  it('let through what network policies allow and nothing else, from the first step of a pod on', async () => {
    const ask = ['sh', '-c', "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 2 web 80 || echo refused"];
    const reads = ['--labels=page=reader', `--image=${BUSYBOX}`, '--restart=Never'];
    await kubectl('run', 'reader', ...reads, '--', 'sleep', '1d');
    await kubectl('wait', '--for=condition=Ready', 'pod/reader', '--timeout=60s');
    const reader = async (): Promise<string> => kubectl('exec', 'reader', '--', ...ask);
    const out = async (): Promise<string> =>
      kubectl(
        'exec',
        'deployment/web',
        '--',
        'sh',
        '-c',
        'nc -w 2 192.0.2.1 443 </dev/null && echo out || echo refused',
      );
    expect(await out(), 'without a policy').to.equal('out\n');
    expect(await reader(), 'without a policy').to.match(WRITTEN);

    writeFileSync(join(folder.path, 'policies.yaml'), POLICIES);
    await kubectl('apply', '-f', join(folder.path, 'policies.yaml'));
    await eventually('a pod asks nobody any more', 10_000, async () => expect(await out()).to.equal('refused\n'));
    expect(await reader()).to.match(WRITTEN);
    expect(await page(), 'from outside, through the load balancer').to.match(WRITTEN);
    await kubectl('run', 'first', ...reads, '--', ...ask);
    await kubectl('run', 'other', `--image=${BUSYBOX}`, '--restart=Never', '--', ...ask);
    for (const name of ['first', 'other'])
      await kubectl('wait', '--for=jsonpath={.status.phase}=Succeeded', `pod/${name}`, '--timeout=60s');
    expect(await kubectl('logs', 'first')).to.match(WRITTEN);
    expect(await kubectl('logs', 'other')).to.contain('refused');

    await kubectl('label', 'pod', 'reader', 'page-');
    await eventually('who lost the label reads no more', 10_000, async () =>
      expect(await reader()).to.contain('refused'),
    );
    await kubectl('delete', 'networkpolicy', 'outside');
    await eventually('the outside world reads no more', 20_000, async () => {
      const answer = await page().catch(() => 'refused');
      expect(answer).to.equal('refused');
    });
    expect(await kubectl('get', 'pods', '-l', 'app=web', '--no-headers'), "its kubelet's probes pass").to.contain(
      '1/1',
    );
    await kubectl('delete', 'networkpolicy', 'page');
    await eventually('the page is open again', 10_000, async () => expect(await page()).to.match(WRITTEN));
    await kubectl('delete', 'pod', 'reader', 'first', 'other', '--grace-period=1');
  });

  it('carry the labels of their pool and the version of their kubelet', async () => {
    const nodes = JSON.parse(await kubectl('get', 'nodes', '-l', 'role=apps', '-o', 'json')) as {
      items: { status: { nodeInfo: { kubeletVersion: string; containerRuntimeVersion: string } } }[];
    };
    expect(nodes.items).to.have.length(1);
    expect(nodes.items[0]?.status.nodeInfo.containerRuntimeVersion).to.match(/^containerd:/);
  });

  it('keep what a volume holds when its pod is made anew', async () => {
    const same = await page();
    await kubectl('delete', 'pod', '-l', 'app=web');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    await eventually('the new pod answers', 30_000, async () => expect(await page()).to.equal(same));
  });

  it('have no way out, and the machine has no way in but loopback', async () => {
    const script = 'nc -w 2 192.0.2.77 80 </dev/null || echo unreachable';
    expect(await kubectl('exec', 'deployment/web', '--', 'sh', '-c', script)).to.contain('unreachable');
    const { routes, rules, links, mounts, processes } = machineTraces();
    expect({ routes, rules, links, mounts }).to.deep.equal({
      routes: earlier.routes,
      rules: earlier.rules,
      links: earlier.links,
      mounts: earlier.mounts,
    });
    // What is looked at afterwards would be seen if it were left.
    expect(processes.join('\n')).to.contain('kubelet').and.contain('httpd');
  });

  it('go on after their kubelet, their container runtime and their first process were killed', async () => {
    for (const victim of ['kubelet', 'containerd', 'boot.sh']) {
      const killed = processOf(victim);
      expect(killed, victim).to.be.above(0);
      process.kill(killed, 'SIGKILL');
      await eventually(`${victim} again, with a page and a shell`, 90_000, async () => {
        expect(processOf(victim)).to.be.above(0).and.not.equal(killed);
        expect(await page()).to.match(WRITTEN);
        expect(await kubectl('exec', 'deployment/web', '--', 'id')).to.contain('uid=1000');
      });
    }
  });

  it('say that they run already, and refuse to become simulated ones', async () => {
    const hands = await sandboxHands(quiet.ports);
    expect((await launchSandbox(hands, folder.path)).alreadyRunning).to.equal(true);
    const refused = await launchSandbox(hands, folder.path, 'simulated').catch((error: unknown) => error as Error);
    expect(refused).to.be.instanceOf(Error).with.property('message').that.contains('real nodes');
  });

  it('leave nothing behind when they are stopped', async () => {
    await shutSandbox(quiet, folder.path, false);
    expectNothingLeft();
  });

  itAtLength(
    'run what registries have, by tag and by digest, and say of each what it is or why it is not there',
    async () => {
      const registry = await openImageRegistry();
      try {
        const { blobs, images } = findPrepared(cacheRoot(process.env));
        const digests = new Map(
          [PAUSE_IMAGE, DNS_IMAGE, BUSYBOX].map((image) => {
            const [, host = '', name = '', tag = ''] = /^([^/]+)\/(.+):(.+)$/.exec(image) ?? [];
            const server = host === 'docker.io' ? 'registry-1.docker.io' : host;
            const { manifest } = images.find((one) => one.name === image)!;
            return [image, registry.add({ server, name, tag }, blobs, manifest)];
          }),
        );
        await live(() => startWith(registry));
        const pinned = `${BUSYBOX.replace(/:.*/, '')}@${digests.get(BUSYBOX) ?? ''}`;
        await kubectl('run', 'pinned', `--image=${pinned}`, '--restart=Never', '--command', '--', 'true');
        await kubectl('run', 'lost', '--image=docker.io/library/lost:1', '--restart=Never');
        await kubectl('wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/pinned', '--timeout=60s');
        await eventually('the event says what the registry says', 30_000, async () =>
          expect(await kubectl('get', 'events', '--field-selector=involvedObject.name=lost')).to.contain(
            'registry-1.docker.io has no library/lost:1: check its name and its tag',
          ),
        );
        const { images: kind, rebuiltImages, upstreamImages } = await status();
        expect({ kind, rebuiltImages }).to.deep.equal({ kind: 'upstream', rebuiltImages: [] });
        const said = upstreamImages.map(
          ({ name, digest, trouble }) => `${name} ${trouble === undefined ? (digest ?? '') : 'trouble'}`,
        );
        expect(said).to.have.members([
          ...[...digests].map(([image, digest]) => `${image} ${digest}`),
          'docker.io/library/lost:1 trouble',
        ]);
      } finally {
        await registry.close();
      }
    },
  );

  itAtLength('leave nothing behind when their daemon was killed', async () => {
    const daemon = (await status()).parts.find(({ name }) => name === 'daemon');
    process.kill(daemon?.pid ?? 0, 'SIGKILL');
    await shutSandbox(quiet, folder.path, false);
    expectNothingLeft();
  });

  /** By the name of its program, or of the script that it runs. 0 when there is none. */
  function processOf(name: string): number {
    const found = markedProcesses(runtime).find(({ pid }) => {
      const [program = '', script = ''] = commandOf(pid);
      return (program === 'sh' ? script : program).endsWith(`/${name}`);
    });
    return found?.pid ?? 0;
  }

  function expectNothingLeft(): void {
    expect(markedProcesses(runtime)).to.deep.equal([]);
    expect(machineTraces()).to.deep.equal(earlier);
    expect(existsSync(root)).to.equal(false);
  }
});

function commandOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

async function eventually(what: string, withinMs: number, expectations: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      await expectations();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`not in time: ${what}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
}
