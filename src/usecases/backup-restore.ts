/**
 * `ffops backup restore WHAT`: what was backed up takes the place of what is there. Each step is written down before the
 * next one begins; whatever interrupts it, the same command goes on from there.
 */
import { join } from 'node:path';
import { chooseDump, chooseObjects, numbersOf } from '../backups/choice.ts';
import { restoreDump, serverVersion } from '../backups/dump-work.ts';
import { CANNOT_RUN, podsRun, type BackupDeps } from '../backups/hands.ts';
import { idOf, type DumpManifest } from '../backups/manifest.ts';
import {
  nextStep,
  readRestoreJournal,
  writeRestoreJournal,
  type RestoreJournal,
  type RestoreStep,
} from '../backups/restore-journal.ts';
import { openBackupStore, type BackupStore } from '../backups/store.ts';
import { subjectOf, type Engine, type Subject } from '../backups/subject.ts';
import { restoreManifest } from '../cluster/velero.ts';
import { askVelero, awaitRestore, refuseUnreadyVelero, veleroBackups } from '../cluster/velero-work.ts';
import { errorsOf } from '../backups/explain.ts';
import { wantedObjects, type DatabaseCheck } from '../backups/verify.ts';
import { runningWorkloads, startWorkloads, stopWorkloads } from '../backups/workloads.ts';
import { servers } from '../catalogue/databases.ts';
import { objects, objectsIfKnown } from '../cluster/ask.ts';
import type { Cluster } from '../cluster/cluster-hands.ts';
import { ConsentError, FailedError, LockedError, UserError } from '../errors.ts';
import type { Terminal } from '../ports/terminal.ts';
import { deleteObject } from '../tools/kubectl.ts';
import { toolFailed } from '../tools/call.ts';
import { backUp, type EmitBackup } from './backup-create.ts';
import type { Result, Verdict } from './verdict.ts';

export interface RestoreRequest {
  readonly what: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly database?: string | undefined;
  /** Whether the present is backed up before it is replaced. */
  readonly keep: boolean;
  readonly yes: boolean;
  readonly loseData: readonly string[];
  /** Forgets an unfinished restore instead of going on with it. */
  readonly abandon: boolean;
}

export interface RestoreDeps extends BackupDeps {
  readonly terminal: Terminal;
  readonly cluster: Pick<Cluster, 'deliver' | 'provisionDatabases' | 'waitUntilReady'>;
  /** `<root>/<env>`, absolute. */
  readonly folder: string;
}

export interface RestoreResult extends Result {
  readonly verdict: Verdict;
  readonly what: string;
  /** Steps in their order: done in this run, or in the one that was interrupted before. */
  readonly done: readonly RestoreStep[];
  /** Where it stands, when it did not come to its end. */
  readonly next?: RestoreStep;
  readonly objects?: { readonly backup: string; readonly expected: number; readonly missing: readonly string[] };
  readonly databases: readonly DatabaseCheck[];
  /** What could not be done here, and is not pretended. */
  readonly notes: readonly string[];
  readonly bytes?: 'none';
}

interface Findings {
  objects?: RestoreResult['objects'];
  notes: string[];
}

export async function restoreBackup(
  deps: RestoreDeps,
  request: RestoreRequest,
  emit: EmitBackup,
): Promise<RestoreResult> {
  const path = join(deps.folder, 'restore.json');
  if (request.abandon) await deps.files.remove(path);
  const store = await openBackupStore(deps);
  let journal = await unfinished(deps, path, request);
  if (journal === undefined) {
    journal = await planned(deps, store, request);
    await consent(deps, request, journal, emit);
    await writeRestoreJournal(deps.files, path, journal);
  } else {
    emit({
      kind: 'note',
      part: 'restore',
      text: `going on with the restore of ${journal.id}: ${journal.done.join(', ') || 'nothing'} done`,
    });
  }

  const findings: Findings = { notes: [] };
  for (let step = nextStep(journal); step !== undefined; step = nextStep(journal)) {
    if (deps.interruption.requested) return resultOf(deps, journal, findings, 'interrupted');
    emit({ kind: 'part', part: step });
    const after = await work[step]({ deps, store, journal, findings, emit });
    if (after === 'left') {
      emit({
        kind: 'ended',
        part: step,
        how: 'skipped',
        text: 'it goes on in the cluster; run this again to see its end',
      });
      return resultOf(deps, journal, findings, 'interrupted');
    }
    journal = { ...(after ?? journal), done: [...journal.done, step] };
    await writeRestoreJournal(deps.files, path, journal);
    emit({ kind: 'ended', part: step, how: 'done' });
  }
  await deps.files.remove(path);
  const bad =
    (findings.objects?.missing.length ?? 0) > 0 || journal.counted.some(({ differences }) => differences.length > 0);
  return resultOf(deps, journal, findings, bad ? 'failed' : 'done');
}

function resultOf(deps: BackupDeps, journal: RestoreJournal, findings: Findings, verdict: Verdict): RestoreResult {
  const next = nextStep(journal);
  return {
    verdict,
    what: journal.what,
    done: journal.done,
    ...(next !== undefined && { next }),
    ...(findings.objects !== undefined && { objects: findings.objects }),
    databases: journal.counted,
    notes: findings.notes,
    ...(!podsRun(deps) && { bytes: 'none' as const }),
  };
}

/** Throws LockedError when another one is under way. */
async function unfinished(
  deps: RestoreDeps,
  path: string,
  request: RestoreRequest,
): Promise<RestoreJournal | undefined> {
  const journal = await readRestoreJournal(deps.files, path);
  if (journal === undefined || journal.what === whatOf(request)) return journal;
  throw new LockedError('backup.unfinishedRestore', {
    message: `The restore of ${journal.what} that began at ${journal.id} has not come to its end: ${nextStep(journal)} is next.`,
    hints: [
      `Finish it first: \`ffops backup restore ${journal.what.split(' ')[0]}\`.`,
      'Or forget it: `--abandon`. Workloads that it stopped stay stopped until the next apply.',
    ],
  });
}

function whatOf({ what, to, database }: RestoreRequest): string {
  return [
    what,
    ...(database === undefined ? [] : [`--database ${database}`]),
    ...(to === undefined ? [] : [`--to ${to}`]),
  ].join(' ');
}

async function planned(deps: RestoreDeps, store: BackupStore, request: RestoreRequest): Promise<RestoreJournal> {
  const subject = subjectOf(deps.blueprint, request.what);
  if (request.to !== undefined) await refuseBadTarget(deps, subject, request.to);
  const base = {
    id: idOf(deps.clock.now()),
    what: whatOf(request),
    keep: request.keep && request.to === undefined,
    done: [],
    stopped: [],
    counted: [],
  };
  const wantsObjects = subject.namespaces.length > 0 && request.database === undefined;
  if (wantsObjects) await refuseUnreadyVelero(deps, await deps.pin());
  const backup = wantsObjects
    ? chooseObjects(await veleroBackups(deps, await deps.pin()), subject, request.from, deps.clock.now())
    : undefined;
  return {
    ...base,
    ...(backup !== undefined && {
      objects: {
        backup: backup.name,
        namespaces: subject.namespaces.map((name): [string, string] => [name, request.to ?? name]),
      },
    }),
    dumps: request.to === undefined ? await plannedDumps(deps, store, subject, request) : [],
  };
}

async function plannedDumps(
  deps: RestoreDeps,
  store: BackupStore,
  subject: Subject,
  { from, database }: RestoreRequest,
): Promise<RestoreJournal['dumps']> {
  // Where no dump can be made, none is missed.
  if (!podsRun(deps)) return subject.engines.map((engine) => ({ engine, id: '' }));
  const engines = database === undefined ? subject.engines : await engineOf(deps, subject, database);
  const chosen: { engine: Engine; id: string; databases?: string[] }[] = [];
  for (const engine of engines) {
    const manifest = chooseDump(await store.dumps(engine), engine, from, await serverVersion(deps, engine));
    if (database !== undefined) numbersOf(manifest, [database]);
    chosen.push({ engine, id: manifest.id, ...(database !== undefined && { databases: [database] }) });
  }
  return chosen;
}

async function engineOf(
  { blueprint }: RestoreDeps,
  { engines }: Subject,
  database: string,
): Promise<readonly Engine[]> {
  if (engines.length === 1) return engines;
  const known = blueprint.databases.filter(({ name }) => name === database).map(({ engine }) => engine);
  if (known.length === 1) return known;
  throw new UserError('backup.whichEngine', {
    message: `Which engine's ${database} is meant?`,
    hints: engines.map((engine) => `\`ffops backup restore ${engine} --database ${database}\``),
  });
}

/** Another namespace is for looking at what was backed up: it must be empty, and one namespace at a time goes there. */
async function refuseBadTarget(deps: RestoreDeps, { name, namespaces }: Subject, to: string): Promise<void> {
  if (namespaces.length !== 1) {
    throw new UserError('backup.manyToOne', {
      message: `${name} is ${namespaces.length === 0 ? 'no namespace' : 'more than one namespace'}: --to takes the objects of one.`,
      hints: ['Name one: `ffops backup list` shows them.'],
    });
  }
  const pods = await objects(deps.run, await deps.pin(), ['pods', 'persistentvolumeclaims'], { namespace: to });
  if (pods.length === 0) return;
  throw new FailedError('backup.namespaceInUse', {
    message: `The namespace ${to} is in use: ${pods
      .slice(0, 3)
      .map((one) => `${one.kind.toLowerCase()} ${one.metadata.name}`)
      .join(', ')}${pods.length > 3 ? ', …' : ''}.`,
    hints: [
      'Choose a name that nothing has yet: `--to restored`.',
      `To replace it: \`ffops backup restore ${name}\` without --to.`,
    ],
  });
}

async function consent(
  deps: RestoreDeps,
  request: RestoreRequest,
  journal: RestoreJournal,
  emit: EmitBackup,
): Promise<void> {
  for (const line of await changes(deps, journal)) emit({ kind: 'note', part: 'restore', text: line });
  if (request.to !== undefined) return;
  const [subject = ''] = journal.what.split(' ');
  if (!journal.keep && !request.loseData.includes(subject)) {
    throw new ConsentError('consent.data-loss', {
      message: `Without a backup of the present, this would lose what ${subject} holds now.`,
      hints: [`When that is what you want: --allow-data-loss ${subject}`, 'Or leave --no-keep out.'],
    });
  }
  if (request.yes) return;
  if (!deps.terminal.interactive) {
    throw new ConsentError('consent.nobody', {
      message: 'Nobody is here to agree to this.',
      hints: ['To agree beforehand: -y'],
    });
  }
  const typed = await deps.terminal.input(`Type "${subject}" to replace it`);
  if (typed.trim() !== subject) {
    throw new ConsentError('consent.refused', { message: `Nothing was changed: "${typed}" is not "${subject}".` });
  }
}

/** What is there now, and what takes its place. */
async function changes(deps: RestoreDeps, journal: RestoreJournal): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const [from, to] of journal.objects?.namespaces ?? []) {
    const found = await objects(
      deps.run,
      await deps.pin(),
      ['deployments.apps', 'statefulsets.apps', 'persistentvolumeclaims'],
      { namespace: to },
    );
    const names = found.map((one) => `${one.kind.toLowerCase()} ${one.metadata.name}`);
    lines.push(
      `${to} has ${names.length === 0 ? 'nothing now' : names.join(', ')}; it becomes ${from} of ${journal.objects?.backup}`,
    );
  }
  for (const { engine, id, databases } of journal.dumps) {
    lines.push(
      `${databases?.join(', ') ?? `every database of ${engine}`} becomes as the dump ${id || '(none can be made here)'} has it`,
    );
  }
  return lines;
}

interface Scene {
  readonly deps: RestoreDeps;
  readonly store: BackupStore;
  readonly journal: RestoreJournal;
  readonly findings: Findings;
  readonly emit: EmitBackup;
}

/** What a step adds to the journal; `left` when the user does not wait for its end. */
type Step = (scene: Scene) => Promise<RestoreJournal | 'left' | undefined>;

const work: Readonly<Record<RestoreStep, Step>> = {
  keep: async ({ deps, journal, emit }) => {
    if (!journal.keep) return undefined;
    const [subject] = journal.what.split(' ');
    const wanted = subjectOf(deps.blueprint, subject);
    const live = await objects(deps.run, await deps.pin(), ['pods'], {});
    const namespaces = wanted.namespaces.filter((name) => live.some(({ metadata }) => metadata.namespace === name));
    const engines = journal.dumps
      .map(({ engine }) => engine)
      .filter((engine) => live.some(({ metadata }) => metadata.name === servers[engine].pod));
    if (namespaces.length + engines.length === 0) return undefined;
    const parts = await backUp(
      deps,
      { name: `before-${wanted.name}`, namespaces, engines },
      idOf(deps.clock.now()),
      emit,
    );
    if (parts.some(({ state }) => state === 'left')) return 'left';
    const bad = parts.find(({ state }) => state === 'failed' || state === 'partial');
    if (bad === undefined) return undefined;
    throw new FailedError('backup.presentNotKept', {
      message: [`The present could not be backed up (${bad.part}):`, ...bad.errors].join('\n'),
      hints: [`When it may be lost: \`--abandon --no-keep --allow-data-loss ${subject}\`.`],
    });
  },

  stop: async ({ deps, journal }) => {
    if (isCopy(journal)) return undefined;
    const engines = journal.dumps.map(({ engine }) => engine);
    const owners = deps.blueprint.databases.filter(({ engine }) => engines.includes(engine)).map(({ owner }) => owner);
    const clients = deps.blueprint.stacks
      .flatMap(({ releases }) => releases)
      .filter(({ entry }) => owners.includes(entry));
    const namespaces = [...targetsOf(journal), ...clients.map(({ namespace }) => namespace)];
    // A second try finds some of them stopped already: what was written down first counts.
    const stopped =
      journal.stopped.length > 0 ? journal.stopped : await runningWorkloads(deps, namespaces, databaseServers(deps));
    await writeRestoreJournal(deps.files, join(deps.folder, 'restore.json'), { ...journal, stopped });
    await stopWorkloads(deps, stopped);
    return deps.interruption.requested ? 'left' : { ...journal, stopped };
  },

  secrets: async ({ deps, journal }) => {
    const targets = targetsOf(journal);
    const stacks = deps.blueprint.stacks.filter(({ releases }) =>
      releases.some(({ namespace }) => targets.includes(namespace)),
    );
    if (!isCopy(journal)) for (const stack of stacks) await deps.cluster.deliver(stack);
    return undefined;
  },

  // Velero leaves a volume that is there as it is, with whatever came later: only a new one is filled.
  clear: async ({ deps, journal }) => {
    if (isCopy(journal)) return undefined;
    const targets = targetsOf(journal);
    const pin = await deps.pin();
    for (const { namespace, name } of deps.blueprint.volumes.filter(
      (one) => one.fileBackup && targets.includes(one.namespace),
    )) {
      const outcome = await deps.run(
        'kubectl',
        deleteObject(pin, { kind: 'persistentvolumeclaim', namespace, name }, 180),
      );
      if (outcome.exitCode !== 0)
        throw toolFailed('backup.notCleared', `The volume ${namespace}/${name} could not be emptied`, outcome);
    }
    return undefined;
  },

  // Where the databases run, before their content; the apps only after it.
  servers: async (scene) => {
    const homes = homesOf(scene.deps);
    const ended = await restoreObjects(scene, 'servers', ([from]) => homes.has(from));
    if (ended === 'left') return ended;
    const releases = scene.deps.blueprint.stacks.flatMap((stack) => stack.releases);
    for (const { engine } of scene.journal.dumps) {
      const server = releases.find(({ entry }) => entry === engine);
      const trouble = server === undefined ? undefined : await scene.deps.cluster.waitUntilReady(server);
      if (trouble !== undefined) throw notReady(engine, trouble.lines);
    }
    return undefined;
  },

  dumps: async ({ deps, store, journal, findings, emit }) => {
    const counted: DatabaseCheck[] = [];
    for (const { engine, id, databases } of journal.dumps) {
      if (!podsRun(deps)) {
        findings.notes.push(`${engine}: ${CANNOT_RUN}`);
        continue;
      }
      const manifest = await manifestOf(store, engine, id);
      const wish = {
        manifest,
        databases: numbersOf(manifest, databases),
        name: `${engine}-restore-${journal.id.toLowerCase()}`,
        trial: false,
      };
      const end = await restoreDump(deps, wish, (text) => emit({ kind: 'note', part: 'dumps', text }));
      if (end.kind === 'left') return 'left';
      if (end.kind === 'done') counted.push(...end.checks);
    }
    return { ...journal, counted };
  },

  // Roles that were missing came back without one; the others may have another since.
  passwords: async ({ deps, journal }) => {
    for (const { engine } of journal.dumps) {
      const provisioner = deps.blueprint.provisioners.find((one) => one.engine === engine);
      if (provisioner !== undefined) await deps.cluster.provisionDatabases(provisioner);
    }
    return undefined;
  },

  objects: async (scene) => {
    const homes = homesOf(scene.deps);
    return await restoreObjects(scene, 'objects', ([from]) => !homes.has(from));
  },

  start: async ({ deps, journal }) => {
    await startWorkloads(deps, journal.stopped);
    if (isCopy(journal)) return undefined;
    const touched = new Set([...targetsOf(journal), ...journal.stopped.map(({ namespace }) => namespace)]);
    for (const release of deps.blueprint.stacks
      .flatMap((stack) => stack.releases)
      .filter(({ namespace }) => touched.has(namespace))) {
      const trouble = await deps.cluster.waitUntilReady(release);
      if (trouble !== undefined) throw notReady(trouble.release, trouble.lines);
    }
    return undefined;
  },

  verify: async ({ deps, store, journal, findings }) => {
    if (journal.objects === undefined) return undefined;
    const { backup, namespaces } = journal.objects;
    const list = await store.resourceList(backup);
    if (list === undefined)
      throw new FailedError('backup.noList', {
        message: `Velero left no list of what ${backup} holds, so nobody can say whether all of it is back.`,
      });
    const wanted = wantedObjects(list, new Map(namespaces));
    findings.objects = { backup, expected: wanted.length, missing: await missingObjects(deps, wanted) };
    return undefined;
  },
};

function notReady(what: string, lines: readonly string[]): FailedError {
  return new FailedError('backup.notReady', {
    message: [`${what} does not come up:`, ...lines].join('\n'),
    hints: ['Repair it, then run this again: it goes on from here.'],
  });
}

function isCopy({ objects: copied }: RestoreJournal): boolean {
  return copied?.namespaces.some(([from, to]) => from !== to) ?? false;
}

function targetsOf({ objects: restored }: RestoreJournal): readonly string[] {
  return restored?.namespaces.map(([, to]) => to) ?? [];
}

function databaseServers({ blueprint }: BackupDeps): ReadonlySet<string> {
  const releases = blueprint.stacks.flatMap((stack) => stack.releases);
  return new Set(releases.filter(({ entry }) => entry in servers).map(({ namespace, name }) => `${namespace}/${name}`));
}

function homesOf({ blueprint }: BackupDeps): ReadonlySet<string> {
  const releases = blueprint.stacks.flatMap((stack) => stack.releases);
  return new Set(releases.filter(({ entry }) => entry in servers).map(({ namespace }) => namespace));
}

async function manifestOf(store: BackupStore, engine: Engine, id: string): Promise<DumpManifest> {
  return chooseDump(await store.dumps(engine), engine, id, undefined);
}

async function restoreObjects(
  { deps, store, journal, emit }: Scene,
  part: string,
  belongs: (pair: readonly [string, string]) => boolean,
): Promise<'left' | undefined> {
  const pairs = journal.objects?.namespaces.filter(belongs) ?? [];
  if (journal.objects === undefined || pairs.length === 0) return undefined;
  const name = `${part}-${journal.id.toLowerCase()}`;
  const { backup } = journal.objects;
  const pin = await deps.pin();
  const manifest = restoreManifest({ name, backup, namespaces: new Map(pairs), leftOut: [] });
  await askVelero(deps, pin, manifest, `The restore ${name}`);
  const restore = await awaitRestore(deps, pin, name, (text) => emit({ kind: 'note', part, text }));
  if (restore === undefined) return 'left';
  if (restore.phase === 'Completed') return undefined;
  throw new FailedError('backup.restoreFailed', {
    message: [
      `Velero calls the restore of ${backup} ${restore.phase}:`,
      ...(await errorsOf(store, 'restore', restore)),
    ].join('\n'),
    hints: ['Repair what it names, then begin anew: `--abandon`.'],
  });
}

/** `namespace/Kind name` of what is not there. */
export async function missingObjects(
  deps: BackupDeps,
  wanted: ReturnType<typeof wantedObjects>,
): Promise<readonly string[]> {
  const pin = await deps.pin();
  const missing: string[] = [];
  for (const kind of new Set(wanted.map((one) => one.kind))) {
    const found = (await objectsIfKnown(deps.run, pin, [resourceOf(kind)])) ?? [];
    const there = new Set(found.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
    for (const { namespace, name } of wanted.filter((one) => one.kind === kind)) {
      if (!there.has(`${namespace}/${name}`)) missing.push(`${namespace}/${kind.split('/').at(-1)} ${name}`);
    }
  }
  return missing.sort();
}

/** `apps/v1/Deployment` → `Deployment.v1.apps`, as kubectl wants it; `v1/Secret` → `Secret.v1.`. */
function resourceOf(kind: string): string {
  const parts = kind.split('/');
  return parts.length === 3 ? `${parts[2]}.${parts[1]}.${parts[0]}` : (parts[1] ?? kind);
}
