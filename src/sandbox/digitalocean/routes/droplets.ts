/** Droplets exist here as the nodes of clusters only: they can be listed and read. */
import { addressIn, dropletRange } from '../addresses.ts';
import { findSize, regionAnswer } from '../catalogue.ts';
import type { Cluster, Node, NodePool } from '../documents.ts';
import { notFound, ok, page, type Route } from '../http.ts';
import { livingNodes } from '../nodes.ts';
import type { World } from '../world.ts';

export function dropletRoutes({ store }: World): readonly Route[] {
  const droplets = (): readonly Droplet[] =>
    store
      .list('cluster')
      .flatMap((cluster) =>
        livingNodes(cluster).map(([pool, node]) => ({ cluster, pool, node, range: rangeOf(cluster) })),
      );
  const rangeOf = (cluster: Cluster): string => store.get('vpc', cluster.vpc_uuid)?.ip_range ?? '10.100.0.0/20';

  return [
    {
      method: 'GET',
      path: '/v2/droplets',
      handle: (request) => {
        const tag = request.query.get('tag_name');
        const name = request.query.get('name');
        const found = droplets().filter(
          ({ pool, node }) => (tag === null || pool.tags.includes(tag)) && (name === null || node.name === name),
        );
        return page(request, 'droplets', found.map(dropletAnswer));
      },
    },
    {
      method: 'GET',
      path: '/v2/droplets/:id',
      handle: (request) => {
        const droplet = droplets().find(({ node }) => node.droplet_id === request.params['id']);
        if (droplet === undefined) throw notFound();
        return ok({ droplet: dropletAnswer(droplet) });
      },
    },
  ];
}

interface Droplet {
  readonly cluster: Cluster;
  readonly pool: NodePool;
  readonly node: Node;
  readonly range: string;
}

function dropletAnswer({ cluster, pool, node, range }: Droplet): unknown {
  const id = Number(node.droplet_id);
  const size = findSize(pool.size);
  return {
    id,
    name: node.name,
    memory: size?.memoryMiB,
    vcpus: size?.vcpus,
    disk: size?.diskGiB,
    locked: false,
    status: node.status.state === 'running' ? 'active' : 'new',
    kernel: null,
    created_at: node.created_at,
    features: ['private_networking'],
    backup_ids: [],
    snapshot_ids: [],
    volume_ids: [],
    size_slug: pool.size,
    region: regionAnswer(cluster.region),
    image: {
      id: 1,
      name: `do-kube-${cluster.version}`,
      distribution: 'Debian',
      slug: null,
      public: false,
      regions: [cluster.region],
    },
    networks: {
      v4: [
        { ip_address: addressIn(range, id), netmask: '255.255.240.0', gateway: addressIn(range, 0), type: 'private' },
        {
          ip_address: addressIn(dropletRange, id),
          netmask: '255.255.255.0',
          gateway: addressIn(dropletRange, 0),
          type: 'public',
        },
      ],
      v6: [],
    },
    tags: pool.tags,
    vpc_uuid: cluster.vpc_uuid,
  };
}
