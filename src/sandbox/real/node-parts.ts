import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { Part, type PartSpec, type PartStatus } from '../processes/part.ts';
import { waitFor } from '../processes/wait.ts';
import { ANNOUNCE, CNI_VERSION } from './announcements.ts';
import {
  CLUSTER_INSIDE as CLUSTER,
  IMAGES_PORT,
  PLUGINS_INSIDE as PLUGINS,
  programEnvironment,
  RUN_INSIDE as RUN,
  type InsideNode,
  type InsideOptions,
} from './inside-options.ts';
import { makeMounts, type Mounts } from './mounts.ts';
import type { Network } from './network.ts';
import { messageOf } from '../../errors.ts';

const run = promisify(execFile);
const GROUPS = '/sys/fs/cgroup';
const CONTAINERD_WITHIN_MS = 20_000;
const REGISTRIES = `${RUN}/registries`;
const FRUGAL = { GOGC: '50' };
/** Where pods that look after a node look for the volumes of its pods, because every kubelet has them there. */
const KUBELET_FOLDER = '/var/lib/kubelet';

interface Running {
  readonly node: InsideNode;
  readonly mounts: Mounts;
  readonly containerd: Part;
  readonly kubelet: Part;
}

/** The programs of every node in these namespaces. They share the network, so that one kube-proxy serves all of them. */
export class NodeParts {
  readonly #options: InsideOptions;
  readonly #network: Network;
  readonly #running = new Map<string, Running>();
  #last: Promise<void> = Promise.resolve();
  #proxy: { readonly node: string; readonly part: Part } | undefined;

  constructor(options: InsideOptions, network: Network) {
    this.#options = options;
    this.#network = network;
    writeFile(`${RUN}/cni/pods.conflist`, networkConfiguration(options.podRange));
    linkPlugins(options.programs.plugins);
    writeFile(`${REGISTRIES}/_default/hosts.toml`, registryConfiguration());
  }

  /** Starts what is missing and ends what is too many, one call after the other. Resolves when every kubelet was started. */
  set(nodes: readonly InsideNode[]): Promise<void> {
    const done = this.#last.then(() => this.#become(nodes));
    this.#last = done.catch(() => undefined);
    return done;
  }

  status(): readonly PartStatus[] {
    const parts = [...this.#running.values()].flatMap(({ containerd, kubelet }) => [containerd, kubelet]);
    return [...parts, ...(this.#proxy === undefined ? [] : [this.#proxy.part])].map((part) => part.status());
  }

  async #become(nodes: readonly InsideNode[]): Promise<void> {
    const names = new Set(nodes.map(({ name }) => name));
    await Promise.all(nodes.filter(({ name }) => !this.#running.has(name)).map((node) => this.#start(node)));
    await Promise.all(
      [...this.#running.values()].filter(({ node }) => !names.has(node.name)).map((running) => this.#stop(running)),
    );
    await this.#startProxy();
  }

  async #start(node: InsideNode): Promise<void> {
    const { programs, kubeconfig } = this.#options;
    await this.#network.addAddress(node.address);
    const folder = `${CLUSTER}/nodes/${node.name}`;
    mkdirSync(`${folder}/kubelet`, { recursive: true });
    const mounts = await makeMounts(`${folder}/kubelet`, KUBELET_FOLDER);
    makeGroup(node.name);
    writeFile(`${RUN}/${node.name}/containerd.toml`, this.#containerdConfiguration(node.name, folder));
    writeFile(`${RUN}/${node.name}/kubelet.yaml`, this.#kubeletConfiguration(node, folder));
    const containerd = this.#nodePart(node.name, mounts, {
      name: 'containerd',
      program: programs.containerd,
      args: ['--config', `${RUN}/${node.name}/containerd.toml`],
    });
    containerd.start();
    await this.#containerdAnswers(node.name);
    const kubelet = this.#nodePart(node.name, mounts, {
      name: 'kubelet',
      program: programs.kubelet,
      args: [
        `--config=${RUN}/${node.name}/kubelet.yaml`,
        `--kubeconfig=${kubeconfig}`,
        `--hostname-override=${node.name}`,
        `--node-ip=${node.address}`,
        `--root-dir=${KUBELET_FOLDER}`,
        `--cert-dir=${folder}/pki`,
      ],
    });
    kubelet.start();
    for (const { name: image } of this.#options.images) {
      if (image.includes('@')) void this.#takePinned(node.name, image);
    }
    this.#running.set(node.name, { node, mounts, containerd, kubelet });
  }

  /** Its pods went with the node's object; whatever of them is left ends here. */
  async #stop({ node, mounts, containerd, kubelet }: Running): Promise<void> {
    this.#running.delete(node.name);
    await kubelet.stop();
    for (const pid of processesOf(node.name)) signal(pid);
    await containerd.stop();
    mounts.close();
    await this.#network.removeAddress(node.address);
  }

  /** It speaks for one of the nodes, whichever is there. */
  async #startProxy(): Promise<void> {
    const [first] = this.#running.keys();
    if (first === undefined || (this.#proxy !== undefined && this.#running.has(this.#proxy.node))) return;
    await this.#proxy?.part.stop();
    writeFile(`${RUN}/kube-proxy.yaml`, proxyConfiguration(this.#options));
    const part = this.#part({
      name: 'kube-proxy',
      program: this.#options.programs.kubeProxy,
      args: [`--config=${RUN}/kube-proxy.yaml`, `--hostname-override=${first}`],
    });
    part.start();
    this.#proxy = { node: first, part };
  }

  async #containerdAnswers(name: string): Promise<void> {
    await waitFor('containerd does not answer; see its log', CONTAINERD_WITHIN_MS, async () => {
      await this.#ctr(name, 'version');
      return true;
    });
  }

  /** No rebuilt image has the digest that a manifest pins: it is there under that name before anybody asks for it. */
  async #takePinned(name: string, image: string): Promise<void> {
    const [tagged = ''] = image.split('@');
    const pinned = image.replace(/:[^:@/]+@/, '@');
    try {
      await this.#ctr(name, 'images', 'pull', '--hosts-dir', REGISTRIES, tagged);
      await this.#ctr(name, 'images', 'tag', '--force', tagged, pinned);
    } catch (error) {
      process.stderr.write(`${image} is not there: ${messageOf(error)}\n`);
    }
  }

  async #ctr(name: string, ...args: readonly string[]): Promise<void> {
    const all = ['--address', socketOf(name), '--namespace', 'k8s.io', ...args];
    await run(this.#options.programs.ctr, all, { env: programEnvironment(this.#options), maxBuffer: 2 ** 24 });
  }

  #nodePart(node: string, mounts: Mounts, { name, program, args }: PartSpec): Part {
    return this.#part({
      name: `${node}-${name}`,
      program: 'nsenter',
      args: [`--mount=${mounts.path}`, program, ...args],
    });
  }

  #part(spec: PartSpec): Part {
    const { runtime, logs, name } = this.#options;
    const log = (message: string): void => void process.stderr.write(`${new Date().toISOString()} ${message}\n`);
    const env = { ...FRUGAL, ...programEnvironment(this.#options) };
    return new Part({ runtime, logs, log }, { ...spec, name: `${name}-${spec.name}`, env });
  }

  #containerdConfiguration(name: string, folder: string): string {
    const { programs, pauseImage } = this.#options;
    const cri = 'plugins."io.containerd.grpc.v1.cri"';
    return toml(
      ['', { version: 2, root: `${folder}/containerd`, state: `${RUN}/${name}/state`, oom_score: 0 }],
      ['grpc', { address: socketOf(name) }],
      ['plugins."io.containerd.internal.v1.opt"', { path: `${RUN}/${name}/opt` }],
      // A lower oom_score_adj than its own is what an unprivileged root may not give.
      [cri, { sandbox_image: pauseImage, restrict_oom_score_adj: true }],
      [`${cri}.registry`, { config_path: REGISTRIES }],
      [`${cri}.cni`, { bin_dir: PLUGINS, conf_dir: `${RUN}/cni` }],
      [`${cri}.containerd`, { snapshotter: 'overlayfs', default_runtime_name: 'runc' }],
      [`${cri}.containerd.runtimes.runc`, { runtime_type: 'io.containerd.runc.v2' }],
      [`${cri}.containerd.runtimes.runc.options`, { BinaryName: programs.runc, SystemdCgroup: false }],
    );
  }

  #kubeletConfiguration({ name, address }: InsideNode, folder: string): string {
    const { dnsAddress, clientAuthority } = this.#options;
    return stringify({
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      address,
      healthzPort: 0,
      authentication: {
        anonymous: { enabled: false },
        webhook: { enabled: true },
        x509: { clientCAFile: clientAuthority },
      },
      authorization: { mode: 'Webhook' },
      containerRuntimeEndpoint: `unix://${socketOf(name)}`,
      cgroupDriver: 'cgroupfs',
      cgroupRoot: `/${name}`,
      failCgroupV1: false,
      clusterDNS: [dnsAddress],
      clusterDomain: 'cluster.local',
      resolvConf: '/etc/resolv.conf',
      podLogsDir: `${folder}/logs`,
      volumePluginDir: `${RUN}/${name}/plugins`,
      failSwapOn: false,
      oomScoreAdj: 0,
      serializeImagePulls: false,
      // Nothing can be fetched again here, so nothing is thrown away.
      imageGCHighThresholdPercent: 100,
      imageGCLowThresholdPercent: 99,
      evictionHard: {
        'memory.available': '100Mi',
        'nodefs.available': '1%',
        'nodefs.inodesFree': '1%',
        'imagefs.available': '1%',
      },
      nodeStatusUpdateFrequency: '5s',
      // A pod that waits for another one is looked at again soon.
      syncFrequency: '10s',
      // As many as a test machine of two cores can start at once without stumbling.
      kubeAPIQPS: 50,
      shutdownGracePeriod: '0s',
    });
  }
}

function socketOf(name: string): string {
  return `${RUN}/${name}/containerd.sock`;
}

/** Pods see each other through the node's routes alone: with a bridge, answers would not pass kube-proxy's rules. */
function networkConfiguration(podRange: string): string {
  return JSON.stringify({
    cniVersion: CNI_VERSION,
    name: 'pods',
    plugins: [
      {
        type: 'ptp',
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: podRange }]],
          routes: [{ dst: '0.0.0.0/0' }],
          dataDir: `${RUN}/addresses`,
        },
      },
      { type: ANNOUNCE },
    ],
  });
}

/** Beside one of our own: a container runtime looks into one folder. */
function linkPlugins(folder: string): void {
  mkdirSync(PLUGINS, { recursive: true });
  for (const name of readdirSync(folder)) symlinkSync(join(folder, name), join(PLUGINS, name));
}

/** Of every registry that an image may name. */
function registryConfiguration(): string {
  const server = `http://127.0.0.1:${String(IMAGES_PORT)}`;
  return `server = "${server}"\n\n[host."${server}"]\ncapabilities = ["pull", "resolve"]\n`;
}

function proxyConfiguration({ kubeconfig, podRange }: InsideOptions): string {
  return stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clusterCIDR: podRange,
    clientConnection: { kubeconfig },
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
    // Limits of connection tracking are the whole machine's: they stay as they are.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    oomScoreAdj: 0,
  });
}

/** The groups of a node's pods, one in each hierarchy. */
function makeGroup(name: string): void {
  for (const hierarchy of hierarchies()) {
    const group = join(hierarchy, name);
    if (existsSync(group)) continue;
    mkdirSync(group);
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (existsSync(join(group, file)) && existsSync(join(hierarchy, file)))
        writeFileSync(join(group, file), readFileSync(join(hierarchy, file)));
    }
  }
}

function hierarchies(): readonly string[] {
  if (existsSync(join(GROUPS, 'cgroup.controllers'))) return [GROUPS];
  return readdirSync(GROUPS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(GROUPS, name));
}

/** Of the pods of a node, by the control group they are in. */
function processesOf(name: string): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${String(pid)}/cgroup`, 'utf8').includes(`:/${name}/`);
      } catch {
        return false;
      }
    });
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}

type Table = readonly [string, Readonly<Record<string, string | number | boolean>>];

function toml(...tables: readonly Table[]): string {
  return tables
    .map(([name, values]) =>
      [
        ...(name === '' ? [] : [`[${name}]`]),
        ...Object.entries(values).map(([key, value]) => `${key} = ${JSON.stringify(value)}`),
        '',
      ].join('\n'),
    )
    .join('\n');
}

function writeFile(path: string, content: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
}
