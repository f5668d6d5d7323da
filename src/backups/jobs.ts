/** Jobs made from the chart's CronJobs: started, watched to their end, and heard out. */
import { z } from 'zod';
import { objects, objectsPatiently } from '../cluster/ask.ts';
import { holding } from '../cluster/conditions.ts';
import { whatHolds } from '../cluster/diagnosis.ts';
import { FailedError } from '../errors.ts';
import { applyManifests, deleteObject, podLogs, type ClusterPin, type KubeObject } from '../tools/kubectl.ts';
import { toolFailed } from '../tools/call.ts';
import type { BackupDeps, Tell } from './hands.ts';

export const JOB_MANAGER = 'ffops-backups';
const POLL_MS = 2000;
/** A pod that no node can take for this long waits for a person. */
const PLACED_WITHIN_MS = 600_000;

const GONE_WITHIN_SECONDS = 60;
const KEPT_SECONDS = 86_400;

export interface JobWish {
  readonly namespace: string;
  readonly cronJob: string;
  /** The same name finds the same Job again: a second try of an interrupted step joins it. */
  readonly name: string;
  /** For every container of it. */
  readonly variables: Readonly<Record<string, string>>;
  /** Where what is fetched lies meanwhile; the node's own disk when absent. */
  readonly scratchBytes?: number;
}

const container = z.looseObject({ name: z.string(), env: z.array(z.looseObject({ name: z.string() })).default([]) });
const cronJobSchema = z.looseObject({
  spec: z.looseObject({
    jobTemplate: z.looseObject({
      spec: z.looseObject({
        template: z.looseObject({
          spec: z.looseObject({
            containers: z.array(container),
            initContainers: z.array(container).default([]),
            volumes: z.array(z.looseObject({ name: z.string() })).default([]),
          }),
        }),
      }),
    }),
  }),
});

/** Pure: the Job that a CronJob describes, with more variables. */
export function jobManifest(cronJob: KubeObject, wish: JobWish): object {
  const { spec } = cronJobSchema.parse(cronJob).spec.jobTemplate;
  const added = Object.entries(wish.variables).map(([name, value]) => ({ name, value }));
  const withMore = (one: z.infer<typeof container>) => ({
    ...one,
    env: [...one.env.filter(({ name }) => !(name in wish.variables)), ...added],
  });
  const { containers, initContainers, volumes } = spec.template.spec;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: wish.name,
      namespace: wish.namespace,
      annotations: { 'cronjob.kubernetes.io/instantiate': 'manual' },
    },
    spec: {
      ...spec,
      // Its pod holds the disk it unpacked on, and what it said.
      ttlSecondsAfterFinished: KEPT_SECONDS,
      template: {
        ...spec.template,
        spec: {
          ...spec.template.spec,
          containers: containers.map(withMore),
          ...(initContainers.length > 0 && { initContainers: initContainers.map(withMore) }),
          volumes: volumes.map((volume) =>
            volume.name === 'exchange' && wish.scratchBytes !== undefined ? scratch(wish.scratchBytes) : volume,
          ),
        },
      },
    },
  };
}

const MIB = 1024 * 1024;

/** A volume that comes and goes with the pod: the node's own disk may be smaller than a database. */
function scratch(bytes: number): { readonly name: string } & Readonly<Record<string, unknown>> {
  const storage = `${Math.max(1024, Math.ceil(bytes / MIB))}Mi`;
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } };
  return { name: 'exchange', ephemeral: { volumeClaimTemplate: { spec } } };
}

export type JobEnd =
  | { readonly kind: 'done'; readonly log: string }
  | { readonly kind: 'failed'; readonly log: string; readonly reason: string }
  /** The user does not want to wait any longer; it goes on by itself. */
  | { readonly kind: 'left' };

/** Throws FailedError when the chart is not installed, or the cluster refuses the Job. */
export async function runJob(deps: BackupDeps, wish: JobWish, tell: Tell): Promise<JobEnd> {
  const pin = await deps.pin();
  await startJob(deps, pin, wish);
  let unplacedSince: number | undefined;
  for (;;) {
    const [job] = await objectsPatiently(deps, pin, ['jobs.batch'], {
      namespace: wish.namespace,
      fields: `metadata.name=${wish.name}`,
    });
    if (job === undefined) {
      return { kind: 'failed', log: '', reason: 'somebody removed it' };
    }
    const ended = endOf(job);
    if (ended !== undefined) {
      const log = await logOf(deps, pin, wish);
      return ended.ok ? { kind: 'done', log } : { kind: 'failed', log, reason: ended.reason };
    }
    const stuck = await whatHoldsIt(deps, pin, wish);
    tell(stuck ?? `${wish.name} is at work`);
    unplacedSince = stuck === undefined ? undefined : (unplacedSince ?? deps.clock.now().getTime());
    if (stuck !== undefined && deps.clock.now().getTime() - unplacedSince! > PLACED_WITHIN_MS) {
      await removeJob(deps, wish);
      return { kind: 'failed', log: '', reason: `no node or disk for it within ten minutes: ${stuck}` };
    }
    if (deps.interruption.requested) return { kind: 'left' };
    await deps.clock.sleep(POLL_MS, deps.interruption);
  }
}

async function startJob(deps: BackupDeps, pin: ClusterPin, wish: JobWish): Promise<void> {
  const found = await objects(deps.run, pin, ['cronjobs.batch', 'jobs.batch'], { namespace: wish.namespace });
  const before = found.find(({ kind, metadata }) => kind === 'Job' && metadata.name === wish.name);
  if (before !== undefined && endOf(before)?.ok !== false) return;
  // What it failed of may be repaired by now.
  if (before !== undefined) await removeJob(deps, wish, GONE_WITHIN_SECONDS);
  const cronJob = found.find(({ kind, metadata }) => kind === 'CronJob' && metadata.name === wish.cronJob);
  if (cronJob === undefined) {
    throw new FailedError('backup.noJob', {
      message: `The cluster has no CronJob ${wish.namespace}/${wish.cronJob}, which dumps are made and restored by.`,
      hints: ['`ffops apply --stack data` installs it.'],
    });
  }
  const outcome = await deps.run(
    'kubectl',
    applyManifests(pin, JSON.stringify(jobManifest(cronJob, wish)), JOB_MANAGER),
  );
  if (outcome.exitCode === 0) return;
  const hints = /exceeded quota/i.test(outcome.stderr)
    ? [`Raise the quota of ${wish.namespace}, or free some of it.`]
    : [];
  throw toolFailed('backup.jobRefused', `The cluster refused the job ${wish.name}`, outcome, hints);
}

function endOf(job: KubeObject): { readonly ok: boolean; readonly reason: string } | undefined {
  const failed = holding(job, 'Failed');
  if (failed !== undefined) return { ok: false, reason: failed.message || failed.reason };
  return holding(job, 'Complete') === undefined ? undefined : { ok: true, reason: '' };
}

/** Why its pod does not start: no disk of that size, no room on any node, no image. */
async function whatHoldsIt(deps: BackupDeps, pin: ClusterPin, wish: JobWish): Promise<string | undefined> {
  return (await podsOf(deps, pin, wish)).map(whatHolds).find((why) => why !== undefined);
}

/** In the order in which they tried. */
async function podsOf(
  deps: BackupDeps,
  pin: ClusterPin,
  { namespace, name }: Pick<JobWish, 'namespace' | 'name'>,
): Promise<readonly KubeObject[]> {
  const labels = `batch.kubernetes.io/job-name=${name}`;
  const pods = await objects(deps.run, pin, ['pods'], { namespace, labels });
  return [...pods].sort((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp));
}

const LOG_LINES = 2000;

/** Of every pod that tried, the last one last. Empty where pods have no process. */
async function logOf(deps: BackupDeps, pin: ClusterPin, wish: JobWish): Promise<string> {
  const texts: string[] = [];
  for (const { metadata } of await podsOf(deps, pin, wish)) {
    const where = { namespace: wish.namespace, name: metadata.name };
    const outcome = await deps.run('kubectl', podLogs(pin, where, LOG_LINES, false));
    if (outcome.exitCode === 0) texts.push(outcome.stdout);
  }
  return texts.join('\n');
}

async function removeJob(
  deps: BackupDeps,
  { namespace, name }: Pick<JobWish, 'namespace' | 'name'>,
  waitSeconds?: number,
): Promise<void> {
  const call = deleteObject(await deps.pin(), { kind: 'job.batch', namespace, name }, waitSeconds);
  await deps.run('kubectl', call);
}

/** The last lines that say why: what the scripts say is for people. */
export function lastWords(log: string, lines = 6): readonly string[] {
  return log
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('{'))
    .slice(-lines);
}
