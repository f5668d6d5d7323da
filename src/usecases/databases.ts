/** `ffops db …`: the databases themselves, by the tools that their pods have. */
import { isAbsolute, join } from 'node:path';
import { DATABASES_NAMESPACE, servers, type DatabaseEngine } from '../catalogue/databases.ts';
import { enginesOf } from '../backups/subject.ts';
import { ConsentError, FailedError, UserError } from '../errors.ts';
import type { Blueprint } from '../model/blueprint.ts';
import type { Surroundings } from '../model/surroundings.ts';
import type { Files } from '../ports/files.ts';
import type { Terminal } from '../ports/terminal.ts';
import { toolFailed, type RunTool } from '../tools/call.ts';
import { execute, type ClusterPin } from '../tools/kubectl.ts';
import type { Result } from './verdict.ts';

export interface DatabaseDeps {
  readonly files: Files;
  readonly terminal: Terminal;
  readonly run: RunTool;
  readonly pin: () => Promise<ClusterPin>;
  readonly blueprint: Blueprint;
  readonly surroundings: Pick<Surroundings, 'podsRun'>;
}

export interface DatabaseLine {
  readonly engine: DatabaseEngine;
  readonly name: string;
  readonly owner: string;
  readonly bytes: number;
  readonly connections: number;
  /** The app that it was made for; absent for one that somebody made by hand. */
  readonly app?: string;
}

export interface DatabaseListResult extends Result {
  readonly databases: readonly DatabaseLine[];
}

const SEPARATOR = '\t';

const listings: Readonly<Record<DatabaseEngine, string>> = {
  postgres: `select d.datname, pg_get_userbyid(d.datdba), pg_database_size(d.oid),
    (select count(*) from pg_stat_activity a where a.datid = d.oid and a.pid <> pg_backend_pid())
    from pg_database d where not d.datistemplate order by d.datname`,
  mariadb: `select s.schema_name, coalesce((select min(user) from mysql.db where db = replace(s.schema_name, '_', '\\\\_') or db = s.schema_name), 'root'),
    coalesce((select sum(data_length + index_length) from information_schema.tables where table_schema = s.schema_name), 0),
    (select count(*) from information_schema.processlist where db = s.schema_name)
    from information_schema.schemata s where s.schema_name not in ('information_schema', 'performance_schema', 'mysql', 'sys') order by 1`,
};

/** Throws UserError in a sandbox without processes, FailedError when a server does not answer. */
export async function listDatabases(deps: DatabaseDeps): Promise<DatabaseListResult> {
  refuseWithoutProcesses(deps);
  const databases: DatabaseLine[] = [];
  for (const engine of enginesOf(deps.blueprint)) {
    const outcome = await deps.run(
      'kubectl',
      execute(await deps.pin(), podOf(engine), clientOf(engine, listings[engine]), false),
    );
    if (outcome.exitCode !== 0)
      throw toolFailed('databases.unreachable', `${engine} did not list its databases`, outcome);
    for (const line of outcome.stdout.split('\n').filter((one) => one !== '')) {
      const [name = '', owner = '', bytes, connections] = line.split(SEPARATOR);
      const app = deps.blueprint.databases.find((one) => one.engine === engine && one.name === name)?.owner;
      databases.push({
        engine,
        name,
        owner,
        bytes: Number(bytes),
        connections: Number(connections),
        ...(app !== undefined && { app }),
      });
    }
  }
  return { databases };
}

/** The client's own exit code. */
export async function databaseShell(deps: DatabaseDeps, name: string): Promise<number> {
  refuseWithoutProcesses(deps);
  const { engine, name: database } = databaseOf(deps.blueprint, name);
  const program =
    engine === 'postgres'
      ? ['psql', '--username', servers.postgres.administrator.user, '--dbname', connection(database)]
      : asRoot('exec mariadb --user=root -- "$1"', database);
  const outcome = await deps.run('kubectl', execute(await deps.pin(), podOf(engine), program, true));
  return outcome.exitCode;
}

export interface DatabaseFileResult extends Result {
  readonly engine: DatabaseEngine;
  readonly database: string;
  readonly file: string;
  readonly bytes: number;
}

/** Whole or not at all. Throws FailedError with the tool's words. */
export async function dumpDatabase(
  deps: DatabaseDeps,
  name: string,
  file: string,
  here: string,
): Promise<DatabaseFileResult> {
  refuseWithoutProcesses(deps);
  const { engine, name: database } = databaseOf(deps.blueprint, name);
  const target = isAbsolute(file) ? file : join(here, file);
  if ((await deps.files.info(target)) !== undefined) {
    throw new UserError('databases.fileExists', {
      message: `${file} is there already.`,
      hints: ['Choose another name, or remove it.'],
    });
  }
  const program =
    engine === 'postgres'
      ? [
          'pg_dump',
          '--username',
          servers.postgres.administrator.user,
          '--format',
          'custom',
          '--dbname',
          connection(database),
        ]
      : asRoot(
          'exec mariadb-dump --user=root --single-transaction --routines --events --triggers --hex-blob -- "$1"',
          database,
        );
  const part = `${target}.part`;
  const outcome = await deps.run('kubectl', {
    ...execute(await deps.pin(), podOf(engine), program, false),
    outputFile: part,
  });
  if (outcome.exitCode !== 0) {
    await deps.files.remove(part);
    throw toolFailed('databases.notDumped', `${database} could not be dumped`, outcome);
  }
  if (await isCut(deps, engine, part)) {
    await deps.files.remove(part);
    throw new FailedError('databases.cut', {
      message: `The end of ${database} did not come through the connection to its pod.`,
      hints: ['Run it again; `ffops backup create` goes another way, inside the cluster.'],
    });
  }
  await deps.files.rename(part, target);
  return { engine, database, file: target, bytes: (await deps.files.info(target))?.size ?? 0 };
}

/** Into a database that is there: what the file holds takes the place of what has the same name. */
export async function restoreDatabase(
  deps: DatabaseDeps,
  request: {
    readonly name: string;
    readonly file: string;
    readonly here: string;
    readonly loseData: readonly string[];
  },
): Promise<DatabaseFileResult> {
  refuseWithoutProcesses(deps);
  const { engine, name: database } = databaseOf(deps.blueprint, request.name);
  const source = isAbsolute(request.file) ? request.file : join(request.here, request.file);
  const info = await deps.files.info(source);
  if (info?.kind !== 'file')
    throw new UserError('databases.noFile', {
      message: `There is no file ${request.file}.`,
      hints: ['`ffops db dump` makes one.'],
    });
  if (await isCut(deps, engine, source)) {
    throw new UserError('databases.cut', {
      message: `${request.file} does not end as a dump of MariaDB does: what it lacks would be lost without a word.`,
      hints: [
        'Make it again: `ffops db dump`.',
        'One by another tool must end with `-- Dump completed`, as its own comments do.',
      ],
    });
  }
  await consentToReplace(deps, database, request.loseData);
  const program =
    engine === 'postgres'
      ? [
          'pg_restore',
          '--username',
          servers.postgres.administrator.user,
          '--clean',
          '--if-exists',
          '--single-transaction',
          '--exit-on-error',
          '--dbname',
          connection(database),
        ]
      : asRoot('exec mariadb --user=root -- "$1"', database);
  const outcome = await deps.run('kubectl', {
    ...execute(await deps.pin(), podOf(engine), program, false),
    inputFile: source,
  });
  if (outcome.exitCode !== 0) {
    const after =
      engine === 'postgres'
        ? 'It is as it was.'
        : 'MariaDB takes no change of tables back: restore it anew, `ffops backup restore mariadb`.';
    throw toolFailed('databases.notRestored', `${database} could not be restored`, outcome, [after]);
  }
  return { engine, database, file: source, bytes: info.size };
}

/** A file that ends too early: pg_restore notices by itself and takes everything back, MariaDB does neither. */
async function isCut({ files }: DatabaseDeps, engine: DatabaseEngine, path: string): Promise<boolean> {
  if (engine === 'postgres') return false;
  const end = await files.readEnd(path, 200);
  return !/^-- Dump completed/m.test(Buffer.from(end ?? []).toString('latin1'));
}

async function consentToReplace(
  { terminal }: DatabaseDeps,
  database: string,
  loseData: readonly string[],
): Promise<void> {
  if (loseData.includes(database)) return;
  if (!terminal.interactive) {
    throw new ConsentError('consent.data-loss', {
      message: `This would replace what ${database} holds now.`,
      hints: [`When that is what you want: --allow-data-loss ${database}`],
    });
  }
  const typed = await terminal.input(`Type "${database}" to replace what it holds`);
  if (typed.trim() !== database)
    throw new ConsentError('consent.refused', { message: `Nothing was changed: "${typed}" is not "${database}".` });
}

function podOf(engine: DatabaseEngine): {
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
} {
  return { namespace: DATABASES_NAMESPACE, name: servers[engine].pod, container: engine };
}

function clientOf(engine: DatabaseEngine, sql: string): readonly string[] {
  return engine === 'postgres'
    ? [
        'psql',
        '--username',
        servers.postgres.administrator.user,
        '--no-align',
        '--tuples-only',
        '--field-separator',
        SEPARATOR,
        '--command',
        sql,
      ]
    : asRoot('exec mariadb --user=root --batch --raw --skip-column-names --execute "$1"', sql);
}

/** A bare name that looks like an address would be taken for one. */
function connection(database: string): string {
  return `dbname='${database.replace(/[\\']/g, '\\$&')}'`;
}

/** The pod knows its own password: it travels nowhere. */
function asRoot(script: string, argument: string): readonly string[] {
  return ['sh', '-c', `export MYSQL_PWD="$MARIADB_ROOT_PASSWORD"; ${script}`, 'sh', argument];
}

/** A database by its name; `engine/name` when both engines have one, or when it is none of the environment's apps. */
function databaseOf(blueprint: Blueprint, name: string): { readonly engine: DatabaseEngine; readonly name: string } {
  const { databases, environment } = blueprint;
  const [, engine, bare = name] = /^(postgres|mariadb)\/(.+)$/.exec(name) ?? [];
  const found = databases.filter((one) => one.name === bare && (engine === undefined || one.engine === engine));
  if (found.length === 1) return found[0]!;
  const byHand = enginesOf(blueprint).find((one) => one === engine);
  if (byHand !== undefined) return { engine: byHand, name: bare };
  const names = databases.map((one) => `${one.engine}/${one.name}`);
  throw new UserError('databases.unknown', {
    message:
      found.length === 0 ? `${environment} has no database ${name}.` : `More than one engine has a database ${name}.`,
    hints: [names.length === 0 ? 'No app of it needs one.' : `It has ${names.join(', ')}.`],
  });
}

function refuseWithoutProcesses({ surroundings }: DatabaseDeps): void {
  if (surroundings.podsRun) return;
  throw new FailedError('databases.noProcess', {
    message: 'Pods of the sandbox have no process, so there is no database to talk to.',
    hints: ['`ffops kube -- get pods -n data` shows what there is of it.'],
  });
}
