/** Node pools of clusters, and their nodes. */
import { z } from 'zod';
import { findCluster, saveCluster } from '../cluster-access.ts';
import type { Cluster, NodePool } from '../documents.ts';
import {
  accepted,
  created,
  noContent,
  notFound,
  ok,
  page,
  read,
  unprocessable,
  type ApiRequest,
  type Handler,
  type Route,
} from '../http.ts';
import { checkPool, initialCount, newPool, poolAnswer, poolBody, poolTags, taint } from '../node-pools.ts';
import { leave, newNode, withCount } from '../nodes.ts';
import type { Transaction } from '../store.ts';
import type { World } from '../world.ts';

const changeBody = z.object({
  name: z.string().min(1).optional(),
  count: z.int().min(0).optional(),
  tags: z.array(z.string()).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  taints: z.array(taint).optional(),
  auto_scale: z.boolean().optional(),
  min_nodes: z.int().min(0).optional(),
  max_nodes: z.int().min(0).optional(),
});
const recycleBody = z.object({ nodes: z.array(z.string()).default([]) });

export function nodePoolRoutes({ store }: World): readonly Route[] {
  const find = (request: ApiRequest): Cluster => findCluster(store, request);
  const findPool = (cluster: Cluster, request: ApiRequest): NodePool => {
    const pool = cluster.node_pools.find((candidate) => candidate.id === request.params['pool']);
    if (pool === undefined) throw notFound();
    return pool;
  };
  const savePool = (change: Transaction, cluster: Cluster, pool: NodePool): void =>
    saveCluster(change, {
      ...cluster,
      node_pools: cluster.node_pools.map((other) => (other.id === pool.id ? pool : other)),
    });

  const createPool: Handler = (request) => {
    const cluster = find(request);
    const body = read(poolBody, request.body);
    checkPool(body, '');
    if (cluster.node_pools.some((pool) => pool.name === body.name && !pool.deleting))
      throw unprocessable('validation error: a node pool with this name already exists');
    const pool = store.write((change) => {
      const made = newPool(change, cluster.id, body);
      saveCluster(change, { ...cluster, node_pools: [...cluster.node_pools, made] });
      return made;
    });
    return created({ node_pool: poolAnswer(pool) });
  };

  const updatePool: Handler = (request) => {
    const cluster = find(request);
    const pool = findPool(cluster, request);
    const body = read(changeBody, request.body);
    const asked: NodePool = {
      ...pool,
      ...(body.name !== undefined && { name: body.name }),
      ...(body.tags !== undefined && { tags: poolTags(cluster.id, body.tags) }),
      ...(body.labels !== undefined && { labels: body.labels }),
      ...(body.taints !== undefined && { taints: body.taints }),
      ...(body.auto_scale !== undefined && { auto_scale: body.auto_scale }),
      ...(body.min_nodes !== undefined && { min_nodes: body.min_nodes }),
      ...(body.max_nodes !== undefined && { max_nodes: body.max_nodes }),
    };
    checkPool({ ...asked, count: body.count ?? pool.count }, '');
    const changed = store.write((change) => {
      const resized = withCount(change, asked, initialCount(asked, body.count ?? pool.count));
      // Nodes take their labels and taints from the pool: running ones are touched again.
      savePool(change, cluster, relabelled(pool, resized));
      return resized;
    });
    return accepted({ node_pool: poolAnswer(changed) });
  };

  const removePool: Handler = (request) => {
    const cluster = find(request);
    const pool = findPool(cluster, request);
    store.write((change) => savePool(change, cluster, { ...pool, deleting: true, nodes: pool.nodes.map(leave) }));
    return noContent;
  };

  const recycle = (cluster: Cluster, pool: NodePool, ids: readonly string[], replace: boolean): void =>
    store.write((change) => {
      const chosen = pool.nodes.filter((node) => ids.includes(node.id) && node.status.state !== 'deleting');
      const left = pool.nodes.map((node) => (chosen.includes(node) ? leave(node) : node));
      const count = replace ? pool.count : pool.count - chosen.length;
      const added = replace ? chosen.map(() => newNode(change, pool)) : [];
      savePool(change, cluster, { ...pool, count, nodes: [...left, ...added] });
    });

  const recyclePool: Handler = (request) => {
    const cluster = find(request);
    const pool = findPool(cluster, request);
    const { nodes } = read(recycleBody, request.body);
    recycle(cluster, pool, nodes.length > 0 ? nodes : pool.nodes.map((node) => node.id), true);
    return accepted();
  };

  const removeNode: Handler = (request) => {
    const cluster = find(request);
    const pool = findPool(cluster, request);
    const node = pool.nodes.find((candidate) => candidate.id === request.params['node']);
    if (node === undefined) throw notFound();
    recycle(cluster, pool, [node.id], request.query.get('replace') === '1');
    return accepted();
  };

  const path = '/v2/kubernetes/clusters/:id/node_pools';
  return [
    { method: 'GET', path, handle: (request) => page(request, 'node_pools', find(request).node_pools.map(poolAnswer)) },
    { method: 'POST', path, handle: createPool },
    {
      method: 'GET',
      path: `${path}/:pool`,
      handle: (request) => ok({ node_pool: poolAnswer(findPool(find(request), request)) }),
    },
    { method: 'PUT', path: `${path}/:pool`, handle: updatePool },
    { method: 'DELETE', path: `${path}/:pool`, handle: removePool },
    { method: 'POST', path: `${path}/:pool/recycle`, handle: recyclePool },
    { method: 'DELETE', path: `${path}/:pool/nodes/:node`, handle: removeNode },
  ];
}

/** Nodes that run are worked on again when what they carry has changed. */
function relabelled(before: NodePool, after: NodePool): NodePool {
  const same =
    JSON.stringify([before.labels, before.taints, before.name]) ===
    JSON.stringify([after.labels, after.taints, after.name]);
  if (same) return after;
  return {
    ...after,
    nodes: after.nodes.map((node) =>
      node.status.state === 'running' ? { ...node, status: { state: 'provisioning' } } : node,
    ),
  };
}
