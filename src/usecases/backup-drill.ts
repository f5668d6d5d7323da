/**
 * `ffops backup drill [WHAT]`: the newest backup restored where nobody works, compared with what it should be, timed, and
 * taken away again. What it found is kept in the workspace, dated: a backup that was never restored is a hope.
 */
import { join } from 'node:path';
import { chooseDump, chooseObjects } from '../backups/choice.ts';
import { restoreDump, serverVersion } from '../backups/dump-work.ts';
import { CANNOT_RUN, podsRun, type BackupDeps } from '../backups/hands.ts';
import { held, type Holder } from '../backups/hold.ts';
import { idOf } from '../backups/manifest.ts';
import { missingObjects } from '../backups/missing-objects.ts';
import { closeScratch, openScratch } from '../backups/scratch.ts';
import { openBackupStore, type BackupStore } from '../backups/store.ts';
import { databasesOf, subjectOf, type Engine, type Subject } from '../backups/subject.ts';
import { restoreManifest } from '../cluster/velero.ts';
import { askVelero, awaitRestore, refuseUnreadyVelero, veleroBackups } from '../cluster/velero-work.ts';
import { errorsOf } from '../backups/explain.ts';
import { wantedObjects } from '../backups/verify.ts';
import { FailedError } from '../errors.ts';
import { backupOwner } from '../model/backup-label.ts';
import type { EmitBackup } from './backup-create.ts';
import { drillMarkdown } from './drill-page.ts';
import type { Result, Verdict } from './verdict.ts';

export interface DrillPart {
  /** A namespace, or an engine. */
  readonly part: string;
  readonly backup: string;
  readonly state: 'verified' | 'different' | 'failed' | 'notRun';
  /** How old the data would be that a restore now brings back. */
  readonly rpoSeconds?: number;
  /** How long it took until it was back and compared. */
  readonly rtoSeconds?: number;
  /** Objects, or rows. */
  readonly compared: number;
  readonly differences: readonly string[];
  /** `none` where no byte could move: the objects alone were tried. */
  readonly bytes?: 'none';
}

export interface DrillResult extends Result {
  /** `failed` unless every part that can run here verified. */
  readonly verdict: Verdict;
  readonly environment: string;
  readonly what: string;
  readonly at: string;
  readonly parts: readonly DrillPart[];
  /** Relative to the workspace. */
  readonly records: readonly string[];
}

export interface DrillRequest {
  readonly what: string | undefined;
  /** Folder of ffops.yaml, absolute. */
  readonly workspace: string;
  /** Whoever else is at it. */
  readonly takeOver: boolean;
}

/** What would answer to the world, or work on its own: left out of a trial, and so not compared. */
const leftOut = [
  'ingresses.networking.k8s.io',
  'certificates.cert-manager.io',
  'cronjobs.batch',
  'horizontalpodautoscalers.autoscaling',
  'networkpolicies.networking.k8s.io',
];
const leftOutKinds = new Set([
  'networking.k8s.io/v1/Ingress',
  'cert-manager.io/v1/Certificate',
  'batch/v1/CronJob',
  'autoscaling/v2/HorizontalPodAutoscaler',
  'networking.k8s.io/v1/NetworkPolicy',
]);

/** Throws LockedError when another run of this environment, here or elsewhere, is at it. */
export async function drill(deps: BackupDeps & Holder, request: DrillRequest, emit: EmitBackup): Promise<DrillResult> {
  const subject = subjectOf(deps.blueprint, request.what);
  const id = idOf(deps.clock.now());
  const wish = { work: `drill of ${subject.name}, ${id}`, takeOver: request.takeOver };
  return await deps.alone('backup drill', () => held(deps, wish, (own) => tryAll(own, request, subject, id, emit)));
}

async function tryAll(
  deps: BackupDeps,
  request: DrillRequest,
  subject: Subject,
  id: string,
  emit: EmitBackup,
): Promise<DrillResult> {
  const store = await openBackupStore(deps);
  const parts: DrillPart[] = [];
  const attempt = async (part: string, work: () => Promise<DrillPart>): Promise<void> => {
    if (deps.interruption.requested) return;
    emit({ kind: 'part', part });
    const done = await work().catch((error: unknown): DrillPart => {
      if (!(error instanceof FailedError)) throw error;
      return {
        part,
        backup: '',
        state: 'failed',
        compared: 0,
        differences: error.problems.map(({ message }) => message),
      };
    });
    parts.push(done);
    const how = done.state === 'verified' ? 'done' : done.state === 'notRun' ? 'skipped' : 'failed';
    emit({ kind: 'ended', part, how, ...(done.differences[0] !== undefined && { text: done.differences[0] }) });
  };
  for (const engine of subject.engines) await attempt(engine, () => drillDump(deps, store, subject, engine, id, emit));
  for (const namespace of subject.namespaces) {
    await attempt(namespace, () => drillObjects(deps, store, namespace, id, emit));
  }

  const tried = parts.filter(({ state }) => state !== 'notRun');
  const good = tried.length > 0 && tried.every(({ state }) => state === 'verified');
  const base = {
    environment: deps.blueprint.environment,
    what: subject.name,
    at: deps.clock.now().toISOString(),
    parts,
  };
  if (deps.interruption.requested) return { ...base, verdict: 'interrupted', records: [] };
  const result: DrillResult = {
    ...base,
    verdict: good ? 'done' : 'failed',
    records: recordsOf(base.environment, subject.name, id),
  };
  const [json = '', markdown = ''] = result.records;
  await deps.files.write(join(request.workspace, json), `${JSON.stringify(result, null, 2)}\n`);
  await deps.files.write(join(request.workspace, markdown), drillMarkdown(result));
  return result;
}

function recordsOf(environment: string, what: string, id: string): readonly string[] {
  const name = `docs/drills/${id}-${environment}-${what}`;
  return [`${name}.json`, `${name}.md`];
}

async function drillDump(
  deps: BackupDeps,
  store: BackupStore,
  subject: Subject,
  engine: Engine,
  id: string,
  emit: EmitBackup,
): Promise<DrillPart> {
  if (!podsRun(deps))
    return { part: engine, backup: '', state: 'notRun', compared: 0, differences: [CANNOT_RUN], bytes: 'none' };
  const began = deps.clock.now().getTime();
  const own = { of: backupOwner(deps.blueprint) };
  const version = await serverVersion(deps, engine);
  const manifest = chooseDump(await store.dumps(engine), engine, own, undefined, version);
  const wanted = databasesOf(subject, engine);
  const databases = manifest.databases.filter(({ name }) => wanted?.includes(name) ?? true);
  const absent = wanted?.filter((name) => !databases.some((one) => one.name === name)) ?? [];
  const wish = { manifest, databases, name: `${engine}-drill-${id.toLowerCase()}`, trial: true };
  const end = await restoreDump(deps, wish, (text) => emit({ kind: 'note', part: engine, text }));
  const checks = end.kind === 'done' ? end.checks : [];
  const differences = [
    ...checks.flatMap(({ database, differences: found }) => found.map((line) => `${database}: ${line}`)),
    ...absent.map((name) => `${name} is not in the dump`),
  ];
  return {
    part: engine,
    backup: manifest.id,
    state: end.kind !== 'done' ? 'failed' : differences.length > 0 ? 'different' : 'verified',
    rpoSeconds: ageSeconds(manifest.began, began),
    rtoSeconds: Math.round((deps.clock.now().getTime() - began) / 1000),
    compared: checks.reduce((sum, { rows }) => sum + rows, 0),
    differences,
  };
}

/** A clock of the cluster's may go a little ahead of ours. */
function ageSeconds(moment: string, now: number): number {
  return Math.max(0, Math.round((now - Date.parse(moment)) / 1000));
}

async function drillObjects(
  deps: BackupDeps,
  store: BackupStore,
  namespace: string,
  id: string,
  emit: EmitBackup,
): Promise<DrillPart> {
  await refuseUnreadyVelero(deps, await deps.pin());
  const began = deps.clock.now().getTime();
  const subject = { name: namespace, namespaces: [namespace] };
  const own = { of: backupOwner(deps.blueprint) };
  const backups = await veleroBackups(deps, await deps.pin());
  const backup = chooseObjects(backups, subject, own, undefined, deps.clock.now());
  const scratch = `drill-${namespace}`;
  const namespaces = new Map([[namespace, scratch]]);
  const name = `${scratch}-${id.toLowerCase()}`;
  await openScratch(deps, scratch);
  const differences: string[] = [];
  let [compared, rtoSeconds] = [0, 0];
  try {
    const pin = await deps.pin();
    const manifest = restoreManifest({ name, backup: backup.name, namespaces, leftOut });
    await askVelero(deps, pin, manifest, `The restore ${name}`);
    const restore = await awaitRestore(deps, pin, name, (text) => emit({ kind: 'note', part: namespace, text }));
    if (restore === undefined) differences.push('it was interrupted');
    else if (restore.phase !== 'Completed') differences.push(...(await errorsOf(store, 'restore', restore)));
    const list = await store.resourceList(backup.name);
    if (list === undefined) differences.push(`Velero left no list of what ${backup.name} holds`);
    const wanted = wantedObjects(list ?? {}, namespaces, leftOutKinds);
    compared = wanted.length;
    differences.push(...(await missingObjects(deps, wanted)).map((one) => `${one} is missing`));
    rtoSeconds = Math.round((deps.clock.now().getTime() - began) / 1000);
  } finally {
    const left = await closeScratch(deps, scratch);
    if (left !== undefined) emit({ kind: 'note', part: namespace, text: left });
  }
  return {
    part: namespace,
    backup: backup.name,
    state: differences.length > 0 ? 'different' : 'verified',
    rpoSeconds: ageSeconds(backup.startedAt, began),
    rtoSeconds,
    compared,
    differences,
    ...(!podsRun(deps) && { bytes: 'none' as const }),
  };
}
