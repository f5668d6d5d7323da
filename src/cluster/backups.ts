/** Velero's backups: which there are, and one more made now the way the schedule makes them. */
import { z } from 'zod';
import { FailedError } from '../errors.ts';
import type { BackupsState, BackupState } from '../ports/cluster.ts';
import { applyManifests, type ClusterPin, type KubeObject } from '../tools/kubectl.ts';
import { toolFailed } from '../tools/call.ts';
import { objects, objectsIfKnown } from './ask.ts';
import { backupsState } from './conditions.ts';
import type { ClusterDeps } from './hands.ts';
import { environmentLabel, managedByLabel, manager } from './names.ts';

const BACKUPS = 'backups.velero.io';
const SCHEDULES = 'schedules.velero.io';
/** As Velero itself marks what comes of a schedule: retention and listings go by it. */
const scheduleLabel = 'velero.io/schedule-name';

/** Undefined where the environment makes none, or what makes them is not installed (any more). */
export async function readBackups(deps: ClusterDeps, pin: ClusterPin): Promise<BackupsState | undefined> {
  if (deps.blueprint.schedules.length === 0) return undefined;
  const found = await objectsIfKnown(deps.run, pin, [BACKUPS, SCHEDULES]);
  const schedule = found?.find(isOurSchedule(deps));
  if (found === undefined || schedule === undefined) return undefined;
  return backupsState(
    found.filter(({ kind }) => kind === 'Backup'),
    deps.clock.now(),
  );
}

const scheduleSchema = z.looseObject({ spec: z.looseObject({ template: z.looseObject({}) }) });

const pollMs = 2000;
const patienceMs = 60 * 60 * 1000;
/** Velero's words for a backup that is over. */
const ended = new Set(['Completed', 'PartiallyFailed', 'Failed', 'FailedValidation']);

/**
 * Returns once it is over, `PartiallyFailed` included: some of it is there. Throws FailedError when nothing came of it,
 * or when it did not end in an hour or before the user wished to stop; Velero goes on with it then.
 */
export async function createBackup(deps: ClusterDeps, pin: ClusterPin): Promise<BackupState> {
  const schedule = (await objects(deps.run, pin, [SCHEDULES])).find(isOurSchedule(deps));
  if (schedule === undefined) {
    throw new FailedError('backup.noSchedule', {
      message: `The cluster has no schedule of backups to make one by.`,
      hints: [`\`ffops apply -e ${deps.blueprint.environment} --stack infra\` installs it.`],
    });
  }
  const name = `${schedule.metadata.name}-${stampOf(deps.clock.now())}`;
  const namespace = schedule.metadata.namespace ?? '';
  const manifest = {
    apiVersion: 'velero.io/v1',
    kind: 'Backup',
    metadata: {
      name,
      namespace,
      labels: {
        [managedByLabel]: manager,
        [environmentLabel]: deps.blueprint.environment,
        [scheduleLabel]: schedule.metadata.name,
      },
    },
    spec: scheduleSchema.parse(schedule).spec.template,
  };
  const applied = await deps.run('kubectl', applyManifests(pin, JSON.stringify(manifest), manager));
  if (applied.exitCode !== 0) throw toolFailed('backup.refused', `The backup ${name} could not be asked for`, applied);

  const deadline = deps.clock.now().getTime() + patienceMs;
  for (;;) {
    const found = (await objects(deps.run, pin, [BACKUPS], { namespace })).find(
      ({ metadata }) => metadata.name === name,
    );
    const { newest } = backupsState(found === undefined ? [] : [found], deps.clock.now());
    if (newest !== undefined && ended.has(newest.phase)) return refuseFailed(newest, found!);
    if (deps.interruption.requested || deps.clock.now().getTime() >= deadline) {
      throw new FailedError('backup.unfinished', {
        message: `The backup ${name} is not over yet (${newest?.phase ?? 'not begun'}).`,
        hints: ['Velero goes on with it; `ffops status` shows how it ends.'],
      });
    }
    await deps.clock.sleep(pollMs, deps.interruption);
  }
}

const reasonsSchema = z.looseObject({
  status: z.looseObject({
    failureReason: z.string().optional(),
    validationErrors: z.array(z.string()).default([]),
  }),
});

function refuseFailed(backup: BackupState, object: KubeObject): BackupState {
  if (!backup.phase.startsWith('Failed')) return backup;
  const { failureReason, validationErrors } = reasonsSchema.parse(object).status;
  const reasons = [...(failureReason === undefined ? [] : [failureReason]), ...validationErrors];
  throw new FailedError('backup.failed', {
    message: `The backup ${backup.name} came to nothing (${backup.phase}): ${reasons.join('; ') || 'Velero gives no reason'}.`,
    hints: ['`ffops logs velero` says more.'],
  });
}

function isOurSchedule({ blueprint }: ClusterDeps): (object: KubeObject) => boolean {
  const names = new Set(blueprint.schedules.map(({ name }) => name));
  return ({ kind, metadata }) => kind === 'Schedule' && names.has(metadata.name);
}

/** `20261128013000`, as Velero ends the names of what comes of a schedule. */
function stampOf(now: Date): string {
  return now
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/\D/g, '');
}
