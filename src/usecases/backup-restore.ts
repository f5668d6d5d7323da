/**
 * `ffops backup restore WHAT`: what was backed up takes the place of what is there. Each step is written down before the
 * next one begins; whatever interrupts it, the same command goes on from there.
 */
import { podsRun, type BackupDeps } from '../backups/hands.ts';
import { held } from '../backups/hold.ts';
import {
  isSameWork,
  nextStep,
  readRestoreJournal,
  titleOf,
  writeRestoreJournal,
  type RestoreJournal,
  type RestoreStep,
} from '../backups/restore-journal.ts';
import { openBackupStore, type BackupStore } from '../backups/store.ts';
import { LockedError } from '../errors.ts';
import type { EmitBackup } from './backup-create.ts';
import { consent } from './restore/consent.ts';
import { dumps, passwords } from './restore/databases.ts';
import { keep } from './restore/keep.ts';
import { clear, objects, secrets, servers } from './restore/objects.ts';
import { askedOf, plan } from './restore/plan.ts';
import { start, stop } from './restore/standstill.ts';
import {
  journalPath,
  type Findings,
  type RestoreDeps,
  type RestoreRequest,
  type RestoreResult,
  type Step,
} from './restore/scene.ts';
import { verify } from './restore/verify.ts';
import type { Verdict } from './verdict.ts';

export type { RestoreDeps, RestoreResult } from './restore/scene.ts';

const steps: Readonly<Record<RestoreStep, Step>> = {
  keep,
  stop,
  secrets,
  clear,
  servers,
  dumps,
  passwords,
  objects,
  start,
  verify,
};

/** Throws LockedError when another run of this environment, here or elsewhere, is at it. */
export async function restoreBackup(
  deps: RestoreDeps,
  request: RestoreRequest,
  emit: EmitBackup,
): Promise<RestoreResult> {
  return await deps.alone('backup restore', async () => {
    const store = await openBackupStore(deps);
    const found = await readRestoreJournal(deps.files, journalPath(deps));
    if (found !== undefined && !request.abandon) refuseAnotherWork(request, found);
    const goesOn = found !== undefined && !request.abandon;
    const journal = goesOn ? found : await plan(deps, store, request, found?.stopped ?? []);
    const wish = { work: workOf(journal), insteadOf: found && workOf(found), takeOver: request.takeOver };
    return await held(deps, wish, async (own, lease) => {
      if (goesOn) emit({ kind: 'note', part: 'restore', text: goingOn(journal) });
      else {
        await consent(own, request, journal, emit);
        await writeRestoreJournal(own.files, journalPath(own), journal);
      }
      return await walk(own, store, journal, emit, lease.renew);
    });
  });
}

function workOf({ asked, id }: RestoreJournal): string {
  return `restore of ${titleOf(asked)}, ${id}`;
}

function goingOn({ id, done }: RestoreJournal): string {
  return `going on with the restore of ${id}: ${done.join(', ') || 'nothing'} done`;
}

function refuseAnotherWork(request: RestoreRequest, { id, asked, ...rest }: RestoreJournal): void {
  if (isSameWork(askedOf(request), asked)) return;
  const title = titleOf(asked);
  throw new LockedError('backup.unfinishedRestore', {
    message: `The restore of ${title} that began at ${id} has not come to its end: ${nextStep({ id, asked, ...rest })} is next.`,
    hints: [
      `Finish it first: \`ffops backup restore ${title}\`.`,
      'Or forget it: `--abandon`. What it stopped is started at the end of the new one.',
    ],
  });
}

/** From the first step that is not done to the last. */
async function walk(
  deps: RestoreDeps,
  store: BackupStore,
  begun: RestoreJournal,
  emit: EmitBackup,
  stillHeld: () => Promise<void>,
): Promise<RestoreResult> {
  const findings: Findings = {};
  let journal = begun;
  for (let step = nextStep(journal); step !== undefined; step = nextStep(journal)) {
    if (deps.interruption.requested) return resultOf(deps, journal, findings, 'interrupted');
    await stillHeld();
    emit({ kind: 'part', part: step });
    const after = await steps[step]({ deps, store, journal, findings, emit });
    if (after === 'left') {
      const text = 'it goes on in the cluster; run this again to see its end';
      emit({ kind: 'ended', part: step, how: 'skipped', text });
      return resultOf(deps, journal, findings, 'interrupted');
    }
    journal = { ...(after ?? journal), done: [...journal.done, step] };
    await writeRestoreJournal(deps.files, journalPath(deps), journal);
    emit({ kind: 'ended', part: step, how: 'done' });
  }
  await deps.files.remove(journalPath(deps));
  const isMissing = (findings.objects?.missing.length ?? 0) > 0;
  const differs = journal.counted.some(({ differences }) => differences.length > 0);
  return resultOf(deps, journal, findings, isMissing || differs ? 'failed' : 'done');
}

function resultOf(deps: BackupDeps, journal: RestoreJournal, findings: Findings, verdict: Verdict): RestoreResult {
  const next = nextStep(journal);
  return {
    verdict,
    what: titleOf(journal.asked),
    done: journal.done,
    ...(next !== undefined && { next }),
    ...(findings.objects !== undefined && { objects: findings.objects }),
    databases: journal.counted,
    notes: journal.notes,
    ...(!podsRun(deps) && { bytes: 'none' as const }),
  };
}
