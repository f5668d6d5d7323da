/** Kubernetes clusters, and the options to choose from. */
import { z } from 'zod';
import { associatedResources } from '../associated.ts';
import {
  findRegion,
  isHighlyAvailableByDefault,
  offeredVersions,
  regions,
  resolveVersion,
  sizes,
  upgradesFrom,
  upstreamVersion,
} from '../catalogue.ts';
import { findCluster, livingClusters, saveCluster } from '../cluster-access.ts';
import type { Clusters } from '../clusters.ts';
import type { Cluster } from '../documents.ts';
import {
  accepted,
  created,
  noContent,
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
import { checkPool, newPool, poolAnswer, poolBody, withOwnTags } from '../node-pools.ts';
import { upgrading } from '../nodes.ts';
import type { Transaction } from '../store.ts';
import { newId, timestamp, type World } from '../world.ts';
import { defaultVpc } from './vpcs.ts';

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
  const find = (request: ApiRequest): Cluster => findCluster(store, request);

  const create: Handler = (request) => {
    const body = read(clusterBody, request.body);
    const region = findRegion(body.region);
    if (region === undefined) throw unprocessable('validation error: invalid region');
    const version = resolveVersion(body.version);
    if (version === undefined) throw unprocessable('validation error: invalid version slug');
    if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(body.name))
      throw unprocessable('validation error: name must be a valid DNS label');
    if (livingClusters(store).some((cluster) => cluster.name === body.name))
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
    store.write((change) => saveCluster(change, changed));
    return accepted({ kubernetes_cluster: clusterAnswer(changed) });
  };

  const upgrade: Handler = (request) => {
    const cluster = find(request);
    const { version: requested } = read(upgradeBody, request.body);
    const version = resolveVersion(requested);
    if (version === undefined || !upgradesFrom(cluster.version).includes(version))
      throw unprocessable('validation error: invalid version slug');
    if (cluster.status.state !== 'running') throw unprocessable('cluster is not in a state that can be upgraded');
    store.write((change) => saveCluster(change, upgrading(change, cluster, version)));
    return accepted();
  };

  const startDeleting = (change: Transaction, cluster: Cluster): void =>
    saveCluster(change, { ...cluster, status: { state: 'deleting', message: 'deleting' } });

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

  const path = '/v2/kubernetes/clusters';
  return [
    { method: 'GET', path: '/v2/kubernetes/options', handle: () => ok({ options: options() }) },
    {
      method: 'GET',
      path,
      handle: (request) => page(request, 'kubernetes_clusters', livingClusters(store).map(clusterAnswer)),
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
  ];
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
