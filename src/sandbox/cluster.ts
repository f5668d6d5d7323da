import type { Controller, Scene, Watched } from './controllers/controller.ts';
import type { NodeSpec } from './digitalocean/contracts.ts';
import type { KubeAddress, KubeClient } from './kubernetes/client.ts';
import { ControlPlane, type ControlPlaneOptions } from './kubernetes/control-plane.ts';
import { Informer } from './kubernetes/informer.ts';
import { announceNodes, reconcileNodes } from './kubernetes/nodes.ts';
import type { PartStatus } from './processes/part.ts';
import type { RealNodes } from './real/real-nodes.ts';
import { waitFor } from './processes/wait.ts';

export interface ClusterDesign extends ControlPlaneOptions {
  /** What a cluster of this kind has from the start. Called again after a restart. */
  furnish(client: KubeClient): Promise<void>;
  /** Who plays the outside world in it. */
  play(scene: Scene, kubeconfig: string, nodes: RealNodes | undefined): readonly Controller[];
  /** Where nodes are real: the namespaces that they run in. */
  startNodes?(plane: ControlPlane): Promise<RealNodes>;
}

/** The nodes of a control plane that has this version, such as `v1.36.3`. */
type NodesOf = (version: string) => readonly NodeSpec[];

const FURNISHED_WITHIN_MS = 30_000;

/** A control plane with its nodes and everyone who plays the outside world in it. */
export class Cluster {
  readonly #design: ClusterDesign;
  readonly #plane: ControlPlane;
  #watched: Watched | undefined;
  #nodes: RealNodes | undefined;
  #controllers: readonly Controller[] = [];
  #present: readonly NodeSpec[] = [];

  private constructor(design: ClusterDesign, plane: ControlPlane) {
    this.#design = design;
    this.#plane = plane;
  }

  /**
   * Resolves when its nodes are Ready. Throws, with nothing left running, when they do not become so, and soon when it is to
   * stop meanwhile.
   */
  static async start(design: ClusterDesign, nodes: NodesOf, stopping: AbortSignal): Promise<Cluster> {
    const cluster = new Cluster(design, await ControlPlane.prepare(design));
    const interrupt = (): void => void cluster.stop();
    stopping.addEventListener('abort', interrupt);
    try {
      await cluster.#start(nodes);
      stopping.throwIfAborted();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    } finally {
      stopping.removeEventListener('abort', interrupt);
    }
  }

  async setNodes(nodes: readonly NodeSpec[]): Promise<void> {
    const client = this.#plane.client();
    if (this.#nodes === undefined) return reconcileNodes(client, nodes, 'played');
    // Those that go are drained while their kubelets still run.
    const leaving = this.#present.filter(({ name }) => nodes.every((node) => node.name !== name));
    await announceNodes(client, nodes);
    await this.#nodes.set([...nodes, ...leaving]);
    await reconcileNodes(client, nodes, 'real');
    this.#present = nodes;
    if (leaving.length > 0) await this.#nodes.set(nodes);
  }

  address(): KubeAddress {
    return this.#plane.address();
  }

  client(): KubeClient {
    return this.#plane.client();
  }

  parts(): readonly PartStatus[] {
    const nodes = this.#nodes?.parts() ?? [];
    return [...this.#plane.status(), ...nodes, ...this.#controllers.flatMap((one) => one.parts?.() ?? [])];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#controllers.map(async (one) => one.stop()));
    for (const informer of Object.values(this.#watched ?? {}) as readonly Informer<never>[]) informer.stop();
    await this.#nodes?.stop();
    await this.#plane.stop();
  }

  async #start(nodes: NodesOf): Promise<void> {
    await this.#plane.start();
    const client = this.#plane.client();
    // The API server answers a moment before the namespaces of its own exist.
    const furnished = waitFor('the new cluster refuses its first objects', FURNISHED_WITHIN_MS, async () => {
      await this.#design.furnish(client);
      return true;
    });
    const { gitVersion } = await client.get<{ readonly gitVersion: string }>('/version');
    this.#nodes = await this.#design.startNodes?.(this.#plane);
    await Promise.all([furnished, this.setNodes(nodes(gitVersion))]);
    this.#watched = watchShared(client);
    const scene = { client, watched: this.#watched, report: this.#design.home.log };
    this.#controllers = this.#design.play(scene, this.#plane.kubeconfigFile(), this.#nodes);
  }
}

function watchShared(client: KubeClient): Watched {
  const watched: Watched = {
    services: new Informer(client, { path: '/api/v1/services' }),
    ingresses: new Informer(client, { path: '/apis/networking.k8s.io/v1/ingresses' }),
    deployments: new Informer(client, { path: '/apis/apps/v1/deployments' }),
    definitions: new Informer(client, {
      path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      metadataOnly: true,
    }),
  };
  for (const informer of Object.values(watched) as readonly Informer<never>[]) informer.start();
  return watched;
}
