import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Cluster, type ClusterDesign } from './cluster.ts';
import { playVelero, type ClusterKit } from './cluster-kit.ts';
import { startCertificates } from './controllers/certificates.ts';
import { startDnsRecords } from './controllers/dns-records.ts';
import { startIngressAddresses } from './controllers/ingress-addresses.ts';
import { startLoadBalancers } from './controllers/load-balancers.ts';
import { startVolumes, type Disks } from './controllers/volumes.ts';
import type {
  Cloud,
  ClusterBackend,
  ClusterCredentials,
  ClusterId,
  ClusterSpec,
  KubernetesResources,
  NodeSpec,
} from './digitalocean/contracts.ts';
import { loadBalancerRange } from './digitalocean/addresses.ts';
import { ADVERTISED } from './kubernetes/advertised.ts';
import { POD_RANGE, SERVICE_RANGE } from './kubernetes/control-plane.ts';
import { ADMIN_ACCOUNT, announceDriver, DIGITALOCEAN_STORAGE, furnishDigitalOcean } from './kubernetes/furnish.ts';
import type { KubeObject } from './kubernetes/objects.ts';
import type { PartStatus } from './processes/part.ts';
import { realDisks } from './real/disks.ts';
import { startForwards, type Forward, type Forwards } from './real/forwards.ts';
import { furnishRealNodes } from './real/furnish-nodes.ts';
import { RealNodes, type RealNetwork } from './real/real-nodes.ts';

interface TokenAnswer extends KubeObject {
  readonly status: { readonly token: string; readonly expirationTimestamp: string };
}

/** What DigitalOcean gives when no expiry is asked for, and the least that Kubernetes agrees to. */
const DEFAULT_EXPIRY_SECONDS = 7 * 24 * 3600;
const LEAST_EXPIRY_SECONDS = 600;

const REAL_NETWORK: RealNetwork = {
  apiAddress: ADVERTISED,
  podRange: POD_RANGE,
  serviceRange: SERVICE_RANGE,
  loadBalancerRange,
  // Of the service range, where the names of a cluster usually are.
  dnsAddress: '198.19.0.10',
};

/** The real Kubernetes behind the simulated clusters: one control plane each. */
export class DigitalOceanClusters implements ClusterBackend {
  readonly #kit: ClusterKit;
  readonly #cloud: () => Cloud;
  /** Those that are starting included. */
  readonly #clusters = new Map<ClusterId, Promise<Cluster>>();
  readonly #up = new Map<ClusterId, Cluster>();
  readonly #forwards = new Map<ClusterId, Forwards>();
  readonly #stopping = new AbortController();

  /** The cloud needs this backend to start, so it is asked for only once clusters run. */
  constructor(kit: ClusterKit, cloud: () => Cloud) {
    this.#kit = kit;
    this.#cloud = cloud;
  }

  async create(spec: ClusterSpec): Promise<void> {
    const before = this.#clusters.get(spec.id);
    if (before !== undefined) {
      await (await before).setNodes(spec.nodes);
      return;
    }
    const starting = Cluster.start(this.#design(spec), () => spec.nodes, this.#stopping.signal);
    this.#clusters.set(spec.id, starting);
    try {
      this.#up.set(spec.id, await starting);
    } catch (error) {
      this.#clusters.delete(spec.id);
      throw error;
    }
  }

  async setNodes(id: ClusterId, nodes: readonly NodeSpec[]): Promise<void> {
    await (await this.#cluster(id)).setNodes(nodes);
  }

  /** The control plane is the same program whatever the version's name: nodes alone show the new one. */
  async upgrade(id: ClusterId): Promise<void> {
    await this.#cluster(id);
  }

  async delete(id: ClusterId): Promise<void> {
    const cluster = this.#clusters.get(id);
    this.#clusters.delete(id);
    this.#up.delete(id);
    this.#forwards.delete(id);
    await (await cluster)?.stop();
    rmSync(join(this.#kit.folder, id), { recursive: true, force: true });
  }

  async credentials(id: ClusterId, expirySeconds: number): Promise<ClusterCredentials> {
    const cluster = await this.#cluster(id);
    const { namespace, name } = ADMIN_ACCOUNT;
    const seconds = Math.max(expirySeconds === 0 ? DEFAULT_EXPIRY_SECONDS : expirySeconds, LEAST_EXPIRY_SECONDS);
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
    const { status } = await cluster.client().create<TokenAnswer>(path, { spec: { expirationSeconds: seconds } });
    const { server, certificateAuthority } = cluster.address();
    return { server, certificateAuthority, token: status.token, expiresAt: new Date(status.expirationTimestamp) };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled([...this.#clusters.values()].map(async (cluster) => (await cluster).stop()));
  }

  /** The load balancers that answer, where nodes are real. */
  forwards(): readonly Forward[] {
    return [...this.#forwards.values()].flatMap((one) => one.list());
  }

  parts(): readonly PartStatus[] {
    return [...this.#up.values()].flatMap((cluster) => cluster.parts());
  }

  async #cluster(id: ClusterId): Promise<Cluster> {
    const cluster = await this.#clusters.get(id);
    if (cluster === undefined) throw new Error(`no Kubernetes runs for cluster ${id}`);
    return cluster;
  }

  #design(spec: ClusterSpec): ClusterDesign {
    const { name, id } = spec;
    const partName = `${name}-${id.slice(0, 8)}`;
    const kit = this.#kit;
    return {
      name: partName,
      folder: join(kit.folder, id),
      programs: kit.kubernetes,
      home: kit.home,
      gate: kit.gate,
      gateSocket: kit.gateSocket,
      ...this.#nodesOf(partName, id),
      play: (scene, kubeconfig, nodes) => {
        const cloud = this.#cloud();
        const { url, kubernetes } = cloud;
        const onChangeOf =
          (...kinds: readonly string[]) =>
          (listener: () => void): (() => void) =>
            cloud.onChange(({ kind }) => {
              if (kinds.includes(kind)) listener();
            });
        const forwards = nodes === undefined ? undefined : startForwards(scene, nodes);
        if (forwards !== undefined) this.#forwards.set(id, forwards);
        const disks = disksOf(kubernetes, id);
        return [
          ...(forwards === undefined ? [] : [forwards]),
          startLoadBalancers(scene, { cluster: id, resources: kubernetes, onChange: onChangeOf('load_balancer') }),
          startIngressAddresses(scene),
          startCertificates(scene),
          startDnsRecords(scene, { url, onChange: onChangeOf('domain', 'record') }),
          startVolumes(scene, {
            disks: nodes === undefined ? disks : realDisks(disks, join(kit.folder, id)),
            provisioner: DIGITALOCEAN_STORAGE,
          }),
          // On real nodes its own pods are at work.
          ...(nodes === undefined ? playVelero(kit, { name: partName, id, kubeconfig }, scene) : []),
        ];
      },
    };
  }

  #nodesOf(name: string, id: ClusterId): Pick<ClusterDesign, 'furnish' | 'startNodes' | 'nodesSocket'> {
    const { real, spacesPort, home, folder } = this.#kit;
    if (real === undefined)
      return {
        furnish: async (client) => {
          await Promise.all([furnishDigitalOcean(client), announceDriver(client)]);
        },
      };
    // Relative to the runtime folder, in which everything starts.
    const nodesSocket = join(relative(home.runtime, folder), id, 'nodes.sock');
    return {
      nodesSocket,
      furnish: async (client) => {
        await Promise.all([furnishDigitalOcean(client), furnishRealNodes(client, REAL_NETWORK)]);
      },
      startNodes: (plane) =>
        RealNodes.start({
          kit: real,
          home,
          name,
          folder: join(folder, id),
          socket: nodesSocket,
          apiPort: plane.apiPort(),
          spacesPort,
          kubeconfig: plane.kubeconfigFile(),
          clientAuthority: plane.kubeletClientFile(),
          network: REAL_NETWORK,
        }),
    };
  }
}

function disksOf(cloud: KubernetesResources, cluster: ClusterId): Disks {
  return {
    ensure: (name, sizeGigabytes, description) => cloud.ensureVolume({ cluster, name, sizeGigabytes, description }).id,
    resize: (id, sizeGigabytes) => void cloud.resizeVolume(id, sizeGigabytes),
    remove: (id) => cloud.deleteVolume(id),
    source: (id, fsType) => ({ csi: { driver: DIGITALOCEAN_STORAGE, volumeHandle: id, fsType } }),
  };
}
