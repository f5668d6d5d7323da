/** Kubernetes clusters, their node pools and nodes, and the options to choose from. */
import { z } from 'zod';
import {
  findRegion,
  findSize,
  isHighlyAvailableByDefault,
  offeredVersions,
  regions,
  resolveVersion,
  sizes,
  upgradesFrom,
  upstreamVersion,
} from '../catalogue.ts';
import type { Clusters } from '../clusters.ts';
import { associatedResources } from '../associated.ts';
import type { Cluster, NodePool } from '../documents.ts';
import {
  accepted,
  created,
  noContent,
  notFound,
  ok,
  page,
  preconditionFailed,
  read,
  unprocessable,
  type ApiRequest,
  type Handler,
  type Route,
} from '../http.ts';
import { credentialsAnswer, kubeconfigOf } from '../kubeconfig.ts';
import { leave, newNode, upgrading, withCount } from '../nodes.ts';
import type { Transaction } from '../store.ts';
import { newId, timestamp, type World } from '../world.ts';
import { defaultVpc } from './vpcs.ts';

// Older clients write a taint's fields with capitals; the real API reads them all the same.
const taint = z.preprocess(
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
const poolBody = z.object({
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
type PoolBody = z.infer<typeof poolBody>;
const poolChangeBody = z.object({
  name: z.string().min(1).optional(),
  count: z.int().min(0).optional(),
  tags: z.array(z.string()).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  taints: z.array(taint).optional(),
  auto_scale: z.boolean().optional(),
  min_nodes: z.int().min(0).optional(),
  max_nodes: z.int().min(0).optional(),
});
const maintenance = z.object({ start_time: z.string().regex(/^\d{1,2}:\d{2}$/), day: z.string().default('any') });
const clusterBody = z.looseObject({
  name: z.string().min(1),
  region: z.string(),
  version: z.string(),
  tags: z.array(z.string()).default([]),
  vpc_uuid: z.string().optional(),
  cluster_subnet: z.string().optional(),
  service_subnet: z.string().optional(),
  ha: z.boolean().optional(),
  auto_upgrade: z.boolean().default(false),
  surge_upgrade: z.boolean().default(false),
  maintenance_policy: maintenance.optional(),
  node_pools: z.array(poolBody).min(1, 'at least one node pool is required'),
});
const clusterChangeBody = z.looseObject({
  name: z.string().min(1).optional(),
  tags: z.array(z.string()).optional(),
  maintenance_policy: maintenance.optional(),
  auto_upgrade: z.boolean().optional(),
  surge_upgrade: z.boolean().optional(),
  ha: z.boolean().optional(),
});
const upgradeBody = z.object({ version: z.string() });
const recycleBody = z.object({ nodes: z.array(z.string()).default([]) });
const selectiveBody = z.object({
  volumes: z.array(z.string()).default([]),
  volume_snapshots: z.array(z.string()).default([]),
  load_balancers: z.array(z.string()).default([]),
});

/** Settings that are kept and answered, and change nothing here. */
const echoedSettings = [
  'control_plane_firewall',
  'cluster_autoscaler_configuration',
  'routing_agent',
  'sso',
  'p2p_oci_registry_plugin',
  'amd_gpu_device_plugin',
  'amd_gpu_device_metrics_exporter_plugin',
  'nvidia_gpu_device_plugin',
  'rdma_shared_dev_plugin',
  'coredns_autoscaler',
] as const;

const credentialsSeconds = 7 * 24 * 3600;

export function kubernetesRoutes({ store }: World, clusters: Clusters): readonly Route[] {
  const find = (request: ApiRequest): Cluster => {
    const cluster = store.get('cluster', request.params['id'] ?? '');
    if (cluster === undefined || cluster.status.state === 'deleting') throw notFound();
    return cluster;
  };
  const findPool = (cluster: Cluster, request: ApiRequest): NodePool => {
    const pool = cluster.node_pools.find((candidate) => candidate.id === request.params['pool']);
    if (pool === undefined) throw notFound();
    return pool;
  };
  const save = (change: Transaction, cluster: Cluster): void =>
    change.put('cluster', cluster.id, { ...cluster, updated_at: timestamp() });
  const savePool = (change: Transaction, cluster: Cluster, pool: NodePool): void =>
    save(change, { ...cluster, node_pools: cluster.node_pools.map((other) => (other.id === pool.id ? pool : other)) });

  const create: Handler = (request) => {
    const body = read(clusterBody, request.body);
    const region = findRegion(body.region);
    if (region === undefined) throw unprocessable('validation error: invalid region');
    const version = resolveVersion(body.version);
    if (version === undefined) throw unprocessable('validation error: invalid version slug');
    if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(body.name))
      throw unprocessable('validation error: name must be a valid DNS label');
    if (store.list('cluster').some((cluster) => cluster.name === body.name))
      throw unprocessable('validation error: a cluster with this name already exists');
    body.node_pools.forEach((pool, index) => checkPool(pool, `worker_node_pool_specs[${index}].`));
    if (new Set(body.node_pools.map((pool) => pool.name)).size < body.node_pools.length)
      throw unprocessable('validation error: node pool names must be unique');
    const vpc = body.vpc_uuid === undefined ? defaultVpc(store, region.slug) : store.get('vpc', body.vpc_uuid);
    if (vpc === undefined) throw unprocessable('validation error: vpc not found');
    if (vpc.region !== region.slug) throw unprocessable('validation error: the VPC is in another region');
    const id = newId();
    const now = timestamp();
    const cluster = store.write((change) => {
      const made: Cluster = {
        id,
        name: body.name,
        region: region.slug,
        version,
        cluster_subnet: body.cluster_subnet ?? '10.244.0.0/16',
        service_subnet: body.service_subnet ?? '10.245.0.0/16',
        vpc_uuid: vpc.id,
        ipv4: '',
        endpoint: '',
        tags: withOwnTags(body.tags, ['k8s', `k8s:${id}`]),
        node_pools: body.node_pools.map((pool) => newPool(change, id, pool)),
        maintenance_policy: maintenancePolicy(body.maintenance_policy),
        auto_upgrade: body.auto_upgrade,
        surge_upgrade: body.surge_upgrade,
        ha: body.ha ?? isHighlyAvailableByDefault(version),
        status: { state: 'provisioning', message: 'provisioning' },
        created_at: now,
        updated_at: now,
        settings: settingsOf(body),
      };
      change.put('cluster', id, made);
      return made;
    });
    return created({ kubernetes_cluster: clusterAnswer(cluster) });
  };

  const update: Handler = (request) => {
    const cluster = find(request);
    const body = read(clusterChangeBody, request.body);
    if (cluster.ha && body.ha === false) throw unprocessable('validation error: high availability cannot be disabled');
    const changed: Cluster = {
      ...cluster,
      ...(body.name !== undefined && { name: body.name }),
      ...(body.tags !== undefined && { tags: withOwnTags(body.tags, ['k8s', `k8s:${cluster.id}`]) }),
      ...(body.maintenance_policy !== undefined && { maintenance_policy: maintenancePolicy(body.maintenance_policy) }),
      ...(body.auto_upgrade !== undefined && { auto_upgrade: body.auto_upgrade }),
      ...(body.surge_upgrade !== undefined && { surge_upgrade: body.surge_upgrade }),
      ...(body.ha !== undefined && { ha: body.ha }),
      settings: { ...cluster.settings, ...settingsOf(body) },
    };
    store.write((change) => save(change, changed));
    return accepted({ kubernetes_cluster: clusterAnswer(changed) });
  };

  const upgrade: Handler = (request) => {
    const cluster = find(request);
    const { version: requested } = read(upgradeBody, request.body);
    const version = resolveVersion(requested);
    if (version === undefined || !upgradesFrom(cluster.version).includes(version))
      throw unprocessable('validation error: invalid version slug');
    if (cluster.status.state !== 'running') throw unprocessable('cluster is not in a state that can be upgraded');
    store.write((change) => save(change, upgrading(change, cluster, version)));
    return accepted();
  };

  const startDeleting = (change: Transaction, cluster: Cluster): void =>
    save(change, { ...cluster, status: { state: 'deleting', message: 'deleting' } });

  const remove: Handler = (request) => {
    const cluster = find(request);
    store.write((change) => startDeleting(change, cluster));
    return noContent;
  };

  const removeWith =
    (chosen: (request: ApiRequest, cluster: Cluster) => z.infer<typeof selectiveBody>): Handler =>
    (request) => {
      const cluster = find(request);
      const { volumes, volume_snapshots, load_balancers } = chosen(request, cluster);
      store.write((change) => {
        for (const id of volumes) change.remove('volume', id);
        for (const id of volume_snapshots) change.remove('snapshot', id);
        for (const id of load_balancers) change.remove('load_balancer', id);
        startDeleting(change, cluster);
      });
      return noContent;
    };
  const removeAll = removeWith((_, cluster) => {
    const all = associatedResources(store, cluster.id);
    return {
      volumes: all.volumes.map(idOf),
      volume_snapshots: all.volume_snapshots.map(idOf),
      load_balancers: all.load_balancers.map(idOf),
    };
  });
  const removeChosen = removeWith((request) => read(selectiveBody, request.body));

  /** A cluster has credentials once it has come up, also while it is being upgraded. */
  const credentials = async (request: ApiRequest, cluster: Cluster): ReturnType<Clusters['credentials']> => {
    if (cluster.endpoint === '') throw preconditionFailed('cluster is not ready yet');
    const seconds = Number(request.query.get('expiry_seconds') ?? credentialsSeconds);
    if (!Number.isInteger(seconds) || seconds < 0) throw unprocessable('invalid expiry_seconds');
    return clusters.credentials(cluster.id, seconds === 0 ? credentialsSeconds : seconds);
  };

  const kubeconfig: Handler = async (request) => {
    const cluster = find(request);
    return {
      status: 200,
      text: { type: 'application/yaml', content: kubeconfigOf(cluster, await credentials(request, cluster)) },
    };
  };

  const createPool: Handler = (request) => {
    const cluster = find(request);
    const body = read(poolBody, request.body);
    checkPool(body, '');
    if (cluster.node_pools.some((pool) => pool.name === body.name && !pool.deleting))
      throw unprocessable('validation error: a node pool with this name already exists');
    const pool = store.write((change) => {
      const made = newPool(change, cluster.id, body);
      save(change, { ...cluster, node_pools: [...cluster.node_pools, made] });
      return made;
    });
    return created({ node_pool: poolAnswer(pool) });
  };

  const updatePool: Handler = (request) => {
    const cluster = find(request);
    const pool = findPool(cluster, request);
    const body = read(poolChangeBody, request.body);
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
    recycle(cluster, pool, nodes.length > 0 ? nodes : pool.nodes.map(idOf), true);
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

  const path = '/v2/kubernetes/clusters';
  return [
    { method: 'GET', path: '/v2/kubernetes/options', handle: () => ok({ options: options() }) },
    {
      method: 'GET',
      path,
      handle: (request) =>
        page(
          request,
          'kubernetes_clusters',
          store
            .list('cluster')
            .filter((cluster) => cluster.status.state !== 'deleting')
            .map(clusterAnswer),
        ),
    },
    { method: 'POST', path, handle: create },
    {
      method: 'GET',
      path: `${path}/:id`,
      handle: (request) => ok({ kubernetes_cluster: clusterAnswer(find(request)) }),
    },
    { method: 'PUT', path: `${path}/:id`, handle: update },
    { method: 'DELETE', path: `${path}/:id`, handle: remove },
    {
      method: 'GET',
      path: `${path}/:id/upgrades`,
      handle: (request) => ok({ available_upgrade_versions: upgradesAnswer(find(request)) }),
    },
    { method: 'POST', path: `${path}/:id/upgrade`, handle: upgrade },
    { method: 'GET', path: `${path}/:id/kubeconfig`, handle: kubeconfig },
    {
      method: 'GET',
      path: `${path}/:id/credentials`,
      handle: async (request) => ok(credentialsAnswer(await credentials(request, find(request)))),
    },
    {
      method: 'GET',
      path: `${path}/:id/user`,
      handle: (request) => {
        find(request);
        return ok({
          kubernetes_cluster_user: { username: 'sandbox@example.invalid', groups: ['k8saas:authenticated'] },
        });
      },
    },
    {
      method: 'GET',
      path: `${path}/:id/destroy_with_associated_resources`,
      handle: (request) => ok(associatedResources(store, find(request).id)),
    },
    { method: 'DELETE', path: `${path}/:id/destroy_with_associated_resources/dangerous`, handle: removeAll },
    { method: 'DELETE', path: `${path}/:id/destroy_with_associated_resources/selective`, handle: removeChosen },
    {
      method: 'GET',
      path: `${path}/:id/node_pools`,
      handle: (request) => page(request, 'node_pools', find(request).node_pools.map(poolAnswer)),
    },
    { method: 'POST', path: `${path}/:id/node_pools`, handle: createPool },
    {
      method: 'GET',
      path: `${path}/:id/node_pools/:pool`,
      handle: (request) => ok({ node_pool: poolAnswer(findPool(find(request), request)) }),
    },
    { method: 'PUT', path: `${path}/:id/node_pools/:pool`, handle: updatePool },
    { method: 'DELETE', path: `${path}/:id/node_pools/:pool`, handle: removePool },
    { method: 'POST', path: `${path}/:id/node_pools/:pool/recycle`, handle: recyclePool },
    { method: 'DELETE', path: `${path}/:id/node_pools/:pool/nodes/:node`, handle: removeNode },
  ];
}

function checkPool(
  pool: Pick<PoolBody, 'size' | 'count' | 'auto_scale' | 'min_nodes' | 'max_nodes'>,
  prefix: string,
): void {
  if (findSize(pool.size) === undefined) throw unprocessable(`validation error: ${prefix}invalid droplet size`);
  if (pool.auto_scale && (pool.max_nodes < 1 || pool.min_nodes > pool.max_nodes))
    throw unprocessable(`validation error: ${prefix}max_nodes must be at least min_nodes and at least 1`);
  if (!pool.auto_scale && (pool.count ?? 0) < 1)
    throw unprocessable(`validation error: ${prefix}count must be greater than 0`);
}

function initialCount(
  pool: Pick<NodePool, 'auto_scale' | 'min_nodes' | 'max_nodes'>,
  count: number | undefined,
): number {
  if (!pool.auto_scale) return count ?? 1;
  return Math.min(Math.max(count ?? pool.min_nodes, pool.min_nodes), pool.max_nodes);
}

function newPool(change: Transaction, clusterId: string, body: PoolBody): NodePool {
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

function poolTags(clusterId: string, tags: readonly string[]): readonly string[] {
  return withOwnTags(tags, ['k8s', `k8s:${clusterId}`, 'k8s:worker']);
}

function withOwnTags(tags: readonly string[], own: readonly string[]): readonly string[] {
  return [...new Set([...tags, ...own])];
}

function maintenancePolicy(given: z.infer<typeof maintenance> | undefined): Cluster['maintenance_policy'] {
  return { start_time: given?.start_time ?? '00:00', duration: '4h0m0s', day: given?.day ?? 'any' };
}

function settingsOf(body: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    echoedSettings.filter((name) => body[name] !== undefined).map((name) => [name, body[name]]),
  );
}

function clusterAnswer({ settings, ...cluster }: Cluster): unknown {
  return { ...cluster, ...settings, registry_enabled: false, node_pools: cluster.node_pools.map(poolAnswer) };
}

function poolAnswer({ deleting: _, ...pool }: NodePool): unknown {
  return pool;
}

function upgradesAnswer(cluster: Cluster): unknown {
  const versions = upgradesFrom(cluster.version);
  return versions.length === 0 ? null : versions.map(versionAnswer);
}

function versionAnswer(slug: string): unknown {
  return {
    slug,
    kubernetes_version: upstreamVersion(slug),
    supported_features: ['cluster-autoscaler', 'docr-integration', 'ha-control-plane', 'token-authentication'],
  };
}

function options(): unknown {
  return {
    regions,
    versions: offeredVersions.map(versionAnswer),
    sizes: sizes.map((size) => ({ name: size.slug, slug: size.slug })),
  };
}

const idOf = ({ id }: { readonly id: string }): string => id;
