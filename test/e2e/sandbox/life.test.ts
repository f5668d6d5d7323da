/**
 * The life of an environment in the sandbox, by hand: rendered stacks, real tofu, providers, charts, Kubernetes, S3 and
 * Velero. One sandbox carries all of it; each test goes on where the one before ended.
 */
import { expect } from 'chai';
import { existsSync, writeFileSync } from 'node:fs';
import { sandboxLayout } from '../../../src/sandbox/layout.ts';
import { lookAtSandbox, shutSandbox } from '../../../src/sandbox/launch.ts';
import { markedProcesses } from '../../../src/sandbox/processes/proc.ts';
import type { SandboxStatus } from '../../../src/sandbox/status.ts';
import { tempFolder } from '../../support/temp.ts';
import { openSandboxWorkspace, realPorts, type SandboxWorkspace } from '../../support/sandbox-workspace.ts';

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
interface List<T> {
  readonly items: readonly T[];
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
    await workspace.tofu(stack, ['apply', '-auto-approve', '-input=false', '-no-color']);
  }

  it('applies base: project, zone, records, buckets', async () => {
    await apply('base');
    const kinds = (await workspace.inventory()).map(({ kind }) => kind);
    expect(kinds).to.include.members(['project', 'domain', 'bucket']);
  });

  it('applies cloud: a real Kubernetes whose nodes are Ready within 15 seconds', async () => {
    await workspace.tofu('cloud', ['init', '-input=false', '-no-color']);
    const began = Date.now();
    await workspace.tofu('cloud', ['apply', '-auto-approve', '-input=false', '-no-color']);
    const seconds = (Date.now() - began) / 1000;
    const { stdout } = await workspace.run('doctl', ['kubernetes', 'cluster', 'kubeconfig', 'show', 'fullfrontend']);
    writeFileSync(workspace.kubeconfig, stdout, { mode: 0o600 });
    const nodes = await workspace.kubectlJson<List<Named & { status: { capacity: Record<string, string>; conditions: { type: string; status: string }[] } }>>('get', 'nodes');
    expect(nodes.items).to.have.length(3);
    for (const node of nodes.items) expect(node.status.conditions.find(({ type }) => type === 'Ready')?.status).to.equal('True');
    expect(nodes.items.map((node) => node.status.capacity['cpu']).sort()).to.deep.equal(['2', '4', '4']);
    console.log(`      cluster and pools in ${seconds.toFixed(1)} s`);
    // The cluster's own pool and then the pool beside it: the provider asks every 10 seconds.
    expect(seconds).to.be.below(60);
  });

  it('applies infra and an app: every release is ready, with an address and volumes', async () => {
    await workspace.deliverSecrets();
    await apply('infra');
    await apply('app-hello');
    const services = await workspace.kubectlJson<List<{ spec: { type: string }; status: { loadBalancer: { ingress?: { ip: string }[] } } }>>('get', 'services', '-A');
    const balanced = services.items.filter(({ spec }) => spec.type === 'LoadBalancer');
    expect(balanced.map((service) => service.status.loadBalancer.ingress?.[0]?.ip)).to.satisfy((ips: string[]) => ips.length === 1 && /^203\.0\.113\./.test(ips[0] ?? ''));
    const claims = await workspace.kubectlJson<List<{ status: { phase: string } }>>('get', 'pvc', '-A');
    expect(claims.items.map((claim) => claim.status.phase)).to.deep.equal(['Bound']);
    const made = (await workspace.inventory()).filter(({ madeBy }) => madeBy === 'kubernetes').map(({ kind }) => kind);
    expect(made).to.include.members(['load_balancer', 'volume']);
  });

  it('plans nothing the second time', async () => {
    for (const stack of STACKS) await workspace.tofu(stack, ['plan', '-detailed-exitcode', '-input=false', '-no-color']);
  });

  it('fits in 1.2 GB with Velero and S3', async () => {
    const { parts, memoryBytes } = await status();
    for (const { name, memoryBytes: bytes } of parts) console.log(`      ${name}: ${String(Math.round(bytes / 1e6))} MB`);
    expect(parts.map(({ name }) => name).some((name) => name.endsWith('-velero'))).to.equal(true);
    expect(parts.filter(({ restarts }) => restarts > 0)).to.deep.equal([]);
    expect(memoryBytes).to.be.below(1.2e9);
  });

  it('destroys it all and leaves nothing in the cloud', async () => {
    for (const stack of [...STACKS].reverse()) await workspace.tofu(stack, ['destroy', '-auto-approve', '-input=false', '-no-color']);
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
