/** Node pools and their nodes, as documents and as the real Kubernetes behind them wants to hear of them. */
import { addressIn, dropletRange } from './addresses.ts';
import { findSize, upstreamVersion } from './catalogue.ts';
import type { ClusterSpec, NodeSpec } from './contracts.ts';
import type { Cluster, Node, NodePool } from './documents.ts';
import type { Transaction } from './store.ts';
import { newId, timestamp } from './world.ts';

export function newNode(change: Transaction, pool: Pick<NodePool, 'name'>): Node {
  const now = timestamp();
  return {
    id: newId(),
    name: `${pool.name}-${suffix()}`,
    status: { state: 'provisioning' },
    droplet_id: String(change.number('droplet', 410_000_001)),
    created_at: now,
    updated_at: now,
  };
}

/** Five characters as Kubernetes itself picks them: no vowels, so no words. */
function suffix(): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  return Array.from({ length: 5 }, () => letters[Math.floor(Math.random() * letters.length)]).join('');
}

/** The pool with as many living nodes as it is asked to have: new ones are added, the newest ones go. */
export function withCount(change: Transaction, pool: NodePool, count: number): NodePool {
  const living = pool.nodes.filter((node) => node.status.state !== 'deleting');
  const missing = Array.from({ length: Math.max(0, count - living.length) }, () => newNode(change, pool));
  const leaving = new Set(living.slice(count).map((node) => node.id));
  return {
    ...pool,
    count,
    nodes: [...pool.nodes.map((node) => (leaving.has(node.id) ? leave(node) : node)), ...missing],
  };
}

export function leave(node: Node): Node {
  return { ...node, status: { state: 'deleting' }, updated_at: timestamp() };
}

/** The cluster at the start of an upgrade: its version is the new one at once, and every node gives way to a new one. */
export function upgrading(change: Transaction, cluster: Cluster, version: string): Cluster {
  const replaced = (pool: NodePool): NodePool =>
    withCount(change, { ...pool, nodes: pool.nodes.map(leave) }, pool.count);
  return {
    ...cluster,
    version,
    status: { state: 'upgrading', message: 'upgrading' },
    node_pools: cluster.node_pools.map(replaced),
  };
}

/** Nodes that should exist, in pools that should exist. */
export function livingNodes(cluster: Cluster): readonly (readonly [NodePool, Node])[] {
  return cluster.node_pools
    .filter((pool) => !pool.deleting)
    .flatMap((pool) =>
      pool.nodes.filter((node) => node.status.state !== 'deleting').map((node) => [pool, node] as const),
    );
}

export function clusterSpec(cluster: Cluster, vpcRange: string): ClusterSpec {
  return {
    id: cluster.id,
    name: cluster.name,
    region: cluster.region,
    version: cluster.version,
    clusterSubnet: cluster.cluster_subnet,
    serviceSubnet: cluster.service_subnet,
    nodes: livingNodes(cluster).map(([pool, node]) => nodeSpec(cluster, pool, node, vpcRange)),
  };
}

function nodeSpec(cluster: Cluster, pool: NodePool, node: Node, vpcRange: string): NodeSpec {
  const size = findSize(pool.size);
  if (size === undefined) throw new Error(`pool ${pool.name} has an unknown size ${pool.size}`);
  const dropletId = Number(node.droplet_id);
  return {
    name: node.name,
    dropletId,
    poolId: pool.id,
    vcpus: size.vcpus,
    memoryMiB: size.memoryMiB,
    diskGiB: size.diskGiB,
    labels: {
      'beta.kubernetes.io/arch': 'amd64',
      'beta.kubernetes.io/instance-type': size.slug,
      'beta.kubernetes.io/os': 'linux',
      'doks.digitalocean.com/managed': 'true',
      'doks.digitalocean.com/node-id': node.id,
      'doks.digitalocean.com/node-pool': pool.name,
      'doks.digitalocean.com/node-pool-id': pool.id,
      'doks.digitalocean.com/version': cluster.version,
      'failure-domain.beta.kubernetes.io/region': cluster.region,
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/hostname': node.name,
      'kubernetes.io/os': 'linux',
      'node.kubernetes.io/instance-type': size.slug,
      region: cluster.region,
      'topology.kubernetes.io/region': cluster.region,
      ...pool.labels,
    },
    taints: pool.taints,
    providerId: `digitalocean://${node.droplet_id}`,
    privateAddress: addressIn(vpcRange, dropletId),
    publicAddress: addressIn(dropletRange, dropletId),
    kubeletVersion: `v${upstreamVersion(cluster.version)}`,
  };
}
