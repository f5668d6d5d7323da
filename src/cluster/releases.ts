/** Helm releases as the cluster has them, and the repair of those that an interruption left half done. */
import type { Release } from '../model/blueprint.ts';
import type { DeployedRelease, ReleaseTrouble } from '../ports/cluster.ts';
import { toolFailed } from '../tools/call.ts';
import * as helm from '../tools/helm.ts';
import { deleteObject, podLogs, type ClusterPin, type KubeObject } from '../tools/kubectl.ts';
import { objects } from './ask.ts';
import { findTroubles, type Symptoms, type Trouble } from './diagnosis.ts';
import type { ClusterDeps } from './hands.ts';
import { workloadKinds } from './readiness.ts';

export async function listReleases(deps: ClusterDeps, pin: ClusterPin): Promise<readonly DeployedRelease[]> {
  const outcome = await deps.run('helm', helm.listReleases(pin));
  if (outcome.exitCode !== 0) throw toolFailed('cluster.unreachable', 'Helm could not list the releases', outcome);
  return helm.parseReleases(outcome.stdout).map((found) => ({
    release: found.name,
    namespace: found.namespace,
    status: found.status,
    revision: found.revision,
    updated: found.updated,
    chart: found.chart,
    appVersion: found.app_version,
  }));
}

const goodStatuses = new Set(['deployed', 'superseded']);

/**
 * Ends what was interrupted: goes back to the last good revision, finishes a removal, or takes an install back that never
 * ended. Returns what it did, for people. Throws FailedError when Helm refuses.
 */
export async function settleRelease(
  deps: ClusterDeps,
  pin: ClusterPin,
  { release, namespace, status, revision }: Pick<DeployedRelease, 'release' | 'namespace' | 'status' | 'revision'>,
): Promise<string> {
  if (status === 'uninstalling') {
    await mustRun(deps, helm.uninstall(pin, release, namespace), `The removal of ${release} could not be finished`);
    return `Finished the interrupted removal of ${namespace}/${release}.`;
  }
  const outcome = await deps.run('helm', helm.history(pin, release, namespace));
  if (outcome.exitCode !== 0) throw toolFailed('release.noHistory', `Helm has no history of ${release}`, outcome);
  const good = helm
    .parseHistory(outcome.stdout)
    .filter((candidate) => goodStatuses.has(candidate.status))
    .at(-1);
  if (good !== undefined) {
    const what = `${release} could not be rolled back to revision ${good.revision}`;
    await mustRun(deps, helm.rollback(pin, release, namespace, good.revision), what);
    return `Rolled ${namespace}/${release} back to revision ${good.revision}: its ${status} never ended.`;
  }
  if (await keepsVolumes(deps, pin, release, namespace)) {
    await forgetRevision(deps, pin, { release, namespace, revision });
    return `Forgot the interrupted install of ${namespace}/${release}; the next one takes over its objects and volumes.`;
  }
  await mustRun(
    deps,
    helm.uninstall(pin, release, namespace),
    `The interrupted install of ${release} could not be removed`,
  );
  return `Removed the interrupted install of ${namespace}/${release}.`;
}

async function mustRun(deps: ClusterDeps, call: ReturnType<typeof helm.uninstall>, what: string): Promise<void> {
  const outcome = await deps.run('helm', call);
  if (outcome.exitCode !== 0) throw toolFailed('release.notSettled', what, outcome);
}

/** Uninstalling would delete the volume claims that the chart itself declares. */
async function keepsVolumes(deps: ClusterDeps, pin: ClusterPin, release: string, namespace: string): Promise<boolean> {
  const outcome = await deps.run('helm', helm.deployedManifest(pin, release, namespace));
  if (outcome.exitCode !== 0) throw toolFailed('release.noManifest', `Helm has no manifest of ${release}`, outcome);
  return /^kind: ["']?PersistentVolumeClaim/m.test(outcome.stdout);
}

/** Helm keeps each revision in a Secret; without it, the next install adopts what carries the release's name. */
async function forgetRevision(
  deps: ClusterDeps,
  pin: ClusterPin,
  { release, namespace, revision }: { readonly release: string; readonly namespace: string; readonly revision: number },
): Promise<void> {
  const labels = `owner=helm,name=${release},version=${revision}`;
  for (const { metadata } of await objects(deps.run, pin, ['secrets'], { namespace, labels })) {
    const outcome = await deps.run(
      'kubectl',
      deleteObject(pin, { kind: 'secret', namespace, name: metadata.name }, 30),
    );
    if (outcome.exitCode !== 0) {
      throw toolFailed('release.notSettled', `Revision ${revision} of ${release} could not be forgotten`, outcome);
    }
  }
}

/** Undefined when the release is ready. */
export async function diagnoseRelease(
  deps: ClusterDeps,
  pin: ClusterPin,
  release: Release,
): Promise<ReleaseTrouble | undefined> {
  if (!release.workloads) return undefined;
  const troubles = findTroubles(release, await symptomsOf(deps, pin, release, [...decisive, ...explaining]));
  if (troubles.length === 0) return undefined;
  const lines: string[] = [];
  for (const trouble of troubles) {
    lines.push(trouble.headline, ...trouble.lines.map((line) => `  ${line}`));
    for (const line of await lastWords(deps, pin, trouble)) lines.push(`  ${line}`);
  }
  return { release: release.name, namespace: release.namespace, lines };
}

/** What decides whether a release is ready. */
const decisive = [...workloadKinds, 'services'];
/** What explains why it is not. */
const explaining = ['replicasets', 'pods', 'persistentvolumeclaims', 'events'];

async function symptomsOf(
  deps: ClusterDeps,
  pin: ClusterPin,
  release: Release,
  kinds: readonly string[],
): Promise<Symptoms> {
  const all = await objects(deps.run, pin, kinds, { namespace: release.namespace });
  const of = (...wanted: readonly string[]): readonly KubeObject[] => all.filter(({ kind }) => wanted.includes(kind));
  return {
    workloads: of('Deployment', 'StatefulSet', 'DaemonSet'),
    replicaSets: of('ReplicaSet'),
    pods: of('Pod'),
    claims: of('PersistentVolumeClaim'),
    services: of('Service'),
    events: of('Event'),
  };
}

const logLines = 3;

/** Simulated pods have no process behind them, and their addresses belong to nobody: they are never dialled. */
async function lastWords(deps: ClusterDeps, pin: ClusterPin, { pod }: Trouble): Promise<readonly string[]> {
  if (pod === undefined || !deps.surroundings.podsRun) return [];
  const outcome = await deps.run('kubectl', podLogs(pin, pod, logLines, pod.restarted));
  if (outcome.exitCode !== 0) return [];
  const words = outcome.stdout.split('\n').filter((line) => line.trim() !== '');
  return words.map((line) => `log: ${line.slice(0, 300)}`);
}

const pollMs = 1500;

/** The trouble when the release's time is over; undefined when it is ready. Stops early when the user wishes to. */
export async function waitUntilReady(
  deps: ClusterDeps,
  pin: ClusterPin,
  release: Release,
): Promise<ReleaseTrouble | undefined> {
  if (!release.workloads) return undefined;
  const deadline = deps.clock.now().getTime() + release.timeoutSeconds * 1000;
  for (;;) {
    // It is asked often: events and pods are a lot to read, and wanted only in the end.
    const troubles = findTroubles(release, await symptomsOf(deps, pin, release, decisive));
    if (troubles.length === 0) return undefined;
    if (deps.interruption.requested || deps.clock.now().getTime() >= deadline) break;
    await deps.clock.sleep(pollMs, deps.interruption);
  }
  return diagnoseRelease(deps, pin, release);
}
