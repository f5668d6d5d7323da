/**
 * `ffops backup drill [WHAT]`: the newest backup restored where nobody works, compared with what it should be, timed, and
 * taken away again. What it found is kept in the workspace, dated: a backup that was never restored is a hope.
 */
import { join } from 'node:path';
import { chooseDump, chooseObjects } from '../backups/choice.ts';
import { restoreDump, serverVersion } from '../backups/dump-work.ts';
import { CANNOT_RUN, podsRun, type BackupDeps } from '../backups/hands.ts';
import { JOB_MANAGER } from '../backups/jobs.ts';
import { idOf } from '../backups/manifest.ts';
import { openBackupStore, type BackupStore } from '../backups/store.ts';
import { subjectOf, type Engine } from '../backups/subject.ts';
import { restoreManifest } from '../cluster/velero.ts';
import { askVelero, awaitRestore, refuseUnreadyVelero, veleroBackups } from '../cluster/velero-work.ts';
import { errorsOf } from '../backups/explain.ts';
import { wantedObjects } from '../backups/verify.ts';
import { FailedError } from '../errors.ts';
import { applyManifests, deleteObject } from '../tools/kubectl.ts';
import { toolFailed } from '../tools/call.ts';
import type { EmitBackup } from './backup-create.ts';
import { missingObjects } from './backup-restore.ts';
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

export async function drill(deps: BackupDeps, request: DrillRequest, emit: EmitBackup): Promise<DrillResult> {
  const subject = subjectOf(deps.blueprint, request.what);
  const store = await openBackupStore(deps);
  const id = idOf(deps.clock.now());
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
  for (const engine of subject.engines) await attempt(engine, () => drillDump(deps, store, engine, id, emit));
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
  engine: Engine,
  id: string,
  emit: EmitBackup,
): Promise<DrillPart> {
  if (!podsRun(deps))
    return { part: engine, backup: '', state: 'notRun', compared: 0, differences: [CANNOT_RUN], bytes: 'none' };
  const began = deps.clock.now().getTime();
  const manifest = chooseDump(await store.dumps(engine), engine, undefined, await serverVersion(deps, engine));
  const wish = { manifest, databases: manifest.databases, name: `${engine}-drill-${id.toLowerCase()}`, trial: true };
  const end = await restoreDump(deps, wish, (text) => emit({ kind: 'note', part: engine, text }));
  const checks = end.kind === 'done' ? end.checks : [];
  const differences = checks.flatMap(({ database, differences: found }) => found.map((line) => `${database}: ${line}`));
  return {
    part: engine,
    backup: manifest.id,
    state: end.kind !== 'done' ? 'failed' : differences.length > 0 ? 'different' : 'verified',
    rpoSeconds: Math.round((began - Date.parse(manifest.began)) / 1000),
    rtoSeconds: Math.round((deps.clock.now().getTime() - began) / 1000),
    compared: checks.reduce((sum, { rows }) => sum + rows, 0),
    differences,
  };
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
  const backup = chooseObjects(await veleroBackups(deps, await deps.pin()), subject, undefined, deps.clock.now());
  const scratch = `drill-${namespace}`;
  const namespaces = new Map([[namespace, scratch]]);
  const name = `${scratch}-${id.toLowerCase()}`;
  try {
    await fence(deps, scratch);
    const pin = await deps.pin();
    const manifest = restoreManifest({ name, backup: backup.name, namespaces, leftOut });
    await askVelero(deps, pin, manifest, `The restore ${name}`);
    const restore = await awaitRestore(deps, pin, name, (text) => emit({ kind: 'note', part: namespace, text }));
    const differences =
      restore === undefined
        ? ['it was interrupted']
        : restore.phase === 'Completed'
          ? []
          : [...(await errorsOf(store, 'restore', restore))];
    const list = await store.resourceList(backup.name);
    if (list === undefined) differences.push(`Velero left no list of what ${backup.name} holds`);
    const wanted = wantedObjects(list ?? {}, namespaces, leftOutKinds);
    differences.push(...(await missingObjects(deps, wanted)).map((one) => `${one} is missing`));
    return {
      part: namespace,
      backup: backup.name,
      state: differences.length > 0 ? 'different' : 'verified',
      rpoSeconds: Math.round((began - Date.parse(backup.startedAt)) / 1000),
      rtoSeconds: Math.round((deps.clock.now().getTime() - began) / 1000),
      compared: wanted.length,
      differences,
      ...(!podsRun(deps) && { bytes: 'none' as const }),
    };
  } finally {
    await deps.run('kubectl', deleteObject(await deps.pin(), { kind: 'namespace', name: scratch }, 180));
  }
}

/** A copy of an app would go to work, on the very databases of the original: nothing gets out of here, and nothing in. */
async function fence(deps: BackupDeps, namespace: string): Promise<void> {
  const items = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'drill', namespace },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    },
  ];
  const outcome = await deps.run(
    'kubectl',
    applyManifests(await deps.pin(), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }), JOB_MANAGER),
  );
  if (outcome.exitCode !== 0)
    throw toolFailed('backup.noScratch', `The scratch namespace ${namespace} was refused`, outcome);
}
