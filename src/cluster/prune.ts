/** Secrets that ffops delivered and the environment does not want any more. They go after the releases that read them. */
import type { Blueprint, Stack } from '../model/blueprint.ts';
import { toolFailed } from '../tools/call.ts';
import { deleteObject, type ClusterPin, type KubeObject } from '../tools/kubectl.ts';
import { objects } from './ask.ts';
import type { ClusterDeps } from './hands.ts';
import { releaseOf } from './leftovers.ts';
import { environmentLabel, managedByLabel, manager, stackLabel } from './names.ts';
import type { ObjectChange } from '../ports/cluster.ts';

/** What `pruneSecrets` would remove. `secrets`, where they were read already, are at least the environment's. */
export async function unwantedSecrets(
  deps: ClusterDeps,
  pin: ClusterPin,
  stacks: readonly Stack[],
  secrets?: () => Promise<readonly KubeObject[]>,
): Promise<readonly ObjectChange[]> {
  const names = new Set(stacks.filter((stack) => stack.needsCluster).map((stack) => stack.name));
  if (names.size === 0) return [];
  const { blueprint } = deps;
  const labels = { [managedByLabel]: manager, [environmentLabel]: blueprint.environment };
  const selector = Object.entries(labels).map((pair) => pair.join('='));
  const wanted = new Set([
    ...blueprint.kubernetesSecrets.map(({ namespace, name }) => `${namespace}/${name}`),
    // They go with the Job that reads them.
    ...blueprint.provisioners.map(({ namespace, secret }) => `${namespace}/${secret}`),
  ]);
  const found = await (secrets?.() ?? objects(deps.run, pin, ['secrets'], { labels: selector.join(',') }));
  const unwanted = found.filter(
    ({ metadata }) =>
      Object.entries(labels).every(([name, value]) => metadata.labels[name] === value) &&
      names.has(metadata.labels[stackLabel] ?? '') &&
      !wanted.has(`${metadata.namespace ?? ''}/${metadata.name}`),
  );
  if (unwanted.length === 0) return [];
  const keepers = namespacesWithKeptData(blueprint, await objects(deps.run, pin, ['persistentvolumeclaims']));
  return unwanted.filter(({ metadata }) => !keepers.has(metadata.namespace)).map(removalOf);
}

/** Throws FailedError when the cluster refuses. */
export async function pruneSecrets(deps: ClusterDeps, pin: ClusterPin, stack: Stack): Promise<void> {
  for (const { namespace, name } of await unwantedSecrets(deps, pin, [stack])) {
    const outcome = await deps.run('kubectl', deleteObject(pin, { kind: 'secret', namespace, name }));
    if (outcome.exitCode !== 0)
      throw toolFailed('cluster.removalFailed', `Secret ${namespace}/${name} could not be removed`, outcome);
  }
}

/** A claim without its release is data that was kept: whoever takes it up again needs what lies beside it. */
function namespacesWithKeptData(blueprint: Blueprint, claims: readonly KubeObject[]): ReadonlySet<string | undefined> {
  const kept = claims.filter((claim) => releaseOf(blueprint, claim) === undefined);
  return new Set(kept.map(({ metadata }) => metadata.namespace));
}

function removalOf({ metadata }: KubeObject): ObjectChange {
  return {
    stack: metadata.labels[stackLabel] ?? '',
    kind: 'Secret',
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    action: 'delete',
    origin: { kind: 'ffops', path: 'secrets' },
    rolls: [],
  };
}
