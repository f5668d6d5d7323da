/** `ffops backup list`: every backup there is, of whatever kind, in one table. */
import type { BackupDeps } from '../backups/hands.ts';
import { momentOf } from '../backups/manifest.ts';
import { openBackupStore, type BackupStore, type Dump } from '../backups/store.ts';
import { enginesOf, type Engine } from '../backups/subject.ts';
import { volumeBackups } from '../backups/volumes.ts';
import type { VeleroBackup } from '../cluster/velero.ts';
import { veleroBackups } from '../cluster/velero-work.ts';
import { VELERO_PREFIX } from '../catalogue/velero/entry.ts';
import { DUMPS_PREFIX, jobsOf } from '../catalogue/dumps/entry.ts';
import { backupOwner } from '../model/backup-label.ts';
import { FailedError, type Problem } from '../errors.ts';
import type { Result, Verdict } from './verdict.ts';

export type BackupState = 'complete' | 'partial' | 'failed' | 'running';

export interface BackupLine {
  readonly id: string;
  /** Whose it is, `<workspace>-<environment>`; absent where nobody says. */
  readonly of?: string;
  /** Objects of the cluster with the files of volumes, or a dump of the databases of one engine. */
  readonly kind: 'objects' | 'dump';
  /** Namespaces, or `postgres: shop, blog`. */
  readonly what: string;
  readonly at: string;
  readonly ageHours: number;
  /** Of files and dumps, as they lie there; `none` where no byte moved, absent where nobody says. */
  readonly bytes?: number | 'none';
  /** Absent for the last good dump, which stays, and for the dumps of others. */
  readonly expires?: string;
  readonly state: BackupState;
  /** Why it is not complete. */
  readonly trouble?: string;
  readonly where: string;
}

export interface BackupListResult extends Result {
  /** `failed` when a kind of backups could not be listed: see `troubles`. */
  readonly verdict: Verdict;
  /** This environment, as backups name it. */
  readonly own: string;
  /** Newest first. */
  readonly backups: readonly BackupLine[];
  readonly troubles: readonly Problem[];
}

export async function listBackups(deps: BackupDeps): Promise<BackupListResult> {
  const troubles: Problem[] = [];
  const or = async <Value>(work: Promise<Value>, otherwise: Value): Promise<Value> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof FailedError)) throw error;
      troubles.push(...error.problems);
      return otherwise;
    }
  };
  const store = await openBackupStore(deps);
  const now = deps.clock.now();
  const [objects, ...dumps] = await Promise.all([
    or(objectLines(deps, store, now), []),
    ...enginesOf(deps.blueprint).map((engine) => or(dumpLines(deps, store, engine, now), [])),
  ]);
  const backups = [...objects, ...dumps.flat()].sort((a, b) => b.at.localeCompare(a.at));
  return { verdict: troubles.length > 0 ? 'failed' : 'done', own: backupOwner(deps.blueprint), backups, troubles };
}

/** Of what that schedule makes: an app may keep its own backups for another time. */
export function retentionOf({ blueprint }: Pick<BackupDeps, 'blueprint'>, schedule: string): number {
  return blueprint.schedules.find(({ name }) => name === schedule)?.retentionDays ?? 1;
}

const states: Readonly<Record<string, BackupState>> = {
  Completed: 'complete',
  PartiallyFailed: 'partial',
  Failed: 'failed',
  FailedValidation: 'failed',
};

async function objectLines(deps: BackupDeps, store: BackupStore, now: Date): Promise<readonly BackupLine[]> {
  const backups = await veleroBackups(deps, await deps.pin());
  const volumes = await volumeBytes(deps);
  return backups.map((backup) => objectLine(backup, store.bucket, volumes.get(backup.name), now));
}

function objectLine(backup: VeleroBackup, bucket: string, bytes: number | 'none' | undefined, now: Date): BackupLine {
  const state = states[backup.phase] ?? 'running';
  const trouble = state === 'complete' ? undefined : [backup.phase, ...backup.reasons].join(': ');
  return {
    id: backup.name,
    ...(backup.of !== undefined && { of: backup.of }),
    kind: 'objects',
    what: backup.namespaces.join(', '),
    at: backup.startedAt,
    ageHours: hoursSince(backup.startedAt, now),
    ...(bytes !== undefined && { bytes }),
    ...(backup.expires !== undefined && { expires: backup.expires }),
    state,
    ...(trouble !== undefined && { trouble: backup.errors > 0 ? `${trouble}: ${backup.errors} errors` : trouble }),
    where: `${bucket}/${VELERO_PREFIX}/backups/${backup.name}`,
  };
}

/** What the copies of volumes amount to, by backup. */
async function volumeBytes(deps: BackupDeps): Promise<ReadonlyMap<string, number | 'none'>> {
  const sums = new Map<string, number | 'none'>();
  for (const { backup, bytes } of await volumeBackups(deps)) {
    const before = sums.get(backup) ?? 0;
    sums.set(backup, bytes === 'none' || before === 'none' ? 'none' : before + bytes);
  }
  return sums;
}

async function dumpLines(
  deps: BackupDeps,
  store: BackupStore,
  engine: Engine,
  now: Date,
): Promise<readonly BackupLine[]> {
  const all = await store.dumps(engine);
  const own = backupOwner(deps.blueprint);
  const retentionDays = retentionOf(deps, jobsOf(engine).dump);
  // As charts/dumps prunes: it looks whether there is a manifest, and never fetches the rest.
  const lastGood = all.find(({ manifest }) => manifest?.environment === own);
  // Whoever made another environment's dumps knows how long they stay.
  const stays = (dump: Dump): boolean =>
    dump === lastGood || (dump.manifest !== undefined && dump.manifest.environment !== own);
  return all.map((dump) => dumpLine(dump, store.bucket, now, stays(dump) ? undefined : retentionDays));
}

const DAY_MS = 86_400_000;

function dumpLine(dump: Dump, bucket: string, now: Date, retentionDays: number | undefined): BackupLine {
  const at = momentOf(dump.id)!;
  const names = dump.manifest?.databases.map(({ name }) => name).join(', ');
  return {
    id: dump.id,
    ...(dump.manifest !== undefined && { of: dump.manifest.environment }),
    kind: 'dump',
    what: names === undefined ? dump.engine : `${dump.engine}: ${names}`,
    at: at.toISOString(),
    ageHours: hoursSince(at.toISOString(), now),
    bytes: dump.bytes,
    ...(retentionDays !== undefined && { expires: new Date(at.getTime() + retentionDays * DAY_MS).toISOString() }),
    state: dump.trouble === undefined ? 'complete' : 'partial',
    ...(dump.trouble !== undefined && { trouble: dump.trouble }),
    where: `${bucket}/${DUMPS_PREFIX}/${dump.engine}/${dump.id}`,
  };
}

function hoursSince(moment: string, now: Date): number {
  return Math.round((now.getTime() - Date.parse(moment)) / 360_000) / 10;
}
