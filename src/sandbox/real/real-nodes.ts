import { rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { programFile } from '../../installed.ts';
import { TOOLCHAIN_FOLDER } from '../../toolchain/pins.ts';
import type { NodeSpec } from '../digitalocean/contracts.ts';
import { listen } from '../processes/listen.ts';
import { Part, type PartHome, type PartStatus } from '../processes/part.ts';
import { waitFor } from '../processes/wait.ts';
import { makeGroups, memoryOfGroups, removeGroups } from './control-groups.ts';
import { CLUSTER_INSIDE, IMAGES_SOCKET, insideParts, RUN_INSIDE, type InsideOptions } from './inside-options.ts';
import { PAUSE_IMAGE, type RealNodeKit } from './kit.ts';
import { linkBlobs } from './known-blobs.ts';

export interface RealNodesOptions {
  readonly kit: RealNodeKit;
  readonly home: PartHome;
  /** Names its parts and logs. */
  readonly name: string;
  /** Of the cluster, absolute. */
  readonly folder: string;
  /** The way in: relative to the runtime folder, which this process works in, because a socket's path must be short. */
  readonly socket: string;
  readonly apiPort: number;
  /** Where Spaces answers, out here and in there. */
  readonly spacesPort: number;
  readonly kubeconfig: string;
  readonly clientAuthority: string;
  readonly network: RealNetwork;
}

export interface RealNetwork {
  /** Under which pods find the API server; its certificate has it. */
  readonly apiAddress: string;
  readonly podRange: string;
  readonly serviceRange: string;
  readonly loadBalancerRange: string;
  readonly dnsAddress: string;
}

const API_SOCKET = 'api.sock';
const SPACES_SOCKET = 'spaces.sock';
const BOOT_WITHIN_MS = 30_000;
const NODES_WITHIN_MS = 180_000;
const LOOK_EVERY_MS = 2_000;
/** Into the control groups first: what is started from there sees them as the whole. */
const ENTER = 'while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs" || exit 1; shift; done; shift; exec "$@"';

/** The nodes of one cluster with everything that runs on them, in namespaces and control groups of their own. */
export class RealNodes {
  readonly #options: RealNodesOptions;
  readonly #part: Part;
  #ways: readonly Server[] = [];
  #nodes: readonly NodeSpec[] = [];
  #inside: readonly PartStatus[] = [];
  #timer: NodeJS.Timeout | undefined;
  #tending = false;

  private constructor(options: RealNodesOptions) {
    this.#options = options;
    const optionsFile = join(options.folder, 'nodes.json');
    writeFileSync(optionsFile, JSON.stringify(insideOptionsOf(options)), { mode: 0o600 });
    this.#part = new Part(options.home, {
      name: `${options.name}-nodes`,
      program: 'sh',
      args: [
        ...['-c', ENTER, 'sh', ...makeGroups(options.folder), '--'],
        ...['unshare', '--mount', '--net', '--pid', '--uts', '--ipc', '--cgroup', '--propagation=private'],
        ...['--fork', '--kill-child=SIGKILL'],
        ...['sh', join(TOOLCHAIN_FOLDER, 'node', 'boot.sh'), options.home.runtime, options.folder],
        ...[process.execPath, '--disable-warning=ExperimentalWarning', programFile('sandbox/real/inside'), optionsFile],
      ],
    });
  }

  /** Resolves when the namespaces are there; nodes come with `set`. Throws, with nothing left, when they do not come. */
  static async start(options: RealNodesOptions): Promise<RealNodes> {
    const nodes = new RealNodes(options);
    try {
      await nodes.#start();
      return nodes;
    } catch (error) {
      await nodes.stop();
      throw error;
    }
  }

  /** Their kubelets run exactly for these; a kubelet announces its node by itself. */
  async set(nodes: readonly NodeSpec[]): Promise<void> {
    this.#nodes = nodes;
    const { kit, folder } = this.#options;
    for (const { name } of nodes) {
      linkBlobs(kit.upstream?.folder ?? kit.prepared.blobs, join(folder, 'nodes', name, 'containerd'));
    }
    await this.#ask('PUT', '/nodes', nodes.map(insideNodeOf), NODES_WITHIN_MS);
  }

  /** A connection to an address inside the cluster, such as `203.0.113.2:80`. Rejects when nobody answers there. */
  dial(target: string): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: this.#options.socket, method: 'CONNECT', path: target });
      asked.once('error', reject);
      asked.once('connect', (response, socket, head) => {
        if (response.statusCode !== 200) {
          socket.destroy();
          return reject(new Error(`nobody answers at ${target}`));
        }
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      asked.end();
    });
  }

  /** The first one stands for all that is no program of the nodes' own: pods, and what keeps them. */
  parts(): readonly PartStatus[] {
    const known = this.#inside.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
    const memoryBytes = Math.max(0, memoryOfGroups(this.#options.folder) - known);
    return [{ ...this.#part.status(), memoryBytes }, ...this.#inside];
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    // First its end is expected, then it is asked for: it does not heed the usual signal.
    const ended = this.#part.stop();
    await this.#ask('POST', '/stop', [], 1_000).catch(() => undefined);
    await ended;
    for (const way of this.#ways) way.close();
    await removeGroups(this.#options.folder);
  }

  async #start(): Promise<void> {
    const { socket, apiPort, spacesPort } = this.#options;
    this.#ways = await Promise.all([
      openWay(join(dirname(socket), API_SOCKET), apiPort),
      openWay(join(dirname(socket), SPACES_SOCKET), spacesPort),
    ]);
    this.#part.start();
    await waitFor(`the nodes of ${this.#options.name} do not start; see their log`, BOOT_WITHIN_MS, () =>
      this.#look().then(() => true),
    );
    this.#timer = setInterval(() => void this.#tend(), LOOK_EVERY_MS).unref();
  }

  async #look(): Promise<void> {
    const answer = insideParts.parse(JSON.parse(await this.#ask('GET', '/parts', undefined, LOOK_EVERY_MS)));
    this.#inside = answer.map((part) => ({ ...part, pid: undefined }));
  }

  /** After its first process was killed, everything starts again inside, and asks which nodes there are. */
  async #tend(): Promise<void> {
    if (this.#tending) return;
    this.#tending = true;
    try {
      await this.#look();
      if (this.#inside.length === 0 && this.#nodes.length > 0) await this.set(this.#nodes);
    } catch {
      this.#inside = [];
    } finally {
      this.#tending = false;
    }
  }

  #ask(method: string, path: string, body: unknown, timeoutMs: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: this.#options.socket, method, path, timeout: timeoutMs }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(text));
        });
      });
      asked.once('timeout', () => asked.destroy(new Error('the nodes do not answer in time')));
      asked.once('error', reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function insideNodeOf({ name, privateAddress }: NodeSpec): { readonly name: string; readonly address: string } {
  return { name, address: privateAddress };
}

function insideOptionsOf(options: RealNodesOptions): InsideOptions {
  const { kit, home, name, network } = options;
  const { programs, path, libraries, blobs, images } = kit.prepared;
  return {
    runtime: home.runtime,
    logs: home.logs,
    name,
    socket: `${CLUSTER_INSIDE}/${basename(options.socket)}`,
    apiSocket: `${CLUSTER_INSIDE}/${API_SOCKET}`,
    apiPort: options.apiPort,
    spacesSocket: `${CLUSTER_INSIDE}/${SPACES_SOCKET}`,
    spacesPort: options.spacesPort,
    apiAddress: network.apiAddress,
    podRange: network.podRange,
    serviceRange: network.serviceRange,
    loadBalancerRange: network.loadBalancerRange,
    dnsAddress: network.dnsAddress,
    kubeconfig: options.kubeconfig,
    clientAuthority: options.clientAuthority,
    pauseImage: PAUSE_IMAGE,
    blobs,
    ...(kit.upstream === undefined
      ? { images: images.map(({ name: image, manifest }) => ({ name: image, manifest })) }
      : { images: [], imagesSocket: `${RUN_INSIDE}/runtime/${IMAGES_SOCKET}` }),
    programs: { ...programs, kubelet: kit.kubelet, kubeProxy: kit.kubeProxy },
    path,
    libraries,
  };
}

/** A socket file, because it is the same one in every network. */
async function openWay(path: string, port: number): Promise<Server> {
  rmSync(path, { force: true });
  const server = createServer((socket: Socket) => {
    const onward = connect({ host: '127.0.0.1', port });
    socket.pipe(onward).pipe(socket);
    socket.once('error', () => onward.destroy()).once('close', () => onward.destroy());
    onward.once('error', () => socket.destroy()).once('close', () => socket.destroy());
  });
  await listen(server, path);
  return server;
}
