/** What a restore is going to do, decided before anything is touched. */
import { chooseDump, chooseObjects, momentNamed, numbersOf, type Wish } from '../../backups/choice.ts';
import { serverVersion } from '../../backups/dump-work.ts';
import { podsRun } from '../../backups/hands.ts';
import { idOf, momentOf } from '../../backups/manifest.ts';
import type { Asked, RestoreJournal, StoppedWorkload } from '../../backups/restore-journal.ts';
import type { BackupStore, Dump } from '../../backups/store.ts';
import { databasesOf, subjectOf, type Engine, type Subject } from '../../backups/subject.ts';
import { objects } from '../../cluster/ask.ts';
import { refuseUnreadyVelero, veleroBackups } from '../../cluster/velero-work.ts';
import { FailedError, UserError } from '../../errors.ts';
import { backupOwner } from '../../model/backup-label.ts';
import type { Database } from '../../model/blueprint.ts';
import type { RestoreDeps, RestoreRequest } from './scene.ts';

export function askedOf({ what, from, of, to, database }: RestoreRequest): Asked {
  const given = Object.entries({ from, of, to, database }).filter(([, value]) => value !== undefined);
  return { what, ...Object.fromEntries(given) };
}

/** Throws UserError and FailedError saying why it cannot be. `stopped` is what an abandoned one left standing still. */
export async function plan(
  deps: RestoreDeps,
  store: BackupStore,
  request: RestoreRequest,
  stopped: readonly StoppedWorkload[],
): Promise<RestoreJournal> {
  const subject = subjectOf(deps.blueprint, request.what);
  const { to, from, database } = request;
  if (to !== undefined) await refuseBadTarget(deps, subject, request, to);
  const wish = { of: request.of ?? backupOwner(deps.blueprint), from };
  const namespaces = database === undefined ? subject.namespaces : [];
  const engines = to !== undefined ? [] : database === undefined ? subject.engines : engineOf(deps, subject, database);

  if (namespaces.length > 0) await refuseUnreadyVelero(deps, await deps.pin());
  const mayBeVeleros = from !== undefined && momentOf(from) === undefined;
  const backups = namespaces.length > 0 || mayBeVeleros ? await veleroBackups(deps, await deps.pin()) : [];
  // Where no dump can be made, none is missed.
  const dumps = podsRun(deps) ? await dumpsOf(store, engines) : undefined;
  const near = momentNamed(from, backups, [...(dumps?.values() ?? [])].flat());
  const backup =
    namespaces.length > 0
      ? chooseObjects(backups, { ...subject, namespaces }, wish, near, deps.clock.now())
      : undefined;
  return {
    id: idOf(deps.clock.now()),
    asked: askedOf(request),
    keep: request.keep && to === undefined,
    done: [],
    stopped,
    counted: [],
    notes: [],
    ...(backup !== undefined && {
      objects: { backup: backup.name, namespaces: namespaces.map((name): [string, string] => [name, to ?? name]) },
    }),
    dumps:
      dumps === undefined
        ? engines.map((engine) => ({ engine, id: '' }))
        : await chosenDumps(deps, dumps, wish, near, (engine) =>
            database === undefined ? databasesOf(subject, engine) : [database],
          ),
  };
}

async function dumpsOf(store: BackupStore, engines: readonly Engine[]): Promise<ReadonlyMap<Engine, readonly Dump[]>> {
  const found = new Map<Engine, readonly Dump[]>();
  for (const engine of engines) found.set(engine, await store.dumps(engine));
  return found;
}

async function chosenDumps(
  deps: RestoreDeps,
  dumps: ReadonlyMap<Engine, readonly Dump[]>,
  wish: Wish,
  near: Date | undefined,
  wanted: (engine: Engine) => readonly string[] | undefined,
): Promise<RestoreJournal['dumps']> {
  const chosen: RestoreJournal['dumps'] = [];
  for (const [engine, all] of dumps) {
    const manifest = chooseDump(all, engine, wish, near, await serverVersion(deps, engine));
    const databases = wanted(engine);
    // Those that it has not are told before anything is stopped.
    numbersOf(manifest, databases);
    chosen.push({ engine, id: manifest.id, ...(databases !== undefined && { databases: [...databases] }) });
  }
  return chosen;
}

function engineOf(
  { blueprint }: RestoreDeps,
  { name, engines, databases }: Subject,
  database: string,
): readonly Engine[] {
  // A dump may have databases that the file does not speak of.
  if (engines.length === 1 && databases === undefined) return engines;
  const enginesWithIt = (all: readonly Pick<Database, 'engine' | 'name'>[]): readonly Engine[] => [
    ...new Set(all.filter((one) => one.name === database).map(({ engine }) => engine)),
  ];
  const meant = enginesWithIt(databases ?? blueprint.databases).filter((engine) => engines.includes(engine));
  if (meant.length === 1) return meant;
  const several = engines.length > 1 && databases === undefined;
  const offered = several ? engines : enginesWithIt(blueprint.databases);
  throw new UserError('backup.whichEngine', {
    message: several ? `Which engine's ${database} is meant?` : `${name} has no database ${database} of its own.`,
    hints: offered.map((engine) => `\`ffops backup restore ${engine} --database ${database}\``),
  });
}

/** Another namespace is for looking at what was backed up: it must be empty, and one namespace at a time goes there. */
async function refuseBadTarget(
  deps: RestoreDeps,
  { name, namespaces }: Subject,
  { database }: RestoreRequest,
  to: string,
): Promise<void> {
  if (database !== undefined) {
    throw new UserError('backup.databaseToNamespace', {
      message: 'A database has no namespace: --to is for the objects and files of one.',
      hints: ['For a look at one database: `ffops backup drill`, or `ffops db restore` into another environment.'],
    });
  }
  if (namespaces.length !== 1) {
    throw new UserError('backup.manyToOne', {
      message: `${name} is ${namespaces.length === 0 ? 'no namespace' : 'more than one namespace'}: --to takes the objects of one.`,
      hints: ['Name one: `ffops backup list` shows them.'],
    });
  }
  const taken = await objects(deps.run, await deps.pin(), ['pods', 'persistentvolumeclaims'], { namespace: to });
  if (taken.length === 0) return;
  throw new FailedError('backup.namespaceInUse', {
    message: `The namespace ${to} is in use: ${taken
      .slice(0, 3)
      .map((one) => `${one.kind.toLowerCase()} ${one.metadata.name}`)
      .join(', ')}${taken.length > 3 ? ', …' : ''}.`,
    hints: [
      'Choose a name that nothing has yet: `--to restored`.',
      `To replace it: \`ffops backup restore ${name}\` without --to.`,
    ],
  });
}
