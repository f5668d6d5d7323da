/** Velero's backups: which there are, and one more made now the way the schedule makes them. */
import { z } from 'zod';
import { FailedError } from '../errors.ts';
import { backupOwner } from '../model/backup-label.ts';
import type { BackupsState, BackupState } from '../ports/cluster.ts';
import type { ClusterPin, KubeObject } from '../tools/kubectl.ts';
import { objects, objectsIfKnown } from './ask.ts';
import { backupsState, backupState } from './conditions.ts';
import type { ClusterDeps } from './hands.ts';
import { backupLabels } from './names.ts';
import { askVelero, awaitBackup } from './velero-work.ts';
import { backupManifest, SCHEDULE_LABEL } from './velero.ts';

const BACKUPS = 'backups.velero.io';
const SCHEDULES = 'schedules.velero.io';

/** This environment's own. Undefined where it makes none, or what makes them is not installed (any more). */
export async function readBackups(deps: ClusterDeps, pin: ClusterPin): Promise<BackupsState | undefined> {
  if (deps.blueprint.schedules.length === 0) return undefined;
  const found = await objectsIfKnown(deps.run, pin, [BACKUPS, SCHEDULES]);
  const schedule = found?.find(isOurSchedule(deps));
  if (found === undefined || schedule === undefined) return undefined;
  const backups = found.filter(({ kind }) => kind === 'Backup');
  return backupsState(backups, backupOwner(deps.blueprint), deps.clock.now());
}

const scheduleSchema = z.looseObject({ spec: z.looseObject({ template: z.looseObject({}) }) });

/**
 * Returns once it is over, `PartiallyFailed` included: some of it is there. Throws FailedError when nothing came of it,
 * when Velero does not take it up, or when the user wishes to stop; Velero goes on with it then.
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
  const labels = { ...backupLabels(deps.blueprint), [SCHEDULE_LABEL]: schedule.metadata.name };
  const { template } = scheduleSchema.parse(schedule).spec;
  await askVelero(deps, pin, backupManifest({ name, labels, spec: template }), `The backup ${name}`);
  const made = await awaitBackup(deps, pin, name, () => {});
  if (made === undefined) {
    throw new FailedError('backup.unfinished', {
      message: `The backup ${name} is not over yet.`,
      hints: ['Velero goes on with it; `ffops status` shows how it ends.'],
    });
  }
  if (made.phase.startsWith('Failed')) {
    throw new FailedError('backup.failed', {
      message: `The backup ${name} came to nothing (${made.phase}): ${made.reasons.join('; ') || 'Velero gives no reason'}.`,
      hints: ['`ffops logs velero` says more.'],
    });
  }
  return backupState(made, deps.clock.now());
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
