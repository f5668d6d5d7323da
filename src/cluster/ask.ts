/** One question to the cluster, or the reason it was not answered. */
import { FailedError } from '../errors.ts';
import type { RunTool } from '../tools/call.ts';
import { toolFailed } from '../tools/call.ts';
import type { ClusterDeps } from './hands.ts';
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

const PATIENCE_MS = 120_000;
const AGAIN_AFTER_MS = 5000;

/** For who watches what goes on by itself, for hours: an API server that does not answer for a while is asked again. */
export async function objectsPatiently(
  { run, clock, interruption }: Pick<ClusterDeps, 'run' | 'clock' | 'interruption'>,
  pin: ClusterPin,
  kinds: readonly string[],
  selection?: Selection,
): Promise<readonly KubeObject[]> {
  const deadline = clock.now().getTime() + PATIENCE_MS;
  for (;;) {
    try {
      return await objects(run, pin, kinds, selection);
    } catch (error) {
      const mayPass = error instanceof FailedError && clock.now().getTime() < deadline && !interruption.requested;
      if (!mayPass) throw error;
      await clock.sleep(AGAIN_AFTER_MS, interruption);
    }
  }
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
