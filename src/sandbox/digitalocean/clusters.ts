/**
 * Brings the real Kubernetes behind each cluster to where its document says it should be. What is left to do is read
 * from the documents alone, so a restart goes on where a crash left off.
 */
import type { ClusterBackend, ClusterCredentials, ClusterSpec } from './contracts.ts';
import type { Cluster, NodePool } from './documents.ts';
import { clusterSpec } from './nodes.ts';
import type { Store } from './store.ts';
import { logTrouble, timestamp } from './world.ts';
import { messageOf } from '../../errors.ts';

/** Long enough that credentials only read for their server's address do not matter. */
const serverLookupSeconds = 600;
const comeUpMs = 30_000;

export class Clusters {
  readonly #store: Store;
  readonly #backend: ClusterBackend;
  /** One piece of work at a time for each cluster. */
  readonly #working = new Map<string, Promise<void>>();
  /** Changed while being worked on: looked at once more afterwards. */
  readonly #again = new Set<string>();
  /** The backend has them in this process: after a restart it is asked for each of them again. */
  readonly #up = new Set<string>();
  readonly #retryMs: number;
  #closed = false;

  constructor(store: Store, backend: ClusterBackend, retryMs: number) {
    this.#store = store;
    this.#backend = backend;
    this.#retryMs = retryMs;
  }

  /** Takes up every cluster that is there, and from now on every change. */
  start(): void {
    this.#store.onChange((change) => {
      if (change.kind === 'cluster') this.#work(change.id);
    });
    for (const cluster of this.#store.list('cluster')) this.#work(cluster.id);
  }

  /** Waits a while for a cluster that is coming up again after a restart. Rejects when it cannot be reached. */
  async credentials(id: string, expirySeconds: number): Promise<ClusterCredentials> {
    if (!this.#up.has(id)) await Promise.race([this.#working.get(id), pause(comeUpMs)]);
    return this.#backend.credentials(id, expirySeconds);
  }

  spec(cluster: Cluster): ClusterSpec {
    const vpc = this.#store.get('vpc', cluster.vpc_uuid);
    return clusterSpec(cluster, vpc?.ip_range ?? '10.100.0.0/20');
  }

  /** Starts no more work, and forgets how the work under way ends: the next process does it again. */
  close(): void {
    this.#closed = true;
  }

  #work(id: string): void {
    if (this.#closed) return;
    if (this.#working.has(id)) {
      this.#again.add(id);
      return;
    }
    const done = this.#settle(id).finally(() => {
      this.#working.delete(id);
      if (this.#again.delete(id)) this.#work(id);
    });
    this.#working.set(id, done);
  }

  /** Steps until there is nothing left to do. */
  async #settle(id: string): Promise<void> {
    // The request that caused the change gets its answer first.
    await new Promise((resolve) => setImmediate(resolve));
    for (;;) {
      const cluster = this.#store.get('cluster', id);
      if (cluster === undefined || this.#closed) return;
      try {
        if (!(await this.#step(cluster))) return;
      } catch (error) {
        await this.#failed(cluster, error);
      }
    }
  }

  /** One step; false when the cluster is as it should be. */
  async #step(cluster: Cluster): Promise<boolean> {
    const spec = this.spec(cluster);
    const isUp = this.#up.has(cluster.id);
    switch (cluster.status.state) {
      case 'error':
        return false;
      case 'deleting':
        this.#up.delete(cluster.id);
        await this.#backend.delete(cluster.id);
        this.#store.write((change) => {
          change.remove('cluster', cluster.id);
          change.remove('assignment', `do:kubernetes:${cluster.id}`);
          for (const volume of this.#store.list('volume')) {
            if (volume.droplet_ids.some((id) => dropletsOf(cluster).has(id)))
              change.put('volume', volume.id, { ...volume, droplet_ids: [] });
          }
        });
        return false;
      case 'provisioning':
        await this.#backend.create(spec);
        await this.#becomeRunning(cluster.id, spec);
        return true;
      case 'upgrading':
        if (!isUp) await this.#backend.create(spec);
        await this.#backend.upgrade(cluster.id, cluster.version);
        await this.#backend.setNodes(cluster.id, spec.nodes);
        await this.#becomeRunning(cluster.id, spec);
        return true;
      case 'running':
        if (isUp && isSettled(cluster)) return false;
        await (isUp ? this.#backend.setNodes(cluster.id, spec.nodes) : this.#backend.create(spec));
        await this.#becomeRunning(cluster.id, spec);
        return true;
    }
  }

  async #becomeRunning(id: string, spec: ClusterSpec): Promise<void> {
    const { server } = await this.#backend.credentials(id, serverLookupSeconds);
    this.#up.add(id);
    const now = this.#store.get('cluster', id);
    // Deleted meanwhile, or asked for something else: that is the next step's business.
    if (now === undefined || now.version !== spec.version || now.status.state === 'deleting') return;
    const running: Cluster = {
      ...settled(now, spec),
      status: { state: 'running' },
      endpoint: server,
      ipv4: '127.0.0.1',
      updated_at: timestamp(),
    };
    this.#store.write((change) => change.put('cluster', id, running));
  }

  /**
   * A cluster that cannot be made shows why, unless it was asked to go meanwhile. Anything else is tried again until it
   * succeeds, as the real ones do: nodes come late, upgrades take longer.
   */
  async #failed(tried: Cluster, error: unknown): Promise<void> {
    if (this.#closed) return;
    const cluster = this.#store.get('cluster', tried.id);
    if (cluster?.status.state === 'provisioning') {
      const message = messageOf(error);
      this.#store.write((change) =>
        change.put('cluster', cluster.id, { ...cluster, status: { state: 'error', message } }),
      );
      return;
    }
    if (tried.status.state === 'provisioning') return;
    logTrouble(`cluster ${tried.name} is ${tried.status.state}, and is tried again: ${messageOf(error)}`);
    await pause(this.#retryMs);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms).unref());
}

function isSettled(cluster: Cluster): boolean {
  return cluster.node_pools.every(
    (pool) => !pool.deleting && pool.nodes.every((node) => node.status.state === 'running'),
  );
}

/** The cluster once the backend has exactly the nodes of `spec`; what was asked for since then stays to do. */
function settled(cluster: Cluster, spec: ClusterSpec): Cluster {
  const made = new Set(spec.nodes.map((node) => node.name));
  const settledPool = (pool: NodePool): NodePool => ({
    ...pool,
    nodes: pool.nodes
      .filter((node) => made.has(node.name) || node.status.state === 'provisioning')
      .map((node) =>
        node.status.state === 'provisioning' && made.has(node.name)
          ? { ...node, status: { state: 'running' }, updated_at: timestamp() }
          : node,
      ),
  });
  return {
    ...cluster,
    node_pools: cluster.node_pools.map(settledPool).filter((pool) => !pool.deleting || pool.nodes.length > 0),
  };
}

function dropletsOf(cluster: Cluster): ReadonlySet<number> {
  return new Set(cluster.node_pools.flatMap((pool) => pool.nodes.map((node) => Number(node.droplet_id))));
}
