/**
 * Workloads restart when a Secret they read changes. The digest of those Secrets goes on the pod template, by a field
 * manager of its own, so that neither Helm nor OpenTofu ever sees a difference.
 */
import type { Release, Stack } from '../model/blueprint.ts';
import type { WorkloadRoll } from '../ports/cluster.ts';
import { digestKey, digestOf, digestSecret } from '../secrets/digest.ts';
import { applyManifests, type ClusterPin, type KubeObject } from '../tools/kubectl.ts';
import { toolFailed } from '../tools/call.ts';
import { objects } from './ask.ts';
import { belongsTo } from './belongs.ts';
import type { ClusterDeps } from './hands.ts';
import { digestAnnotation, managedByLabel, manager, rollManager, secretsAnnotation } from './names.ts';
import { workloadKinds } from './readiness.ts';

interface Stamp {
  readonly object: KubeObject;
  readonly digest: string;
  /** False for a workload that started after its Secrets: it has read them already. */
  readonly roll: boolean;
}

/** Returns the workloads that restart because of it. Throws FailedError when the cluster refuses. */
export async function stampWorkloads(
  deps: ClusterDeps,
  pin: ClusterPin,
  stack: Stack,
): Promise<readonly WorkloadRoll[]> {
  const releases = stack.releases.filter((release) => release.reads.length > 0);
  if (releases.length === 0) return [];
  const key = digestKey(await deps.secrets.get(digestSecret));
  const [workloads, secrets] = await Promise.all([
    objects(deps.run, pin, workloadKinds),
    objects(deps.run, pin, ['secrets'], { labels: `${managedByLabel}=${manager}`, managedFields: true }),
  ]);
  const stamps = releases.flatMap((release) => {
    const read = secretsOf(release, secrets);
    const digest = digestOf(key, Object.fromEntries(read.map((secret) => [nameOf(secret), digestWritten(secret)])));
    return workloads
      .filter((workload) => belongsTo(release, workload))
      .flatMap((object) => stampOf(object, digest, read) ?? []);
  });
  if (stamps.length === 0) return [];
  const manifests = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: stamps.map(manifestOf) });
  const outcome = await deps.run('kubectl', applyManifests(pin, manifests, rollManager));
  if (outcome.exitCode !== 0)
    throw toolFailed('cluster.stampFailed', `Workloads of ${stack.name} were not told`, outcome);
  return stamps
    .filter((stamp) => stamp.roll)
    .map(({ object }) => ({
      namespace: object.metadata.namespace ?? '',
      workload: `${object.kind.toLowerCase()}/${object.metadata.name}`,
    }));
}

function secretsOf(release: Release, secrets: readonly KubeObject[]): readonly KubeObject[] {
  return release.reads.flatMap((reference) => secrets.find((secret) => nameOf(secret) === reference) ?? []);
}

function nameOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function digestWritten(secret: KubeObject): string {
  return secret.metadata.annotations[digestAnnotation] ?? '';
}

function stampOf(object: KubeObject, digest: string, read: readonly KubeObject[]): Stamp | undefined {
  const current = templateAnnotation(object) ?? object.metadata.annotations[secretsAnnotation];
  if (current === digest) return undefined;
  const roll = current !== undefined || read.some((secret) => lastWritten(secret) > object.metadata.creationTimestamp);
  return { object, digest, roll };
}

function templateAnnotation(object: KubeObject): string | undefined {
  const spec = object['spec'] as { template?: { metadata?: { annotations?: Record<string, string> } } } | undefined;
  return spec?.template?.metadata?.annotations?.[secretsAnnotation];
}

/** Both are in UTC and to the second, so text compares as time. */
function lastWritten(secret: KubeObject): string {
  return secret.metadata.managedFields.reduce(
    (latest, { time }) => (time !== undefined && time > latest ? time : latest),
    '',
  );
}

function manifestOf({ object, digest, roll }: Stamp): object {
  const annotations = { [secretsAnnotation]: digest };
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { name: object.metadata.name, namespace: object.metadata.namespace, annotations },
    ...(roll ? { spec: { template: { metadata: { annotations } } } } : {}),
  };
}
