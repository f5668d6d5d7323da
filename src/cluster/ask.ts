/** One question to the cluster, or the reason it was not answered. */
import { FailedError } from '../errors.ts';
import type { RunTool } from '../tools/call.ts';
import { toolFailed } from '../tools/call.ts';
import { getObjects, parseObjects, type ClusterPin, type KubeObject, type Selection } from '../tools/kubectl.ts';

/** Throws FailedError when the cluster does not answer or knows no such kind. */
export async function objects(
  run: RunTool,
  pin: ClusterPin,
  kinds: readonly string[],
  selection?: Selection,
): Promise<readonly KubeObject[]> {
  const outcome = await run('kubectl', getObjects(pin, kinds, selection));
  if (outcome.exitCode === 0) return parseObjects(outcome.stdout);
  throw toolFailed('cluster.unreachable', `The cluster did not list its ${kinds.join(', ')}`, outcome);
}

/** Undefined when the cluster knows no such kind: what would define it is not installed. */
export async function objectsIfKnown(
  run: RunTool,
  pin: ClusterPin,
  kinds: readonly string[],
  selection?: Selection,
): Promise<readonly KubeObject[] | undefined> {
  try {
    return await objects(run, pin, kinds, selection);
  } catch (error) {
    if (error instanceof FailedError && error.message.includes("doesn't have a resource type")) return undefined;
    throw error;
  }
}
