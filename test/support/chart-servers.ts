/**
 * A real PostgreSQL and a real MariaDB that are configured as our charts configure them: the rendered files, with other
 * folders in them, on loopback and on a socket. As root they run under another user of a namespace of its own, because they
 * refuse to be root; nothing on the machine changes hands for it.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'mocha';
import { Secret } from '../../src/model/secret.ts';
import { makeCertificate, partOf } from '../../src/secrets/certificate.ts';
import { projectRoot } from './cli.ts';
import { deep, type KubernetesObject } from './manifests.ts';
import { runTool, toolOrSkip } from './tools.ts';
import { parseAllDocuments } from 'yaml';

export type Engine = 'postgres' | 'mariadb';

export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ChartServer {
  readonly engine: Engine;
  /** What the scripts of charts/dumps reach it with as the administrator, over TCP with TLS; the engine's tools are on the path. */
  readonly client: Readonly<Record<string, string>>;
  /** Runs the Job's script, as its pod would. */
  provision(databases: readonly Login[], administrator?: string): Promise<Ended>;
  /** Runs the script beside the server that gives the administrator a password; undefined where users cannot be had for it. */
  setAdministrator: ((password: string) => Promise<Ended>) | undefined;
  /** Statements as one user in one database, over TCP with TLS; rows as text. */
  as(login: Login, statements: string): Promise<Ended>;
  /** Statements as the administrator. */
  admin(statements: string, database?: string): Promise<Ended>;
  /** The same login, over TCP without TLS. */
  unencrypted(login: Login): Promise<Ended>;
  /** Statements as the exporter's user, over the socket; undefined where we may not become that user. */
  exporter: ((statements: string) => Promise<Ended>) | undefined;
  /** Everything the server has written down so far. */
  log(): string;
  /** As pulling the plug does. */
  kill(): Promise<void>;
  /** After `kill`: what it had promised to keep is there. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface Login {
  readonly name: string;
  readonly user: string;
  readonly password: string;
}

export const ADMINISTRATOR = 'rooty\'s "first" \\$pass';

interface Found {
  readonly programs: Readonly<Record<string, string>>;
  readonly basedir?: string;
  readonly clientLibraries?: string;
}

/** Skips the running test where the server cannot be had, and says why. */
export async function startChartServer(
  test: Context,
  engine: Engine,
  folder: string,
  wish: ServerWish = { loud: true },
): Promise<ChartServer> {
  const helm = await toolOrSkip(test, 'helm');
  const server = await openChartServer(engine, folder, helm, wish);
  if (typeof server !== 'string') return server;
  console.log(`      skipped: ${server}`);
  return test.skip();
}

export interface ServerWish {
  /** Whether every statement is written down, so that a password in one would be seen. */
  readonly loud: boolean;
}

/** Or, in words, why it cannot be had. */
export async function openChartServer(
  engine: Engine,
  folder: string,
  helm: string,
  { loud }: ServerWish,
): Promise<ChartServer | string> {
  const found = JSON.parse(
    (await run([process.execPath, join(projectRoot, 'setup/databases.mjs'), '--json'], {})).stdout,
  ) as Record<Engine | 'postgres-tools', Found & { readonly missing?: string }>;
  const { missing, ...programs } = found[engine];
  if (missing !== undefined) return `${engine}: ${missing}`;
  const tools = found[engine === 'postgres' ? 'postgres-tools' : 'mariadb'];
  // Those who make dumps ask for quiet, and cannot do without.
  if (!loud && tools.missing !== undefined) return `the tools of ${engine}: ${tools.missing}`;
  if (root && (await run([...ofUser('daemon'), 'true'], {})).exitCode !== 0)
    return `${engine} refuses to run as root, and there are no user namespaces here`;
  const chart = join(projectRoot, 'charts', engine);
  const text = await runTool(helm, ['template', engine, chart, '--namespace', 'data'], { cwd: folder });
  const objects = parseAllDocuments(text).flatMap((document) => (document.toJS() as KubernetesObject | null) ?? []);
  for (const name of ['etc', 'certificate', 'socket']) mkdirSync(join(folder, name));
  const certificate = makeCertificate(engine, ['localhost'], new Date());
  for (const part of ['tls.crt', 'tls.key', 'ca.crt'] as const)
    writeFileSync(join(folder, 'certificate', part), partOf(new Secret(certificate.reveal()), part).reveal(), {
      mode: 0o600,
    });
  const start = engine === 'postgres' ? startPostgres : startMariadb;
  return start({ folder, programs, tools: foldersOf(tools), objects, port: await freePort(), loud });
}

interface Scene {
  readonly folder: string;
  readonly programs: Found;
  /** Folders of the engine's tools, for a path. */
  readonly tools: string;
  readonly objects: readonly KubernetesObject[];
  readonly port: number;
  readonly loud: boolean;
}

function foldersOf({ programs }: Pick<Found, 'programs'> & { readonly missing?: string }): string {
  return [...new Set(Object.values(programs ?? {}).map((program) => dirname(program)))].join(':');
}

const root = process.getuid?.() === 0;

/** How a program is started as a user of that name, in a namespace where we are nobody else. */
function ofUser(name: string): string[] {
  return root ? ['unshare', '--user', `--map-user=${idOf(name)}`, `--map-group=${idOf(name)}`] : [];
}

function idOf(name: string): number | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${name}:`));
  return line === undefined ? undefined : Number(line.split(':')[2]);
}

function configMap(objects: readonly KubernetesObject[], name: string): Record<string, string> {
  const found = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name);
  return found?.['data'] as Record<string, string>;
}

function variable(objects: readonly KubernetesObject[], name: string): string {
  const all = deep(
    objects.find(({ kind }) => kind === 'StatefulSet'),
    'env',
  ).flat() as { name: string; value: string }[];
  return all.find((one) => one.name === name)?.value ?? '';
}

/** Writes the files of a ConfigMap, with the folders of this test in them. */
function writeFiles(files: Record<string, string>, into: string, folders: Record<string, string>): void {
  mkdirSync(into, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    const here = Object.entries(folders).reduce((so, [from, to]) => so.replaceAll(from, to), text);
    writeFileSync(join(into, name), here);
  }
}

function numbered(databases: readonly Login[]): Record<string, string> {
  return Object.fromEntries(
    databases.flatMap(({ name, user, password }, index) => [
      [`DATABASE_${index + 1}_NAME`, name],
      [`DATABASE_${index + 1}_USER`, user],
      [`DATABASE_${index + 1}_PASSWORD`, password],
    ]),
  );
}

async function startPostgres(scene: Scene): Promise<ChartServer> {
  const { folder, objects, port, tools } = scene;
  const { programs, clientLibraries } = scene.programs;
  const { initdb = '', postgres = '', psql = '' } = programs;
  const user = root ? (idOf('postgres') === undefined ? 'daemon' : 'postgres') : userInfo().username;
  const libraries: Record<string, string> = clientLibraries === undefined ? {} : { LD_LIBRARY_PATH: clientLibraries };
  const socket = join(folder, 'socket');
  const etc = join(folder, 'etc');
  writeFiles(configMap(objects, 'postgres'), etc, {
    '/etc/postgresql-certificate': join(folder, 'certificate'),
    '/etc/postgresql': etc,
    '/var/run/postgresql': socket,
  });
  // Where there is no user of the system that is called postgres, another one stands for it.
  const hba = join(etc, 'pg_hba.conf');
  writeFileSync(hba, readFileSync(hba, 'utf8').replace(/^(local +all +postgres +peer)$/m, '$1 map=here'));
  const ident = join(etc, 'pg_ident.conf');
  writeFileSync(ident, `${readFileSync(ident, 'utf8')}\nhere ${user} postgres\n`);
  writeFiles(configMap(objects, 'postgres-databases'), join(folder, 'databases'), {});

  const data = join(folder, 'data');
  const args = variable(objects, 'POSTGRES_INITDB_ARGS').split(' ');
  await must([...ofUser(user), initdb, '-D', data, '--username=postgres', ...args], { LC_ALL: 'C.UTF-8' });
  const log = join(folder, 'log');
  const settings = [`config_file=${join(etc, 'postgresql.conf')}`, 'listen_addresses=127.0.0.1', `port=${port}`];
  const loud = ['log_statement=all', 'log_min_error_statement=error', 'log_min_duration_statement=0'];
  const options = [...settings, ...(scene.loud ? loud : [])].flatMap((setting) => ['-c', setting]);

  const path = psql.slice(0, psql.lastIndexOf('/'));
  const basics = { ...libraries, PATH: `${path}:${process.env['PATH'] ?? ''}`, PGPORT: String(port) };
  const tls = {
    ...basics,
    PGHOST: 'localhost',
    PGSSLMODE: 'verify-full',
    PGSSLROOTCERT: join(folder, 'certificate/ca.crt'),
  };
  const ask = (statements: string, environment: Record<string, string>, prefix: readonly string[] = []) =>
    run(
      [...prefix, psql, '-XqAt', '-v', 'ON_ERROR_STOP=1', '-f', '-'],
      { ...environment, PGCLIENTENCODING: 'UTF8' },
      statements,
    );
  const inside = { ...basics, PGHOST: socket };
  const admin = (statements: string, database = 'postgres') =>
    ask(statements, { ...inside, PGUSER: 'postgres', PGDATABASE: database }, ofUser(user));
  const setAdministrator = (password: string) =>
    run([...ofUser(user), 'sh', join(etc, 'superuser.sh')], { ...inside, POSTGRES_PASSWORD: password });
  const server = await served(
    () => launch([...ofUser(user), postgres, '-D', data, ...options], { LC_ALL: 'C.UTF-8' }, log),
    log,
    () => admin('SELECT 1'),
    'SIGINT',
  );
  await setAdministrator(ADMINISTRATOR);
  const login = ({ name, user: role, password }: Login) => ({ PGDATABASE: name, PGUSER: role, PGPASSWORD: password });
  return {
    setAdministrator,
    admin,
    as: (one, statements) => ask(statements, { ...tls, ...login(one) }),
    unencrypted: (one) => ask('SELECT 1', { ...tls, ...login(one), PGSSLMODE: 'disable' }),
    exporter: root
      ? (statements) =>
          ask(statements, { ...inside, PGUSER: 'ffops_exporter', PGDATABASE: 'postgres' }, ['setpriv', ...asNobody])
      : undefined,
    provision: (databases, administrator = ADMINISTRATOR) =>
      run(['sh', join(folder, 'databases/databases.sh')], {
        ...tls,
        SUPERUSER_PASSWORD: administrator,
        ...numbered(databases),
      }),
    log: () => readFileSync(log, 'utf8'),
    engine: 'postgres',
    client: {
      PATH: tools,
      PGHOST: 'localhost',
      PGPORT: String(port),
      PGUSER: 'postgres',
      PGPASSWORD: ADMINISTRATOR,
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: join(folder, 'certificate/ca.crt'),
    },
    ...server,
  };
}

/** With all of root's rights but its name: the folders of the test stay open to it. */
const asNobody = ['--reuid=65534', '--inh-caps=+dac_override', '--ambient-caps=+dac_override'];

async function startMariadb(scene: Scene): Promise<ChartServer> {
  const { folder, objects, port, tools } = scene;
  const { programs, basedir, clientLibraries } = scene.programs;
  const { mariadbd = '', install = '', mariadb = '' } = programs;
  const own = root && idOf('mysql') !== undefined;
  const user = own ? 'mysql' : root ? 'daemon' : userInfo().username;
  const socket = join(folder, 'socket/s');
  writeFiles(configMap(objects, 'mariadb'), join(folder, 'etc'), {
    '/etc/mysql-certificate': join(folder, 'certificate'),
  });
  writeFiles(configMap(objects, 'mariadb-databases'), join(folder, 'databases'), {});
  const data = join(folder, 'data');
  const log = join(folder, 'log');
  const general = join(folder, 'statements');
  const where = basedir === undefined ? [] : [`--basedir=${basedir}`, `--plugin-dir=${basedir}/lib/mysql/plugin`];
  const libraries: Record<string, string> = clientLibraries === undefined ? {} : { LD_LIBRARY_PATH: clientLibraries };
  const initial = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'];
  await must([...ofUser(user), install, ...where.slice(0, 1), ...initial], libraries);
  const options = [
    `--defaults-file=${join(folder, 'etc/ffops.cnf')}`,
    ...where,
    `--datadir=${data}`,
    `--socket=${socket}`,
  ];
  const network = [`--port=${port}`, '--bind-address=127.0.0.1', `--pid-file=${join(folder, 'pid')}`];
  const loud = ['--general-log', `--general-log-file=${general}`];

  const path = mariadb.slice(0, mariadb.lastIndexOf('/'));
  const basics = { ...libraries, PATH: `${path}:${process.env['PATH'] ?? ''}` };
  const ask = (statements: string, flags: readonly string[], password: string, prefix: readonly string[] = []) =>
    run(
      [...prefix, mariadb, '--no-defaults', '--default-character-set=utf8mb4', '-NB', ...flags],
      { ...basics, MYSQL_PWD: password },
      statements,
    );
  const inside = ['--protocol=socket', `--socket=${socket}`];
  const outside = ['--protocol=tcp', '--host=localhost', `--port=${port}`];
  const tls = [...outside, `--ssl-ca=${join(folder, 'certificate/ca.crt')}`, '--ssl-verify-server-cert'];
  const login = ({ name, user: account }: Login) => [`--user=${account}`, `--database=${name}`];
  let administrator = '';
  const server = await served(
    () =>
      launch(
        [...ofUser(user), mariadbd, ...options, ...network, ...(scene.loud ? loud : []), '--skip-name-resolve'],
        libraries,
        log,
      ),
    log,
    () => ask('SELECT 1', [...inside, '--user=root'], administrator),
    'SIGTERM',
  );
  const quoted = `'${ADMINISTRATOR.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  // What the image's own script does when it makes a new one.
  await mustEnd(
    ask(
      `DROP USER IF EXISTS root@'127.0.0.1', root@'::1'; EXECUTE IMMEDIATE CONCAT("DROP USER IF EXISTS root@'", @@hostname, "'");
       CREATE USER root@'%' IDENTIFIED BY ${quoted}; GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;
       SET PASSWORD FOR root@localhost = PASSWORD(${quoted});
       CREATE USER mysql@localhost IDENTIFIED VIA unix_socket; GRANT CREATE USER ON *.* TO mysql@localhost;`,
      [...inside, '--user=root'],
      '',
    ),
  );
  administrator = ADMINISTRATOR;
  return {
    setAdministrator: own
      ? async (password) => {
          const ended = await run([...ofUser(user), 'sh', join(folder, 'etc/root.sh')], {
            ...basics,
            SOCKET: socket,
            MARIADB_ROOT_PASSWORD: password,
          });
          administrator = password;
          return ended;
        }
      : undefined,
    admin: (statements, database) =>
      ask(
        statements,
        [...inside, '--user=root', ...(database === undefined ? [] : [`--database=${database}`])],
        administrator,
      ),
    as: (one, statements) => ask(statements, [...tls, ...login(one)], one.password),
    unencrypted: (one) => ask('SELECT 1', [...outside, '--skip-ssl', ...login(one)], one.password),
    exporter: root
      ? (statements) => ask(statements, [...inside, '--user=nobody'], '', ['setpriv', ...asNobody])
      : undefined,
    provision: (databases, password = administrator) =>
      run(['sh', join(folder, 'databases/databases.sh')], {
        ...basics,
        SERVER: 'localhost',
        PORT: String(port),
        AUTHORITY: join(folder, 'certificate/ca.crt'),
        ROOT_PASSWORD: password,
        ...numbered(databases),
      }),
    log: () => readFileSync(log, 'utf8') + (scene.loud ? readFileSync(general, 'utf8') : ''),
    engine: 'mariadb',
    client: {
      ...libraries,
      PATH: tools,
      DB_HOST: 'localhost',
      DB_PORT: String(port),
      DB_USER: 'root',
      MYSQL_PWD: ADMINISTRATOR,
      DB_CA: join(folder, 'certificate/ca.crt'),
    },
    ...server,
  };
}

function run(
  [program = '', ...args]: readonly string[],
  environment: Record<string, string>,
  stdin = '',
): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', LANG: 'C.UTF-8', ...cached, ...environment };
    const child = execFile(
      program,
      args,
      { env, timeout: 120_000, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) =>
        resolve({ exitCode: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr }),
    );
    child.stdin?.on('error', () => undefined).end(stdin);
  });
}

/** Where the set-up keeps what it has brought. */
const cached = Object.fromEntries(
  ['FFOPS_CACHE', 'XDG_CACHE_HOME', 'HOME'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  }),
);

async function must(command: readonly string[], environment: Record<string, string>): Promise<void> {
  await mustEnd(run(command, environment));
}

async function mustEnd(work: Promise<Ended>): Promise<void> {
  const { exitCode, stdout, stderr } = await work;
  if (exitCode !== 0) throw new Error(`exit ${exitCode}: ${stderr || stdout}`);
}

function launch(
  [program = '', ...args]: readonly string[],
  environment: Record<string, string>,
  log: string,
): ChildProcess {
  const shell = 'exec "$@" >"$FFOPS_TEST_LOG" 2>&1';
  return spawn('sh', ['-c', shell, 'sh', program, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...environment, FFOPS_TEST_LOG: log },
    stdio: 'ignore',
  });
}

async function served(
  start: () => ChildProcess,
  log: string,
  probe: () => Promise<Ended>,
  polite: NodeJS.Signals,
): Promise<Pick<ChartServer, 'kill' | 'restart' | 'stop'>> {
  let server = await ready(start, log, probe, 1);
  return {
    kill: () => end(server, 'SIGKILL'),
    restart: async () => {
      // After a kill its children hold on to its memory for a moment.
      server = await ready(start, log, probe, 20);
    },
    stop: () => end(server, polite),
  };
}

async function ready(
  start: () => ChildProcess,
  log: string,
  probe: () => Promise<Ended>,
  starts: number,
): Promise<ChildProcess> {
  let server = start();
  for (let attempt = 0; attempt < 300; attempt++) {
    if ((await probe()).exitCode === 0) return server;
    if (server.exitCode !== null) {
      if (--starts === 0) break;
      server = start();
    }
    await sleep(200);
  }
  await end(server, 'SIGKILL');
  throw new Error(`the server does not answer:\n${readFileSync(log, 'utf8')}`);
}

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill(signal);
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
