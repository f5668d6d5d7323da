/** Things that exist in the cloud or the cluster before OpenTofu knows them are imported, not made a second time. */
import { join } from 'node:path';
import { releaseAddress } from '../model/addresses.ts';
import type { Release, Stack } from '../model/blueprint.ts';
import type { AdoptionCandidate } from '../ports/cloud.ts';
import type { DeployedRelease } from '../ports/cluster.ts';
import type { ResourceChange } from './changes.ts';
import { resourceAt } from './changes.ts';
import type { Engine } from './engine.ts';

export interface AdoptionWish {
  /** Names the user agreed to. */
  readonly names: ReadonlySet<string>;
  /** Addresses that an interrupted run of ours began to create: they are ours already. */
  readonly ours: ReadonlySet<string>;
}

/** What exists already of that which the plan would create. */
export async function findAdoptable(
  engine: Engine,
  stack: Stack,
  changes: readonly ResourceChange[],
): Promise<readonly AdoptionCandidate[]> {
  const created = changes.filter((change) => change.action === 'create');
  const inCloud = created.flatMap((change) => {
    const resource = resourceAt(stack, change.address);
    return resource?.adoption ? [{ ...resource, address: change.address }] : [];
  });
  const releases = created.filter((change) => change.type === 'helm_release');
  const [cloud, cluster] = await Promise.all([
    inCloud.length > 0 ? engine.target.cloud.adoptable(inCloud) : [],
    releases.length > 0 ? deployedAlready(engine, stack, releases) : [],
  ]);
  return [...cloud, ...cluster];
}

async function deployedAlready(
  engine: Engine,
  stack: Stack,
  changes: readonly ResourceChange[],
): Promise<readonly AdoptionCandidate[]> {
  const deployed = await engine.target.cluster.releases();
  return changes.flatMap((change) => {
    const release = stack.releases.find((candidate) => releaseAddress(candidate.name) === change.address);
    const found =
      release && deployed.find((other) => other.release === release.name && other.namespace === release.namespace);
    if (!found || isPendingRelease(found)) return [];
    const id = `${found.namespace}/${found.release}`;
    return [{ address: change.address, id, name: id, kind: 'release' }];
  });
}

/** The releases behind these changes. */
export function releasesOf(stack: Stack, changes: readonly ResourceChange[]): readonly Release[] {
  const addresses = new Set(changes.map((change) => change.address));
  return stack.releases.filter((release) => addresses.has(releaseAddress(release.name)));
}

export function isPendingRelease(release: DeployedRelease): boolean {
  return release.status.startsWith('pending-') || release.status === 'uninstalling';
}

/** As `--adopt` wants it: a project, a network and a cluster may all bear the same name. */
export function adoptionName({ kind, name }: Pick<AdoptionCandidate, 'kind' | 'name'>): string {
  return `${kind}/${name}`;
}

export function toAdopt(candidates: readonly AdoptionCandidate[], wish: AdoptionWish): readonly AdoptionCandidate[] {
  return candidates.filter((candidate) => wish.names.has(adoptionName(candidate)) || wish.ours.has(candidate.address));
}

/**
 * Lets `plan` see import blocks in the stack's folder, and takes them away again: the saved plan holds them, and the
 * rendered module stays as it was.
 */
export async function withImports<Value>(
  engine: Engine,
  stack: Stack,
  adopted: readonly AdoptionCandidate[],
  plan: () => Promise<Value>,
): Promise<Value> {
  await engine.ports.files.write(importsOf(engine, stack), importBlocks(adopted));
  try {
    return await plan();
  } finally {
    await removeLeftImports(engine, stack);
  }
}

/** A run that was killed while planning leaves them: nobody has agreed to them this time. */
export async function removeLeftImports(engine: Engine, stack: Stack): Promise<void> {
  await engine.ports.files.remove(importsOf(engine, stack));
}

function importsOf(engine: Engine, stack: Stack): string {
  return join(engine.layout.stack(stack.name), 'adopt.tf');
}

export function importBlocks(adopted: readonly AdoptionCandidate[]): string {
  return adopted.map(({ address, id }) => `import {\n  to = ${address}\n  id = ${JSON.stringify(id)}\n}\n`).join('\n');
}
