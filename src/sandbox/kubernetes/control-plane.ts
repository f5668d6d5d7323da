import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Part, type PartHome, type PartStatus } from '../processes/part.ts';
import { keptPorts } from '../processes/ports.ts';
import { GaveUp, waitFor } from '../processes/wait.ts';
import { ADVERTISED } from './advertised.ts';
import { KubeClient, type KubeAddress } from './client.ts';
import type { EgressGate } from './egress-gate.ts';
import { makeClientCertificate } from './client-certificate.ts';
import { kubeconfig } from './kubeconfig.ts';
import { stagesFile } from './stages.ts';

/** The programs of a control plane, by absolute path. */
export interface KubernetesPrograms {
  readonly etcd: string;
  readonly apiServer: string;
  readonly controllerManager: string;
  readonly scheduler: string;
  readonly kwok: string;
}

export interface ControlPlaneOptions {
  /** Names its parts and logs. */
  readonly name: string;
  /** Keys, certificates and etcd's data; a control plane that starts here again has the objects it had. */
  readonly folder: string;
  readonly programs: KubernetesPrograms;
  readonly home: PartHome;
  readonly gate: EgressGate;
  /** The gate's socket, relative to the runtime folder in which every part starts. */
  readonly gateSocket: string;
  /** Where real nodes let in what the API server dials, relative too. Absent: kwok plays the nodes. */
  readonly nodesSocket?: string | undefined;
}

const PORTS = ['etcd', 'etcdPeer', 'apiServer', 'kubelet'] as const;
type Ports = Readonly<Record<(typeof PORTS)[number], number>>;

/** The range for benchmarks (RFC 2544): no network has anything there. */
export const POD_RANGE = '198.18.0.0/16';
export const SERVICE_RANGE = '198.19.0.0/16';

/**
 * For Go's collector: memory matters a little more here than speed, but to the API server, which would collect for a third of its
 * time. Its limit is for the moments when many definitions come at once: what it took for those it would never need again.
 */
const FRUGAL = { GOGC: '50' };
const ROOMY = { GOGC: '100', GOMEMLIMIT: '700MiB' };
const READY_WITHIN_MS = 60_000;

/** One Kubernetes: etcd, API server, controller manager, scheduler, and kwok in place of the kubelets, unless nodes are real. */
export class ControlPlane {
  readonly #options: ControlPlaneOptions;
  readonly #ports: Ports;
  readonly #token: string;
  readonly #parts: { readonly etcd: Part; readonly apiServer: Part; readonly others: readonly Part[] };
  #client: KubeClient | undefined;
  #stopped = false;

  private constructor(options: ControlPlaneOptions, chosen: Ports, token: string) {
    this.#options = options;
    this.#ports = chosen;
    this.#token = token;
    const part = (name: string, program: string, args: readonly string[], env = FRUGAL): Part =>
      new Part(options.home, { name: `${options.name}-${name}`, program, args, env });
    const { programs } = options;
    this.#parts = {
      etcd: part('etcd', programs.etcd, this.#etcdArguments()),
      apiServer: part('kube-apiserver', programs.apiServer, this.#apiServerArguments(), ROOMY),
      others: [
        part('kube-controller-manager', programs.controllerManager, this.#controllerManagerArguments()),
        part('kube-scheduler', programs.scheduler, this.#schedulerArguments()),
        ...(options.nodesSocket === undefined ? [part('kwok', programs.kwok, this.#kwokArguments())] : []),
      ],
    };
  }

  /** Writes what the parts read. The ports of an earlier life are kept where they are still free. */
  static async prepare(options: ControlPlaneOptions): Promise<ControlPlane> {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    const chosen = await keptPorts(join(options.folder, 'ports.json'), PORTS);
    const token = keep(options, 'token', () => randomBytes(32).toString('hex'));
    keep(options, 'service-accounts.key', () =>
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
    );
    write(options, 'tokens.csv', `${token},admin,admin,"system:masters"\n`);
    write(options, 'egress.yaml', egressConfiguration(options.nodesSocket ?? options.gateSocket));
    write(options, 'stages.yaml', stagesFile());
    const client = makeClientCertificate('kube-apiserver', 'system:masters');
    write(options, 'kubelet-client.crt', client.certificate);
    write(options, 'kubelet-client.key', client.key);
    return new ControlPlane(options, chosen, token);
  }

  /** Resolves when the API server answers. Throws when it does not within a minute. */
  async start(): Promise<void> {
    this.#parts.etcd.start();
    this.#parts.apiServer.start();
    await this.#answers();
    write(this.#options, 'admin.kubeconfig', kubeconfig({ admin: this.address() }));
    for (const part of this.#parts.others) part.start();
    this.#options.gate.allow(this.#ports.kubelet);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#options.gate.forbid(this.#ports.kubelet);
    this.#client?.close();
    await Promise.all(this.#parts.others.map((part) => part.stop()));
    await this.#parts.apiServer.stop();
    await this.#parts.etcd.stop();
  }

  /** Full rights, for the sandbox's own parts. */
  address(): KubeAddress {
    return {
      server: `https://127.0.0.1:${String(this.#ports.apiServer)}`,
      certificateAuthority: readFileSync(this.#file('certificates/apiserver.crt'), 'utf8'),
      token: this.#token,
    };
  }

  kubeconfigFile(): string {
    return this.#file('admin.kubeconfig');
  }

  apiPort(): number {
    return this.#ports.apiServer;
  }

  /** By which a kubelet knows the API server. */
  kubeletClientFile(): string {
    return this.#file('kubelet-client.crt');
  }

  client(): KubeClient {
    return (this.#client ??= new KubeClient(this.address()));
  }

  status(): readonly PartStatus[] {
    const { etcd, apiServer, others } = this.#parts;
    return [etcd, apiServer, ...others].map((part) => part.status());
  }

  /**
   * With a client of its own each time: the certificate of a first start may be read while it is still being written,
   * and whoever trusts half of one is never answered.
   */
  async #answers(): Promise<void> {
    await waitFor(`the API server of ${this.#options.name} does not answer; see its log`, READY_WITHIN_MS, async () => {
      if (this.#stopped) throw new GaveUp(`${this.#options.name} was stopped`);
      const client = new KubeClient(this.address());
      try {
        return (await client.text('/readyz', 2_000)) === 'ok' ? true : undefined;
      } finally {
        client.close();
      }
    });
  }

  #etcdArguments(): readonly string[] {
    const client = `http://127.0.0.1:${String(this.#ports.etcd)}`;
    const peer = `http://127.0.0.1:${String(this.#ports.etcdPeer)}`;
    return [
      '--name=sandbox',
      `--data-dir=${this.#file('etcd')}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=sandbox=${peer}`,
      // A killed process loses nothing this way; only a power cut would.
      '--unsafe-no-fsync',
      // What it keeps in memory for members that lag behind: there are none.
      '--snapshot-count=500',
      '--snapshot-catchup-entries=50',
      '--log-level=warn',
    ];
  }

  #apiServerArguments(): readonly string[] {
    return [
      '--bind-address=127.0.0.1',
      `--secure-port=${String(this.#ports.apiServer)}`,
      `--advertise-address=${ADVERTISED}`,
      '--endpoint-reconciler-type=none',
      `--etcd-servers=http://127.0.0.1:${String(this.#ports.etcd)}`,
      `--cert-dir=${this.#file('certificates')}`,
      `--token-auth-file=${this.#file('tokens.csv')}`,
      '--authorization-mode=Node,RBAC',
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--service-account-key-file=${this.#file('service-accounts.key')}`,
      `--service-account-signing-key-file=${this.#file('service-accounts.key')}`,
      `--service-cluster-ip-range=${SERVICE_RANGE}`,
      ...this.#nodeArguments(),
      `--egress-selector-config-file=${this.#file('egress.yaml')}`,
      '--kubelet-preferred-address-types=InternalIP',
      '--allow-privileged=true',
      // Nobody has to be kept from asking too much.
      '--enable-priority-and-fairness=false',
      // Nothing is gained by packing what stays on this machine.
      '--feature-gates=APIResponseCompression=false',
    ];
  }

  #nodeArguments(): readonly string[] {
    // Webhooks have no process behind them there.
    if (this.#options.nodesSocket === undefined)
      return ['--disable-admission-plugins=ValidatingAdmissionWebhook,MutatingAdmissionWebhook'];
    return [
      `--kubelet-client-certificate=${this.#file('kubelet-client.crt')}`,
      `--kubelet-client-key=${this.#file('kubelet-client.key')}`,
    ];
  }

  #controllerManagerArguments(): readonly string[] {
    return [
      `--kubeconfig=${this.#file('admin.kubeconfig')}`,
      '--secure-port=0',
      '--leader-elect=false',
      `--service-account-private-key-file=${this.#file('service-accounts.key')}`,
      `--root-ca-file=${this.#file('certificates/apiserver.crt')}`,
    ];
  }

  #schedulerArguments(): readonly string[] {
    return [`--kubeconfig=${this.#file('admin.kubeconfig')}`, '--secure-port=0', '--leader-elect=false'];
  }

  #kwokArguments(): readonly string[] {
    const kubelet = `127.0.0.1:${String(this.#ports.kubelet)}`;
    return [
      `--kubeconfig=${this.#file('admin.kubeconfig')}`,
      `--config=${this.#file('stages.yaml')}`,
      '--manage-all-nodes',
      `--cidr=${POD_RANGE}`,
      '--node-ip=127.0.0.1',
      `--node-port=${String(this.#ports.kubelet)}`,
      // Without leases the nodes would count as lost after a minute.
      '--node-lease-duration-seconds=40',
      `--server-address=${kubelet}`,
      `--tls-cert-file=${this.#file('certificates/apiserver.crt')}`,
      `--tls-private-key-file=${this.#file('certificates/apiserver.key')}`,
      '--v=WARN',
    ];
  }

  #file(name: string): string {
    return join(this.#options.folder, name);
  }
}

function egressConfiguration(socket: string): string {
  return JSON.stringify({
    apiVersion: 'apiserver.k8s.io/v1beta1',
    kind: 'EgressSelectorConfiguration',
    egressSelections: [
      { name: 'cluster', connection: { proxyProtocol: 'HTTPConnect', transport: { uds: { udsName: socket } } } },
    ],
  });
}

function keep(options: ControlPlaneOptions, name: string, make: () => string): string {
  const before = readIfThere(join(options.folder, name));
  if (before !== undefined) return before;
  const made = make();
  write(options, name, made);
  return made;
}

function write(options: ControlPlaneOptions, name: string, content: string): void {
  writeFileSync(join(options.folder, name), content, { mode: 0o600 });
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
