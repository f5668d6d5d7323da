/** Node pools as requests ask for them and as answers show them. */
import { z } from 'zod';
import { findSize } from './catalogue.ts';
import type { NodePool } from './documents.ts';
import { unprocessable } from './http.ts';
import { withCount } from './nodes.ts';
import type { Transaction } from './store.ts';
import { newId } from './world.ts';

// Older clients write a taint's fields with capitals; the real API reads them all the same.
export const taint = z.preprocess(
  (value) =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, entry]) => [key.toLowerCase(), entry]))
      : value,
  z.object({
    key: z.string(),
    value: z.string().default(''),
    effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
  }),
);
export const poolBody = z.object({
  name: z.string().min(1),
  size: z.string(),
  count: z.int().min(0).optional(),
  tags: z.array(z.string()).default([]),
  labels: z.record(z.string(), z.string()).optional(),
  taints: z.array(taint).default([]),
  auto_scale: z.boolean().default(false),
  min_nodes: z.int().min(0).default(0),
  max_nodes: z.int().min(0).default(0),
});
export type PoolBody = z.infer<typeof poolBody>;

export function checkPool(
  pool: Pick<PoolBody, 'size' | 'count' | 'auto_scale' | 'min_nodes' | 'max_nodes'>,
  prefix: string,
): void {
  if (findSize(pool.size) === undefined) throw unprocessable(`validation error: ${prefix}invalid droplet size`);
  if (pool.auto_scale && (pool.max_nodes < 1 || pool.min_nodes > pool.max_nodes))
    throw unprocessable(`validation error: ${prefix}max_nodes must be at least min_nodes and at least 1`);
  if (!pool.auto_scale && (pool.count ?? 0) < 1)
    throw unprocessable(`validation error: ${prefix}count must be greater than 0`);
}

export function initialCount(
  pool: Pick<NodePool, 'auto_scale' | 'min_nodes' | 'max_nodes'>,
  count: number | undefined,
): number {
  if (!pool.auto_scale) return count ?? 1;
  return Math.min(Math.max(count ?? pool.min_nodes, pool.min_nodes), pool.max_nodes);
}

export function newPool(change: Transaction, clusterId: string, body: PoolBody): NodePool {
  const pool: NodePool = {
    id: newId(),
    name: body.name,
    size: body.size,
    count: 0,
    tags: poolTags(clusterId, body.tags),
    labels: body.labels ?? null,
    taints: body.taints,
    auto_scale: body.auto_scale,
    min_nodes: body.min_nodes,
    max_nodes: body.max_nodes,
    nodes: [],
    deleting: false,
  };
  return withCount(change, pool, initialCount(pool, body.count));
}

export function poolTags(clusterId: string, tags: readonly string[]): readonly string[] {
  return withOwnTags(tags, ['k8s', `k8s:${clusterId}`, 'k8s:worker']);
}

export function withOwnTags(tags: readonly string[], own: readonly string[]): readonly string[] {
  return [...new Set([...tags, ...own])];
}

export function poolAnswer({ deleting: _, ...pool }: NodePool): unknown {
  return pool;
}
