/** `ffops backup create [WHAT]`: a backup now, watched until it is over. Half a backup is a failure. */
import { CANNOT_RUN, podsRun, type BackupDeps } from '../backups/hands.ts';
import { lastWords, runJob } from '../backups/jobs.ts';
import { idOf } from '../backups/manifest.ts';
import { errorsOf } from '../backups/explain.ts';
import { openBackupStore, type BackupStore } from '../backups/store.ts';
import { subjectOf, type Engine, type Subject } from '../backups/subject.ts';
import { backupManifest, backupSpec } from '../cluster/velero.ts';
import { backupLabels } from '../cluster/names.ts';
import { askVelero, awaitBackup, refuseUnreadyVelero, waitsForVelero } from '../cluster/velero-work.ts';
import { jobsOf } from '../catalogue/dumps/entry.ts';
import { DATABASES_NAMESPACE } from '../catalogue/databases.ts';
import { NIGHTLY_BACKUP } from '../catalogue/velero/entry.ts';
import { FailedError } from '../errors.ts';
import { retentionOf } from './backup-list.ts';
import type { Result, Verdict } from './verdict.ts';
import { worst } from './verdict.ts';

export type BackupEvent =
  | { readonly kind: 'part'; readonly part: string }
  | { readonly kind: 'note'; readonly part: string; readonly text: string }
  | {
      readonly kind: 'ended';
      readonly part: string;
      readonly how: 'done' | 'failed' | 'skipped';
      readonly text?: string;
    };
export type EmitBackup = (event: BackupEvent) => void;

export interface BackupPart {
  /** `objects`, `postgres` or `mariadb`. */
  readonly part: string;
  readonly id: string;
  readonly state: 'complete' | 'partial' | 'failed' | 'left' | 'notRun';
  /** `none` where no byte could move. */
  readonly bytes?: number | 'none';
  /** What went wrong, in the tools' own words. */
  readonly errors: readonly string[];
}

export interface BackupCreateResult extends Result {
  readonly verdict: Verdict;
  readonly what: string;
  readonly parts: readonly BackupPart[];
}

/** Throws UserError for an unknown WHAT. What a part fails of is told with it, and the others are made all the same. */
export async function createBackup(
  deps: BackupDeps,
  what: string | undefined,
  emit: EmitBackup,
): Promise<BackupCreateResult> {
  const subject = subjectOf(deps.blueprint, what);
  const id = idOf(deps.clock.now());
  const parts = await backUp(deps, subject, id, emit);
  const verdicts = [...parts.map(verdictOf), ...(deps.interruption.requested ? (['interrupted'] as const) : [])];
  return { verdict: worst(verdicts), what: subject.name, parts };
}

/** Dumps first: what the files of an app speak of is then in its database for certain. */
export async function backUp(
  deps: BackupDeps,
  subject: Subject,
  id: string,
  emit: EmitBackup,
): Promise<readonly BackupPart[]> {
  const store = await openBackupStore(deps);
  const parts: BackupPart[] = [];
  for (const engine of subject.engines) {
    if (deps.interruption.requested) return parts;
    parts.push(await told({ part: engine, id }, emit, () => dump(deps, store, engine, id, emit)));
  }
  if (subject.namespaces.length > 0 && !deps.interruption.requested) {
    const named = { part: 'objects', id: `${subject.name}-${id.toLowerCase()}` };
    parts.push(await told(named, emit, () => backUpObjects(deps, store, subject, named.id, emit)));
  }
  return parts;
}

async function told(
  { part, id }: Pick<BackupPart, 'part' | 'id'>,
  emit: EmitBackup,
  work: () => Promise<BackupPart>,
): Promise<BackupPart> {
  emit({ kind: 'part', part });
  const done = await work().catch((error: unknown): BackupPart => {
    if (!(error instanceof FailedError)) throw error;
    return {
      part,
      id,
      state: 'failed',
      errors: error.problems.flatMap(({ message, hints = [] }) => [message, ...hints]),
    };
  });
  const how =
    done.state === 'complete' ? 'done' : done.state === 'notRun' || done.state === 'left' ? 'skipped' : 'failed';
  const text = done.errors[0];
  emit({ kind: 'ended', part, how, ...(text !== undefined && { text }) });
  return done;
}

async function dump(
  deps: BackupDeps,
  store: BackupStore,
  engine: Engine,
  id: string,
  emit: EmitBackup,
): Promise<BackupPart> {
  if (!podsRun(deps)) return { part: engine, id, state: 'notRun', bytes: 'none', errors: [CANNOT_RUN] };
  const job = {
    namespace: DATABASES_NAMESPACE,
    cronJob: jobsOf(engine).dump,
    name: `${jobsOf(engine).dump}-${id.toLowerCase()}`,
    variables: { ID: id },
  };
  const end = await runJob(deps, job, (text) => emit({ kind: 'note', part: engine, text }));
  if (end.kind === 'left') return { part: engine, id, state: 'left', errors: [`${job.name} goes on in the cluster`] };
  if (end.kind === 'failed') return { part: engine, id, state: 'failed', errors: [end.reason, ...lastWords(end.log)] };
  const made = (await store.dumps(engine)).find((one) => one.id === id);
  if (made === undefined || made.trouble !== undefined) {
    return {
      part: engine,
      id,
      state: 'failed',
      errors: [made?.trouble ?? 'the job succeeded, and the bucket has no such dump'],
    };
  }
  return { part: engine, id, state: 'complete', bytes: made.bytes, errors: [] };
}

/** A look of Velero's during an apply may leave it with half of the kinds that there are. */
const HALF_LEARNT = /no matches for/;

async function backUpObjects(
  deps: BackupDeps,
  store: BackupStore,
  { namespaces }: Subject,
  name: string,
  emit: EmitBackup,
): Promise<BackupPart> {
  let made = await askForObjects(deps, store, namespaces, name, emit);
  const waits = isHalfLearnt(made) ? await waitsForVelero(deps, await deps.pin()) : [];
  for (const [index, waitMs] of waits.entries()) {
    if (!isHalfLearnt(made)) break;
    const when = `another one in ${Math.ceil(waitMs / 60_000)} min`;
    const text = `${made.id} is not whole: Velero has yet to learn what the last apply brought; ${when}`;
    emit({ kind: 'note', part: made.part, text });
    await deps.clock.sleep(waitMs, deps.interruption);
    if (deps.interruption.requested) return made;
    made = await askForObjects(deps, store, namespaces, `${name}-again${'-again'.repeat(index)}`, emit);
  }
  return made;
}

function isHalfLearnt({ state, errors }: BackupPart): boolean {
  return state === 'partial' && errors.every((line) => HALF_LEARNT.test(line));
}

async function askForObjects(
  deps: BackupDeps,
  store: BackupStore,
  namespaces: readonly string[],
  name: string,
  emit: EmitBackup,
): Promise<BackupPart> {
  const pin = await deps.pin();
  await refuseUnreadyVelero(deps, pin);
  const spec = backupSpec(namespaces, retentionOf(deps, NIGHTLY_BACKUP));
  await askVelero(
    deps,
    pin,
    backupManifest({ name, labels: backupLabels(deps.blueprint), spec }),
    `The backup ${name}`,
  );
  const backup = await awaitBackup(deps, pin, name, (text) => emit({ kind: 'note', part: 'objects', text }));
  const base = { part: 'objects', id: name, ...(podsRun(deps) ? {} : { bytes: 'none' as const }) };
  if (backup === undefined) return { ...base, state: 'left', errors: ['Velero goes on with it'] };
  if (backup.phase === 'Completed') return { ...base, state: 'complete', errors: [] };
  const state = backup.phase === 'PartiallyFailed' ? 'partial' : 'failed';
  return { ...base, state, errors: await errorsOf(store, 'backup', backup) };
}

function verdictOf({ state }: BackupPart): Verdict {
  if (state === 'left') return 'interrupted';
  return state === 'partial' || state === 'failed' ? 'failed' : 'done';
}
