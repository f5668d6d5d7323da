import type { Controller, Scene, Watched } from './controllers/controller.ts';
import type { NodeSpec } from './digitalocean/contracts.ts';
import type { KubeAddress, KubeClient } from './kubernetes/client.ts';
import { ControlPlane, type ControlPlaneOptions } from './kubernetes/control-plane.ts';
import { Informer } from './kubernetes/informer.ts';
import { reconcileNodes } from './kubernetes/nodes.ts';
import type { PartStatus } from './processes/part.ts';
import { waitFor } from './processes/wait.ts';

export interface ClusterDesign extends ControlPlaneOptions {
  /** What a cluster of this kind has from the start. Called again after a restart. */
  furnish(client: KubeClient): Promise<void>;
  /** Who plays the outside world in it. */
  play(scene: Scene, kubeconfig: string): readonly Controller[];
}

/** The nodes of a control plane that has this version, such as `v1.36.3`. */
type NodesOf = (version: string) => readonly NodeSpec[];

const FURNISHED_WITHIN_MS = 30_000;

/** A control plane with its nodes and everyone who plays the outside world in it. */
export class Cluster {
  readonly #design: ClusterDesign;
  readonly #plane: ControlPlane;
  #watched: Watched | undefined;
  #controllers: readonly Controller[] = [];

  private constructor(design: ClusterDesign, plane: ControlPlane) {
    this.#design = design;
    this.#plane = plane;
  }

  /** Resolves when its nodes are Ready. Throws, with nothing left running, when they do not become so. */
  static async start(design: ClusterDesign, nodes: NodesOf): Promise<Cluster> {
    const cluster = new Cluster(design, await ControlPlane.prepare(design));
    try {
      await cluster.#start(nodes);
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  setNodes(nodes: readonly NodeSpec[]): Promise<void> {
    return reconcileNodes(this.#plane.client(), nodes);
  }

  address(): KubeAddress {
    return this.#plane.address();
  }

  client(): KubeClient {
    return this.#plane.client();
  }

  parts(): readonly PartStatus[] {
    return [...this.#plane.status(), ...this.#controllers.flatMap((one) => one.parts?.() ?? [])];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#controllers.map(async (one) => one.stop()));
    for (const informer of Object.values(this.#watched ?? {}) as readonly Informer<never>[]) informer.stop();
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
    await Promise.all([furnished, reconcileNodes(client, nodes(gitVersion))]);
    this.#watched = watchShared(client);
    const scene = { client, watched: this.#watched, report: this.#design.home.log };
    this.#controllers = this.#design.play(scene, this.#plane.kubeconfigFile());
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
