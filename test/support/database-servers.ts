/** A real PostgreSQL and a real MariaDB, each with a folder of its own, on a socket alone; ended by whoever started it. */
import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface DatabaseServer {
  readonly engine: 'postgres' | 'mariadb';
  /** What the engine's own tools and the scripts of charts/dumps reach it with. */
  readonly variables: Readonly<Record<string, string>>;
  /** Runs SQL as the administrator, and resolves with its rows as text. Rejects with what the client says. */
  sql(text: string, database?: string): Promise<string>;
  /** As pulling the plug does. */
  kill(): Promise<void>;
  /** After `kill`: what it had promised to keep is there. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;

/** The folder of postgres' programs, and undefined where it is not installed. */
function postgresPrograms(): string | undefined {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return undefined;
  const newest = readdirSync(root)
    .map(Number)
    .sort((a, b) => b - a)
    .find((version) => existsSync(`${root}/${version}/bin/postgres`));
  return newest === undefined ? undefined : `${root}/${newest}/bin`;
}

/** Servers refuse to run as root: there, the users that the packages made. */
function runningAs(name: string): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout.trim());
  return { uid: id('-u'), gid: id('-g') };
}

function folderFor(folder: string, name: string, user: { uid: number; gid: number } | undefined): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  if (user !== undefined) {
    chmodSync(folder, 0o755);
    chownSync(path, user.uid, user.gid);
  }
  return path;
}

/** Undefined where PostgreSQL is not installed. */
export async function startPostgres(folder: string): Promise<DatabaseServer | undefined> {
  const programs = postgresPrograms();
  if (programs === undefined) return undefined;
  const user = runningAs('postgres');
  const home = folderFor(folder, 'postgres', user);
  const data = join(home, 'data');
  const init = [
    '--pgdata',
    data,
    '--username',
    'postgres',
    '--auth',
    'trust',
    '--encoding',
    'UTF8',
    '--locale',
    'C.UTF-8',
  ];
  await run(join(programs, 'initdb'), init, { cwd: home, ...user });
  const variables = { PGHOST: home, PGUSER: 'postgres', PGPASSWORD: '' };
  const sql: DatabaseServer['sql'] = (text, database = 'postgres') =>
    run('psql', ['--no-psqlrc', '-qAt', '--set', 'ON_ERROR_STOP=1', '--dbname', database, '--file', '-'], {
      variables,
      stdin: text,
    });
  return served('postgres', variables, sql, () =>
    spawn(join(programs, 'postgres'), ['-D', data, '-k', home, '-c', 'listen_addresses=', '-c', 'max_wal_size=4GB'], {
      cwd: home,
      stdio: 'ignore',
      ...user,
    }),
  );
}

/** Undefined where MariaDB is not installed. */
export async function startMariadb(folder: string): Promise<DatabaseServer | undefined> {
  const program = ['/usr/sbin/mariadbd', '/usr/bin/mariadbd'].find(existsSync);
  if (program === undefined) return undefined;
  const user = runningAs('mysql');
  const home = folderFor(folder, 'mariadb', user);
  const data = join(home, 'data');
  const socket = join(home, 'socket');
  const init = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'];
  await run('mariadb-install-db', init, { cwd: home, ...user });
  const variables = { DB_HOST: 'localhost', DB_USER: 'root', DB_SOCKET: socket, MYSQL_PWD: '' };
  const sql: DatabaseServer['sql'] = (text, database = '') =>
    run('mariadb', ['--no-defaults', '-NB', '--default-character-set=utf8mb4', '-S', socket, '-uroot', database], {
      stdin: text,
    });
  return served('mariadb', variables, sql, () =>
    spawn(
      program,
      ['--no-defaults', `--datadir=${data}`, `--socket=${socket}`, '--skip-networking', `--pid-file=${home}/pid`],
      {
        cwd: home,
        stdio: 'ignore',
        ...user,
      },
    ),
  );
}

async function served(
  engine: DatabaseServer['engine'],
  variables: DatabaseServer['variables'],
  sql: DatabaseServer['sql'],
  launch: () => ChildProcess,
): Promise<DatabaseServer> {
  let child: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await ended;
  };
  const start = async (): Promise<void> => {
    child = launch();
    for (const deadline = Date.now() + READY_WITHIN_MS; ; await sleep(100)) {
      try {
        return void (await sql('select 1;'));
      } catch (error) {
        if (Date.now() > deadline) throw error;
        // After a kill its children hold on to its memory for a moment.
        if (child.exitCode !== null) child = launch();
      }
    }
  };
  await start();
  return {
    engine,
    variables,
    sql,
    start,
    kill: () => end('SIGKILL'),
    // Postgres calls it a fast shutdown; MariaDB knows only one kind.
    stop: () => end(engine === 'postgres' ? 'SIGINT' : 'SIGTERM'),
  };
}

function run(
  program: string,
  args: readonly string[],
  options: { cwd?: string; uid?: number; gid?: number; variables?: Readonly<Record<string, string>>; stdin?: string },
): Promise<string> {
  const { variables, stdin, ...rest } = options;
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8', ...variables };
    const child = execFile(program, [...args], { ...rest, env, maxBuffer: 1 << 28 }, (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(`${program}: ${stderr || error.message}`)),
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(stdin ?? '');
  });
}
