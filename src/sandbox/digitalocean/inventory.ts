/** What exists in the cloud, whoever made it. What every account has from its first day is not in it. */
import { z } from 'zod';
import type { Bucket } from './documents.ts';
import type { Store } from './store.ts';

export const inventorySchema = z.object({
  items: z.array(
    z.object({
      kind: z.enum([
        'project',
        'domain',
        'record',
        'vpc',
        'kubernetes_cluster',
        'node_pool',
        'droplet',
        'load_balancer',
        'volume',
        'snapshot',
        'bucket',
        'spaces_key',
      ]),
      id: z.string(),
      name: z.string(),
      /** Through the API, or by the controllers inside a cluster. */
      madeBy: z.enum(['api', 'kubernetes']),
      /** The cluster it belongs to, or whose controllers made it; it may be gone by now. */
      cluster: z.string().optional(),
      /** The name of the project it was put into. */
      project: z.string().optional(),
      tags: z.array(z.string()),
    }),
  ),
});
export type Inventory = z.infer<typeof inventorySchema>;
type Item = Inventory['items'][number];

export function inventory(store: Store, buckets: readonly Pick<Bucket, 'name'>[]): Inventory {
  const project = (urn: string): Partial<Item> => {
    const assignment = store.get('assignment', urn);
    const found = assignment === undefined ? undefined : store.get('project', assignment.project_id);
    return found === undefined ? {} : { project: found.name };
  };
  const byApi: Pick<Item, 'madeBy' | 'tags'> = { madeBy: 'api', tags: [] };
  const maker = (cluster: string | undefined): Pick<Item, 'madeBy' | 'cluster'> =>
    cluster === undefined ? { madeBy: 'api' } : { madeBy: 'kubernetes', cluster };
  const clusters = store.list('cluster');
  const pools = clusters.flatMap((cluster) => cluster.node_pools.map((pool) => [cluster, pool] as const));

  const items: Item[] = [
    ...store
      .list('project')
      .filter((entry) => !entry.is_default)
      .map((entry): Item => ({ kind: 'project', id: entry.id, name: entry.name, ...byApi })),
    ...store.list('domain').map((entry): Item => ({
      kind: 'domain',
      id: entry.name,
      name: entry.name,
      ...byApi,
      ...project(`do:domain:${entry.name}`),
    })),
    ...store
      .list('record')
      .filter((entry) => entry.type !== 'SOA' && !(entry.type === 'NS' && entry.data.endsWith('.digitalocean.com')))
      .map((entry): Item => ({
        kind: 'record',
        id: String(entry.id),
        name: `${entry.type} ${entry.name}.${entry.domain}`,
        ...byApi,
      })),
    ...store
      .list('vpc')
      .filter((entry) => !entry.default)
      .map((entry): Item => ({ kind: 'vpc', id: entry.id, name: entry.name, ...byApi })),
    ...clusters.map((entry): Item => ({
      kind: 'kubernetes_cluster',
      id: entry.id,
      name: entry.name,
      madeBy: 'api',
      tags: [...entry.tags],
      ...project(`do:kubernetes:${entry.id}`),
    })),
    ...pools.map(([cluster, pool]): Item => ({
      kind: 'node_pool',
      id: pool.id,
      name: pool.name,
      madeBy: 'api',
      cluster: cluster.id,
      tags: [...pool.tags],
    })),
    ...pools.flatMap(([cluster, pool]) =>
      pool.nodes.map((node): Item => ({
        kind: 'droplet',
        id: node.droplet_id,
        name: node.name,
        madeBy: 'kubernetes',
        cluster: cluster.id,
        tags: [...pool.tags],
      })),
    ),
    ...store.list('load_balancer').map((entry): Item => ({
      kind: 'load_balancer',
      id: entry.id,
      name: entry.name,
      ...maker(entry.cluster),
      tags: [...entry.tags],
      ...project(`do:loadbalancer:${entry.id}`),
    })),
    ...store.list('volume').map((entry): Item => ({
      kind: 'volume',
      id: entry.id,
      name: entry.name,
      ...maker(entry.cluster),
      tags: [...entry.tags],
      ...project(`do:volume:${entry.id}`),
    })),
    ...store.list('snapshot').map((entry): Item => ({
      kind: 'snapshot',
      id: entry.id,
      name: entry.name,
      madeBy: 'api',
      tags: [...entry.tags],
    })),
    ...buckets.map((entry): Item => ({
      kind: 'bucket',
      id: entry.name,
      name: entry.name,
      ...byApi,
      ...project(`do:space:${entry.name}`),
    })),
    ...store
      .list('spaces_key')
      .map((entry): Item => ({ kind: 'spaces_key', id: entry.access_key, name: entry.name, ...byApi })),
  ];
  return { items };
}
