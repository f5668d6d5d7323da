/** The stack with the network, the cluster and its node pools. */
import { label } from '../../model/addresses.ts';
import type { Stack, StackResource } from '../../model/blueprint.ts';
import type { Environment } from '../../model/environment.ts';
import type { FoundationRequest } from '../../model/plugs.ts';
import { BASE } from './base.ts';
import { DEFAULT_SYSTEM_POOL } from './defaults.ts';
import { SYSTEM_POOL } from './names.ts';
import { VERSION_SLUG } from './offering.ts';
import { API_CREDENTIALS } from './secrets.ts';

export const CLOUD = 'cloud';

type NodePool = Environment['cluster']['nodePools'][number];

export function cloud(request: FoundationRequest, region: string): Stack {
  const { environment, origins } = request;
  const { cluster } = environment;
  return {
    kind: 'tofu',
    name: CLOUD,
    title: 'network, cluster and node pools',
    dependsOn: [BASE],
    template: 'cloud',
    context: {
      name: cluster.name,
      region,
      vpcRange: cluster.vpcRange ?? null,
      version: cluster.version ?? null,
      versionIgnored: ignoresVersion(cluster),
      autoUpgrade: cluster.autoUpgrade,
      // DigitalOcean's own default changes with the version; a provider of old knows no such option at all.
      highAvailability:
        origins.of('cluster.highAvailability').kind === 'file' ? { wanted: cluster.highAvailability } : null,
      maintenance: cluster.maintenance ?? null,
      systemPool: { name: SYSTEM_POOL, ...(cluster.systemPool ?? DEFAULT_SYSTEM_POOL) },
      pools: cluster.nodePools.map((pool, index) => poolContext(pool, index)),
    },
    providers: ['digitalocean'],
    variables: [],
    outputs: [
      { name: 'vpc_id', description: 'The private network.', expression: 'digitalocean_vpc.main.id' },
      {
        name: 'cluster_id',
        description: 'The cluster, for doctl.',
        expression: 'digitalocean_kubernetes_cluster.main.id',
      },
      {
        name: 'cluster_name',
        description: 'The name of the cluster.',
        expression: 'digitalocean_kubernetes_cluster.main.name',
      },
      {
        name: 'cluster_endpoint',
        description: 'Where its API answers.',
        expression: 'digitalocean_kubernetes_cluster.main.endpoint',
      },
    ],
    resources: [
      {
        address: 'digitalocean_vpc.main',
        type: 'digitalocean_vpc',
        title: `network ${cluster.name}`,
        origin: origins.of('cluster.vpcRange'),
        adoption: { by: 'name', name: cluster.name },
      },
      {
        address: 'digitalocean_kubernetes_cluster.main',
        type: 'digitalocean_kubernetes_cluster',
        title: `cluster ${cluster.name}`,
        origin: origins.of('cluster'),
        holdsData: { name: cluster.name, what: 'the cluster and every volume in it' },
        adoption: { by: 'name', name: cluster.name },
      },
      ...cluster.nodePools.map((pool, index): StackResource => ({
        address: poolAddress(pool),
        type: 'digitalocean_kubernetes_node_pool',
        title: `node pool ${pool.name}`,
        origin: origins.of(`cluster.nodePools[${index}]`),
      })),
    ],
    releases: [],
    credentials: API_CREDENTIALS,
    needsCluster: false,
    keptByDestroy: false,
  };
}

/**
 * The provider replaces the whole cluster when `version` is behind what runs. Auto-upgrade moves it on, and a minor
 * release is always behind the patch that it stands for; only a pinned patch without auto-upgrade can be compared.
 */
function ignoresVersion(cluster: Environment['cluster']): boolean {
  return cluster.autoUpgrade || !VERSION_SLUG.test(cluster.version ?? '');
}

function poolAddress(pool: NodePool): string {
  return `digitalocean_kubernetes_node_pool.${label(pool.name)}`;
}

function poolContext(pool: NodePool, index: number) {
  return {
    option: `cluster.nodePools[${index}]`,
    label: label(pool.name),
    name: pool.name,
    size: pool.size,
    count: pool.count ?? null,
    autoscale: pool.autoscale ?? null,
    labels: pool.labels,
    hasLabels: Object.keys(pool.labels).length > 0,
    taints: pool.taints,
  };
}
