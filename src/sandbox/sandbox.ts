import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterKit } from './cluster-kit.ts';
import { DigitalOceanClusters } from './digitalocean-clusters.ts';
import { startCloud } from './digitalocean/cloud.ts';
import type { Cloud } from './digitalocean/contracts.ts';
import { makeKeys, sandboxKeys, type SandboxKeys } from './keys.ts';
import { openEgressGate, type EgressGate } from './kubernetes/egress-gate.ts';
import type { SandboxLayout } from './layout.ts';
import { LocalClusters } from './local-clusters.ts';
import { startObjectStorage, type ObjectStorage } from './object-storage.ts';
import { keptPorts } from './processes/ports.ts';
import type { PartHome, PartStatus } from './processes/part.ts';
import { memoryOf } from './processes/proc.ts';
import { PAUSE_IMAGE, type RealNodeKit } from './real/kit.ts';
import { openUpstream, type Upstream } from './real/upstream.ts';
import type { SandboxPrograms, SandboxStatus } from './status.ts';
import { messageOf } from '../errors.ts';

export interface SandboxOptions {
  readonly layout: SandboxLayout;
  readonly programs: SandboxPrograms;
  /** Absent: nodes are played by kwok. */
  readonly real?: RealNodeKit | undefined;
  readonly log: (message: string) => void;
}

interface Running {
  readonly gate: EgressGate;
  readonly storage: ObjectStorage;
  readonly cloud: Cloud;
  readonly clusters: DigitalOceanClusters;
  readonly local: LocalClusters;
  /** Where images come from their registries. */
  readonly upstream: Upstream | undefined;
}

/** Every part starts in the runtime folder, so the socket's path stays short: the system allows about a hundred bytes. */
const GATE_SOCKET = 'egress.sock';
/** How long the cloud takes for what has no real part behind it. */
const CLOUD_DELAY_MS = 1_000;

/** All parts of one sandbox, inside this process and beside it. The process' working folder is the runtime folder. */
export class Sandbox {
  readonly #running: Running;
  readonly #real: RealNodeKit | undefined;
  readonly #startedAt = new Date().toISOString();
  #ready = false;
  #trouble: string | undefined;

  private constructor(running: Running, real: RealNodeKit | undefined) {
    this.#running = running;
    this.#real = real;
  }

  /** Resolves when the cloud answers; what an earlier life had comes back afterwards, see `resume`. */
  static async start({ layout, programs, real, log }: SandboxOptions): Promise<Sandbox> {
    const keys = keysOf(layout);
    const home: PartHome = { runtime: layout.runtime, logs: layout.logs, log };
    const ports = await keptPorts(join(layout.runtime, 'ports.json'), ['digitalocean', 'spaces']);
    const gate = await openEgressGate(GATE_SOCKET);
    const storage = await startObjectStorage({
      program: programs.versitygw,
      home,
      folder: layout.objects,
      ...keys.storage,
    });
    const kit: ClusterKit = {
      kubernetes: {
        etcd: programs.etcd,
        apiServer: programs['kube-apiserver'],
        controllerManager: programs['kube-controller-manager'],
        scheduler: programs['kube-scheduler'],
        kwok: programs.kwok,
      },
      velero: { server: programs['velero-server'], plugins: pluginFolder(layout, programs['velero-plugin-for-aws']) },
      real,
      spacesPort: ports.spaces,
      home,
      gate,
      gateSocket: GATE_SOCKET,
      folder: layout.clusters,
    };
    // The cloud makes clusters and the clusters change the cloud: the later one is reached through a function.
    const clusters = new DigitalOceanClusters(kit, () => cloud);
    const cloud = await startCloud({
      folder: layout.cloud,
      tokens: [keys.digitaloceanToken],
      port: ports.digitalocean,
      clusters,
      delayMs: CLOUD_DELAY_MS,
      spaces: {
        port: ports.spaces,
        endpoint: storage.endpoint,
        region: storage.region,
        ...keys.storage,
        clientKey: keys.spaces,
      },
    });
    const local = new LocalClusters(kit, layout.localKubeconfig);
    const upstream = real?.upstream === undefined ? undefined : await openUpstream(real.upstream, log);
    return new Sandbox({ gate, storage, cloud, clusters, local, upstream }, real);
  }

  /** Brings back the clusters of an earlier life. */
  async resume(): Promise<void> {
    const { cloud, clusters, local, upstream } = this.#running;
    try {
      // Without this one no pod begins: what is wrong with the registries shows now.
      await upstream?.require(PAUSE_IMAGE);
      await Promise.all([...cloud.clusters().map((spec) => clusters.create(spec)), local.resume()]);
      this.#ready = true;
    } catch (error) {
      this.#trouble = messageOf(error);
      throw error;
    }
  }

  ensureLocalCluster(context: string): Promise<void> {
    return this.#running.local.ensure(context);
  }

  status(): SandboxStatus {
    const { cloud, clusters, local, storage, gate, upstream } = this.#running;
    const daemon: PartStatus = {
      name: 'daemon',
      state: 'running',
      pid: process.pid,
      restarts: 0,
      memoryBytes: memoryOf(process.pid),
    };
    const parts = [daemon, storage.part.status(), ...clusters.parts(), ...local.parts()];
    return {
      ready: this.#ready,
      ...(this.#trouble === undefined ? {} : { trouble: this.#trouble }),
      startedAt: this.#startedAt,
      digitaloceanUrl: cloud.url,
      spacesUrl: cloud.spacesUrl ?? storage.endpoint,
      clusters: cloud.clusters().map(({ id, name, nodes }) => ({ id, name, nodes: nodes.length })),
      nodes: this.#real === undefined ? 'simulated' : 'real',
      ...(this.#real === undefined ? {} : { images: upstream === undefined ? 'rebuilt' : 'upstream' }),
      rebuiltImages:
        upstream === undefined ? (this.#real?.prepared.images.map(({ name, madeOf }) => ({ name, madeOf })) ?? []) : [],
      upstreamImages: [...(upstream?.list() ?? [])],
      forwards: [...clusters.forwards()],
      localContexts: [...local.contexts()],
      parts: parts.map((part) => ({ ...part })),
      memoryBytes: parts.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
      refusedDials: [...gate.refused()],
    };
  }

  async stop(): Promise<void> {
    const { cloud, clusters, local, storage, gate, upstream } = this.#running;
    // First the cloud: what it has under way is for its next life to do.
    const closed = cloud.close();
    await Promise.allSettled([clusters.stop(), local.stop()]);
    await Promise.allSettled([closed, storage.part.stop(), gate.close(), upstream?.close()]);
  }
}

function keysOf(layout: SandboxLayout): SandboxKeys {
  if (existsSync(layout.keysFile)) return sandboxKeys.parse(JSON.parse(readFileSync(layout.keysFile, 'utf8')));
  const keys = makeKeys();
  writeFileSync(layout.keysFile, JSON.stringify(keys), { mode: 0o600 });
  return keys;
}

/** Velero starts every program of its plugin folder, so it gets one that holds the plugin alone. */
function pluginFolder(layout: SandboxLayout, plugin: string): string {
  const folder = join(layout.runtime, 'velero-plugins');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  symlinkSync(plugin, join(folder, 'velero-plugin-for-aws'));
  return folder;
}
