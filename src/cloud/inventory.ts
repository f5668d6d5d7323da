/** What of this environment exists in the cloud, also after its cluster is gone. */
import { z } from 'zod';
import { FailedError } from '../errors.ts';
import type { Blueprint, StackResource } from '../model/blueprint.ts';
import type { CloudItem } from '../ports/cloud.ts';
import type { Files } from '../ports/files.ts';
import type { DigitalOcean } from './digitalocean.ts';

/** By resource type: what people call it, and what the API lists. */
const namedKinds = {
  digitalocean_kubernetes_cluster: { kind: 'cluster', list: 'clusters' },
  digitalocean_vpc: { kind: 'vpc', list: 'vpcs' },
  digitalocean_domain: { kind: 'domain', list: 'domains' },
  digitalocean_project: { kind: 'project', list: 'projects' },
  digitalocean_record: { kind: 'record', list: 'records' },
} as const;
type NamedType = keyof typeof namedKinds;

function isNamed(type: string): type is NamedType {
  return type in namedKinds;
}

/**
 * Load balancers and volumes say only which cluster or network they belong to; once those are gone, nothing tells whose
 * they were. So what was ever seen of this environment is remembered.
 */
const memorySchema = z.object({
  clusters: z.array(z.string()),
  networks: z.array(z.string()),
  items: z.array(z.string()),
});
type Memory = z.infer<typeof memorySchema>;

export interface InventoryDeps {
  readonly files: Files;
  readonly api: DigitalOcean;
  readonly blueprint: Blueprint;
  /** Where the memory lies. */
  readonly memoryFile: string;
  /** The environment's buckets that exist. */
  buckets(): Promise<readonly string[]>;
}

export async function takeInventory(deps: InventoryDeps): Promise<readonly CloudItem[]> {
  const { api, blueprint } = deps;
  const [clusters, vpcs, domains, projects, loadBalancers, volumes, snapshots, buckets] = await Promise.all([
    api.list('clusters'),
    api.list('vpcs'),
    api.list('domains'),
    api.list('projects'),
    api.list('loadBalancers'),
    api.list('volumes'),
    api.list('snapshots'),
    deps.buckets(),
  ]);
  // Records go with their domain.
  const listed = { clusters, vpcs, domains: domains.map(({ name }) => ({ id: name, name })), projects, records: [] };
  const named = blueprint.stacks
    .flatMap(({ resources }) => resources)
    .flatMap((resource) => findNamed(resource, listed));

  const memory = await recall(deps);
  const own = (kind: string) => named.filter((item) => item.kind === kind).map(({ id }) => id);
  const knownClusters = new Set([...memory.clusters, ...own('cluster')]);
  const networks = new Set([...memory.networks, ...own('vpc')]);
  const known = new Set(memory.items);
  const tagged = (tags: readonly string[]) =>
    tags.some((tag) => tag.startsWith('k8s:') && knownClusters.has(tag.slice(4)));

  const ownBalancers = loadBalancers.filter(
    (one) => known.has(one.id) || networks.has(one.vpc_uuid ?? '') || tagged([...(one.tags ?? []), one.tag ?? '']),
  );
  const ownVolumes = volumes.filter((one) => known.has(one.id) || tagged(one.tags ?? []));
  const volumeIds = new Set(ownVolumes.map(({ id }) => id));
  const ownSnapshots = snapshots.filter((one) => known.has(one.id) || volumeIds.has(one.resource_id));
  const found: readonly CloudItem[] = [
    ...named,
    ...buckets.map((name) => ({ kind: 'bucket', id: name, name })),
    ...ownBalancers.map(({ id, name }) => ({ kind: 'load balancer', id, name })),
    ...ownVolumes.map(({ id, name }) => ({ kind: 'volume', id, name })),
    ...ownSnapshots.map(({ id, name }) => ({ kind: 'snapshot', id, name })),
  ];
  await remember(deps, {
    clusters: [...knownClusters],
    networks: [...networks],
    items: found.filter(({ kind }) => ['load balancer', 'volume', 'snapshot'].includes(kind)).map(({ id }) => id),
  });
  return found;
}

type Listing = Readonly<
  Record<(typeof namedKinds)[NamedType]['list'], readonly { readonly id: string; readonly name: string }[]>
>;

/** Nothing when the resource has no name of its own, or no cloud item bears it. */
export function findNamed(
  { type, adoption }: Pick<StackResource, 'type' | 'adoption'>,
  listing: Listing,
): readonly CloudItem[] {
  if (adoption === undefined || !isNamed(type)) return [];
  const { kind, list } = namedKinds[type];
  return listing[list].filter(({ name }) => name === adoption.name).map(({ id, name }) => ({ kind, id, name }));
}

async function recall({ files, memoryFile }: InventoryDeps): Promise<Memory> {
  const text = await files.read(memoryFile);
  if (text === undefined) return { clusters: [], networks: [], items: [] };
  try {
    return memorySchema.parse(JSON.parse(text));
  } catch {
    throw new FailedError('cloud.badMemory', {
      message: `${memoryFile} is damaged: it says which load balancers and volumes were this environment's.`,
      hints: ['Remove it, and look in the control panel for volumes and load balancers of clusters that are gone.'],
    });
  }
}

async function remember({ files, memoryFile }: InventoryDeps, memory: Memory): Promise<void> {
  await files.write(memoryFile, `${JSON.stringify(memory, null, 2)}\n`);
}
