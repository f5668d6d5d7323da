/** What is not DigitalOcean's: a cluster as minikube makes it, and several sandboxes side by side. */
import { expect } from 'chai';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SignalInterruption } from '../../../src/adapters/interruption.ts';
import { realRunner } from '../../../src/adapters/runner.ts';
import { launchSandbox, lookAtSandbox, shutSandbox } from '../../../src/sandbox/launch.ts';
import { sandboxLayout } from '../../../src/sandbox/layout.ts';
import { markedProcesses } from '../../../src/sandbox/processes/proc.ts';
import { fakeInterruption, type FakeInterruption } from '../../support/fakes.ts';
import { tempFolder } from '../../support/temp.ts';
import {
  openSandboxWorkspace,
  realPorts,
  sandboxHands,
  type SandboxWorkspace,
} from '../../support/sandbox-workspace.ts';

const DEV = `
platform: local
rootDomain: fullfrontend.kube
cluster: { context: kubernetes-admin@kubernetes }
apps:
  hello: { greeting: Hello, storage: 1Gi }
`;

describe('a sandbox for a local environment', function () {
  const folder = tempFolder();
  const neighbour = tempFolder();
  const layout = sandboxLayout(folder.path);
  const ports = realPorts();
  const quiet = { ports, say: () => undefined };
  let workspace: SandboxWorkspace;

  before(async () => {
    workspace = await openSandboxWorkspace(folder.path, DEV, 'dev');
  });

  after(async () => {
    await shutSandbox(quiet, folder.path, false);
    await shutSandbox(quiet, neighbour.path, false);
    folder.remove();
    neighbour.remove();
  });

  it('has a cluster in the context that the environment names', async () => {
    expect((await workspace.kubectl('config', 'current-context')).trim()).to.equal('kubernetes-admin@kubernetes');
    const classes = await workspace.kubectl('get', 'storageclass,ingressclass', '-o', 'name');
    expect(classes.trim().split('\n')).to.deep.equal([
      'storageclass.storage.k8s.io/standard',
      'ingressclass.networking.k8s.io/nginx',
    ]);
  });

  it('applies what a local environment has: volumes and ingresses get what they need', async () => {
    await workspace.deliverSecrets();
    for (const { name } of workspace.blueprint.stacks) {
      await workspace.tofu(name, ['init', '-input=false', '-no-color']);
      await workspace.tofu(name, ['apply', '-auto-approve', '-input=false', '-no-color']);
    }
    expect(await workspace.kubectl('get', 'pvc', '-A', '-o', 'jsonpath={.items[*].status.phase}')).to.equal('Bound');
    expect(
      await workspace.kubectl('get', 'ingress', '-A', '-o', 'jsonpath={.items[*].status.loadBalancer.ingress[*].ip}'),
    ).to.equal('192.0.2.10');
    expect(await workspace.inventory()).to.deep.equal([]);
  });

  it('dials no address inside a cluster: what asks for one is refused and told', async () => {
    await workspace.kubectl('create', 'deployment', 'web', '--image=nginx');
    await workspace.kubectl('expose', 'deployment', 'web', '--port=80');
    await workspace.kubectl('rollout', 'status', 'deployment/web', '--timeout=30s');
    const proxied = await workspace.run(
      'kubectl',
      ['--kubeconfig', workspace.kubeconfig, 'get', '--raw', '/api/v1/namespaces/default/services/web/proxy/'],
      { allowed: [1] },
    );
    expect(proxied.stderr).to.contain('403');
    const { status } = await lookAtSandbox(quiet, folder.path);
    expect(status?.refusedDials.some((target) => /^198\.18\.\d+\.\d+:80$/.test(target))).to.equal(true);
  });

  it('listens on loopback alone', async () => {
    const inodes = new Set(markedProcesses(layout.runtime).flatMap(({ pid }) => socketsOf(pid)));
    const foreign = ['tcp', 'tcp6'].flatMap((table) =>
      readFileSync(`/proc/net/${table}`, 'utf8')
        .split('\n')
        .slice(1)
        .map((line) => line.trim().split(/\s+/))
        .filter(
          ([, address = '', , state, , , , , , inode = '']) =>
            state === '0A' && inodes.has(inode) && !isLoopback(address),
        )
        .map(([, address]) => address),
    );
    expect(inodes.size).to.be.above(10);
    expect(foreign).to.deep.equal([]);
  });

  it('runs beside another one, and leaves it alone when it stops', async () => {
    const { status } = await launchSandbox(await sandboxHands(ports), neighbour.path);
    const own = (await lookAtSandbox(quiet, folder.path)).status;
    expect(status.digitaloceanUrl).not.to.equal(own?.digitaloceanUrl);
    await shutSandbox(quiet, neighbour.path, false);
    expect(markedProcesses(sandboxLayout(neighbour.path).runtime)).to.deep.equal([]);
    expect((await lookAtSandbox(quiet, folder.path)).status?.ready).to.equal(true);
    await workspace.kubectl('get', '--raw', '/readyz');
  });

  it('leaves no process behind when its start is interrupted, at any moment', async () => {
    const hands = await sandboxHands(ports);
    const { runtime } = sandboxLayout(neighbour.path);
    for (const delayMs of [0, 100, 250, 400]) {
      const interruption = fakeInterruption();
      const interrupted = {
        ...hands,
        ports: { ...ports, runner: realRunner(process.env, () => asSignals(interruption)) },
      };
      const start = launchSandbox(interrupted, neighbour.path).catch((error: unknown) => error as Error);
      setTimeout(() => interruption.press(), delayMs);
      const outcome = await start;
      // It may have been faster than the signal; then it runs.
      if (!(outcome instanceof Error)) await shutSandbox(quiet, neighbour.path, false);
      expect(markedProcesses(runtime), `after ${String(delayMs)} ms`).to.deep.equal([]);
    }
  });

  it('keeps its keys to itself', () => {
    for (const name of ['keys.json', 'daemon.json', 'local.kubeconfig']) {
      expect(statSync(join(layout.runtime, name)).mode & 0o777, name).to.equal(0o600);
    }
  });

  it('lets nobody in without its key', async () => {
    const { controlUrl } = JSON.parse(readFileSync(layout.daemonFile, 'utf8')) as { controlUrl: string };
    for (const headers of [{}, { authorization: 'Bearer guess' }]) {
      expect((await fetch(`${controlUrl}/status`, { headers })).status).to.equal(401);
    }
  });

  it('says that it runs already when it is started again', async () => {
    const report = await launchSandbox(await sandboxHands(ports), folder.path);
    expect(report.alreadyRunning).to.equal(true);
    expect(report.status.localContexts).to.deep.equal(['kubernetes-admin@kubernetes']);
  });
});

function asSignals(interruption: FakeInterruption): SignalInterruption {
  return Object.assign(interruption, { pause: () => () => undefined });
}

function socketsOf(pid: number): readonly string[] {
  const folder = `/proc/${String(pid)}/fd`;
  return readdirSync(folder).flatMap((name) => {
    try {
      return [/^socket:\[(\d+)\]$/.exec(readlinkSync(join(folder, name)))?.[1] ?? []].flat();
    } catch {
      return [];
    }
  });
}

/** 127.0.0.0/8 or ::1, as the kernel's tables have them: bytes of each word in the machine's order. */
function isLoopback(address: string): boolean {
  const [host = ''] = address.split(':');
  return (
    /^[0-9A-F]{6}7F$/.test(host) ||
    host === '00000000000000000000000001000000' ||
    /^0000000000000000FFFF0000[0-9A-F]{6}7F$/.test(host)
  );
}
