import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cluster, type ClusterDesign } from './cluster.ts';
import { playVelero, type ClusterKit } from './cluster-kit.ts';
import { startLoadBalancers, type LoadBalancerCloud } from './controllers/load-balancers.ts';
import { startCertificates } from './controllers/certificates.ts';
import { startIngressAddresses } from './controllers/ingress-addresses.ts';
import { startVolumes, type Disks } from './controllers/volumes.ts';
import type { NodeSpec } from './digitalocean/contracts.ts';
import { furnishLocal, LOCAL_STORAGE } from './kubernetes/furnish.ts';
import { kubeconfig } from './kubernetes/kubeconfig.ts';
import type { PartStatus } from './processes/part.ts';

/** A documentation address (RFC 5737): it shows up as the address of the local ingress, and nobody has it. */
const LOCAL_ADDRESS = '192.0.2.10';
const FOLDER_PREFIX = 'local-';

/** Clusters as minikube or docker-desktop make them, each in a context of one kubeconfig. */
export class LocalClusters {
  readonly #kit: ClusterKit;
  readonly #kubeconfigFile: string;
  readonly #clusters = new Map<string, Promise<Cluster>>();
  readonly #up = new Map<string, Cluster>();
  readonly #stopping = new AbortController();

  constructor(kit: ClusterKit, kubeconfigFile: string) {
    this.#kit = kit;
    this.#kubeconfigFile = kubeconfigFile;
  }

  /** Starts it unless it runs. Resolves when its node is Ready and its context is in the kubeconfig. */
  async ensure(context: string): Promise<void> {
    const starting =
      this.#clusters.get(context) ??
      Cluster.start(this.#design(context), (version) => [nodeOf(context, version)], this.#stopping.signal);
    this.#clusters.set(context, starting);
    try {
      this.#up.set(context, await starting);
    } catch (error) {
      this.#clusters.delete(context);
      throw error;
    }
    const contexts = [...this.#up].map(([name, cluster]) => [name, cluster.address()] as const);
    writeFileSync(this.#kubeconfigFile, kubeconfig(Object.fromEntries(contexts)), { mode: 0o600 });
  }

  /** Those that an earlier life of the sandbox had. */
  async resume(): Promise<void> {
    mkdirSync(this.#kit.folder, { recursive: true, mode: 0o700 });
    const folders = readdirSync(this.#kit.folder).filter((name) => name.startsWith(FOLDER_PREFIX));
    await Promise.all(folders.map((name) => this.ensure(decodeURIComponent(name.slice(FOLDER_PREFIX.length)))));
  }

  contexts(): readonly string[] {
    return [...this.#up.keys()];
  }

  parts(): readonly PartStatus[] {
    return [...this.#up.values()].flatMap((cluster) => cluster.parts());
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled([...this.#clusters.values()].map(async (cluster) => (await cluster).stop()));
  }

  #design(context: string): ClusterDesign {
    const kit = this.#kit;
    // People name contexts as they like: `kubernetes-admin@kubernetes`, `arn:aws:eks:…/prod`.
    const fileName = encodeURIComponent(context);
    const id = FOLDER_PREFIX + fileName;
    return {
      name: fileName,
      folder: join(kit.folder, id),
      programs: kit.kubernetes,
      home: kit.home,
      gate: kit.gate,
      gateSocket: kit.gateSocket,
      furnish: furnishLocal,
      play: (scene, adminKubeconfig) => [
        startLoadBalancers(scene, localLoadBalancers),
        startIngressAddresses(scene, LOCAL_ADDRESS),
        startCertificates(scene),
        startVolumes(scene, { disks: localDisks, provisioner: LOCAL_STORAGE }),
        ...playVelero(kit, { name: fileName, id, kubeconfig: adminKubeconfig }, scene),
      ],
    };
  }
}

/** As `minikube tunnel` does: every service of that type gets the one address, at no cost. */
const localLoadBalancers: LoadBalancerCloud = {
  cluster: 'local',
  resources: {
    ensureLoadBalancer: ({ name }) => ({ id: name, name, status: 'active', ip: LOCAL_ADDRESS }),
    deleteLoadBalancer: () => undefined,
  },
  onChange: () => () => undefined,
};

/** Folders on the node's own disk: nothing to buy, nothing to give back. */
const localDisks: Disks = {
  ensure: (name) => name,
  resize: () => undefined,
  remove: () => undefined,
  source: (id) => ({ hostPath: { path: `/tmp/hostpath-provisioner/${id}`, type: '' } }),
};

function nodeOf(context: string, kubeletVersion: string): NodeSpec {
  const name = nodeName(context);
  return {
    name,
    dropletId: 0,
    poolId: '',
    vcpus: 8,
    memoryMiB: 16_384,
    diskGiB: 100,
    labels: { 'minikube.k8s.io/primary': 'true', 'node-role.kubernetes.io/control-plane': '' },
    taints: [],
    providerId: `local://${name}`,
    privateAddress: LOCAL_ADDRESS,
    publicAddress: LOCAL_ADDRESS,
    kubeletVersion,
  };
}

/** What Kubernetes allows of the context's name. */
function nodeName(context: string): string {
  const allowed = context
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return allowed.slice(0, 50).replace(/-$/, '') || 'local';
}
