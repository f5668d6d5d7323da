/** What only a sandbox has: the inventory, faults, the record of calls, and things that happen by themselves. */
import { z } from 'zod';
import type { Calls } from '../calls.ts';
import { nextPatch } from '../catalogue.ts';
import { faultSchema, type Faults } from '../faults.ts';
import { accepted, created, noContent, notFound, ok, read, unprocessable, type Handler, type Route } from '../http.ts';
import { inventory } from '../inventory.ts';
import { upgrading, withCount } from '../nodes.ts';
import { timestamp, type World } from '../world.ts';

const upgradeBody = z.object({
  version: z
    .string()
    .regex(/^\d+\.\d+\.\d+-do\.\d+$/)
    .optional(),
});
const accountBody = z.object({ isNew: z.boolean() });
const scaleBody = z.object({ count: z.int().min(0) });

export interface SandboxParts {
  readonly faults: Faults;
  readonly calls: Calls;
}

export function sandboxRoutes({ store }: World, { faults, calls }: SandboxParts): readonly Route[] {
  /** DigitalOcean's own upgrade in the maintenance window: the next patch, published or not yet, or any version asked for. */
  const upgrade: Handler = (request) => {
    const cluster = store.get('cluster', request.params['id'] ?? '');
    if (cluster === undefined) throw notFound();
    if (cluster.status.state !== 'running') throw unprocessable(`the cluster is ${cluster.status.state}, not running`);
    const version = read(upgradeBody, request.body).version ?? nextPatch(cluster.version);
    store.write((change) =>
      change.put('cluster', cluster.id, { ...upgrading(change, cluster, version), updated_at: timestamp() }),
    );
    return accepted({ version });
  };

  /** The autoscaler's work: the count moves within the bounds, and nobody asked for it through the API. */
  const scale: Handler = (request) => {
    const cluster = store
      .list('cluster')
      .find((candidate) => candidate.node_pools.some((pool) => pool.id === request.params['id']));
    const pool = cluster?.node_pools.find((candidate) => candidate.id === request.params['id']);
    if (cluster === undefined || pool === undefined) throw notFound();
    const { count } = read(scaleBody, request.body);
    if (!pool.auto_scale) throw unprocessable('the pool does not scale by itself');
    if (count < pool.min_nodes || count > pool.max_nodes)
      throw unprocessable(`the pool scales between ${pool.min_nodes} and ${pool.max_nodes}`);
    store.write((change) => {
      const scaled = withCount(change, pool, count);
      change.put('cluster', cluster.id, {
        ...cluster,
        node_pools: cluster.node_pools.map((other) => (other.id === pool.id ? scaled : other)),
      });
    });
    return accepted({ count });
  };

  return [
    {
      method: 'PUT',
      path: '/_sandbox/account',
      handle: (request) => {
        const account = read(accountBody, request.body);
        store.write((change) => change.put('account', 'own', account));
        return ok({ account });
      },
    },
    { method: 'GET', path: '/_sandbox/health', handle: () => ok({ status: 'ok' }) },
    { method: 'GET', path: '/_sandbox/inventory', handle: () => ok({ items: inventory(store) }) },
    {
      method: 'GET',
      path: '/_sandbox/calls',
      handle: (request) => ok({ calls: calls.list(request.query.get('since') ?? undefined) }),
    },
    { method: 'GET', path: '/_sandbox/faults', handle: () => ok({ faults: faults.list() }) },
    {
      method: 'POST',
      path: '/_sandbox/faults',
      handle: (request) => created({ fault: faults.add(read(faultSchema, request.body)) }),
    },
    {
      method: 'DELETE',
      path: '/_sandbox/faults',
      handle: () => {
        faults.clear();
        return noContent;
      },
    },
    {
      method: 'DELETE',
      path: '/_sandbox/faults/:id',
      handle: (request) => {
        if (!faults.remove(request.params['id'] ?? '')) throw notFound();
        return noContent;
      },
    },
    { method: 'POST', path: '/_sandbox/clusters/:id/upgrade', handle: upgrade },
    { method: 'POST', path: '/_sandbox/pools/:id/scale', handle: scale },
  ];
}
