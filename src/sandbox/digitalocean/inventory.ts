/** What exists in the cloud, whoever made it. What every account has from its first day is not in it. */
import type { Store } from './store.ts';

export interface Item {
  readonly kind:
    | 'project'
    | 'domain'
    | 'record'
    | 'vpc'
    | 'kubernetes_cluster'
    | 'node_pool'
    | 'droplet'
    | 'load_balancer'
    | 'volume'
    | 'snapshot'
    | 'bucket'
    | 'spaces_key';
  readonly id: string;
  readonly name: string;
  /** Through the API, or by the controllers inside a cluster. */
  readonly madeBy: 'api' | 'kubernetes';
  /** The cluster it belongs to, or whose controllers made it; it may be gone by now. */
  readonly cluster?: string;
  /** The name of the project it was put into. */
  readonly project?: string;
  readonly tags: readonly string[];
}

export function inventory(store: Store): readonly Item[] {
  const project = (urn: string): Partial<Item> => {
    const assignment = store.get('assignment', urn);
    const found = assignment === undefined ? undefined : store.get('project', assignment.project_id);
    return found === undefined ? {} : { project: found.name };
  };
  const byApi = { madeBy: 'api' as const, tags: [] };
  const maker = (cluster: string | undefined): Pick<Item, 'madeBy' | 'cluster'> =>
    cluster === undefined ? { madeBy: 'api' } : { madeBy: 'kubernetes', cluster };
  const clusters = store.list('cluster');
  const pools = clusters.flatMap((cluster) => cluster.node_pools.map((pool) => [cluster, pool] as const));

  return [
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
    ...store.list('bucket').map((entry): Item => ({
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
}
