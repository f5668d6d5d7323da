/** `ffops backup schedule`: what is backed up when, as the environment wants it and as the cluster has it. */
import { z } from 'zod';
import type { BackupDeps } from '../backups/hands.ts';
import { enginesOf } from '../backups/subject.ts';
import { jobsOf } from '../catalogue/dumps/entry.ts';
import { VELERO_NAMESPACE, veleroSchedule } from '../cluster/velero.ts';
import { objectsIfKnown } from '../cluster/ask.ts';
import type { BackupSchedule } from '../model/blueprint.ts';
import type { KubeObject } from '../tools/kubectl.ts';
import type { Result, Verdict } from './verdict.ts';

export interface ScheduleLine {
  readonly name: string;
  readonly kind: 'objects' | 'dump';
  readonly namespaces: readonly string[];
  /** Five cron fields, in UTC. */
  readonly cron: string;
  readonly retentionDays: number;
  readonly state: 'asRendered' | 'differs' | 'absent' | 'paused';
  readonly lastRun?: string;
  /** Of dumps, Kubernetes says so; of objects, `backup list` does. */
  readonly lastGood?: string;
}

export interface BackupScheduleResult extends Result {
  /** `pending` when the cluster has another schedule than the environment wants: `ffops apply`. */
  readonly verdict: Verdict;
  readonly schedules: readonly ScheduleLine[];
}

const cronJobSchema = z.looseObject({
  spec: z.looseObject({ schedule: z.string(), suspend: z.boolean().default(false) }),
  status: z
    .looseObject({ lastScheduleTime: z.string().optional(), lastSuccessfulTime: z.string().optional() })
    .prefault({}),
});

export async function backupSchedules(deps: BackupDeps): Promise<BackupScheduleResult> {
  const pin = await deps.pin();
  const [velero, cronJobs] = await Promise.all([
    objectsIfKnown(deps.run, pin, ['schedules.velero.io'], { namespace: VELERO_NAMESPACE }),
    objectsIfKnown(deps.run, pin, ['cronjobs.batch']),
  ]);
  const dumpJobs = new Set(enginesOf(deps.blueprint).map((engine) => jobsOf(engine).dump));
  const schedules = deps.blueprint.schedules.map((wanted): ScheduleLine => {
    const { name, namespaces, cron, retentionDays } = wanted;
    const dump = cronJobs?.find(
      ({ metadata }) => metadata.name === name && namespaces.includes(metadata.namespace ?? ''),
    );
    const objects = velero?.find(({ metadata }) => metadata.name === name);
    return dumpJobs.has(name)
      ? { name, kind: 'dump', namespaces, cron, retentionDays, ...liveDump(wanted, dump) }
      : { name, kind: 'objects', namespaces, cron, retentionDays, ...liveSchedule(wanted, objects) };
  });
  const settled = schedules.every(({ state }) => state === 'asRendered' || state === 'paused');
  return { verdict: settled ? 'done' : 'pending', schedules };
}

type Live = Pick<ScheduleLine, 'state' | 'lastRun' | 'lastGood'>;

function liveSchedule({ cron, namespaces }: BackupSchedule, object: KubeObject | undefined): Live {
  if (object === undefined) return { state: 'absent' };
  const live = veleroSchedule(object);
  const isSame = live.cron === cron && namespaces.join() === live.namespaces.join();
  return {
    state: live.paused ? 'paused' : isSame ? 'asRendered' : 'differs',
    ...(live.lastRun !== undefined && { lastRun: live.lastRun }),
  };
}

function liveDump({ cron }: BackupSchedule, object: KubeObject | undefined): Live {
  if (object === undefined) return { state: 'absent' };
  const { spec, status } = cronJobSchema.parse(object);
  return {
    state: spec.suspend ? 'paused' : spec.schedule === cron ? 'asRendered' : 'differs',
    ...(status.lastScheduleTime !== undefined && { lastRun: status.lastScheduleTime }),
    ...(status.lastSuccessfulTime !== undefined && { lastGood: status.lastSuccessfulTime }),
  };
}
