#!/usr/bin/env node
// The one way in for a fresh clone: brings what is missing (a newer Node, the packages, the build), then runs the job.
// Plain JavaScript without packages, because nothing is installed yet when it starts; it must run on Node 20.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_WANTED = '22.18.0';
const NODE_BROUGHT = '24.21.0';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = process.env.FFOPS_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ffops');
const started = Date.now();

const jobs = {
  install: [],
  main: ['setup/main.mjs'],
  test: ['setup/test.mjs'],
  check: ['setup/check.mjs'],
  chaos: ['setup/test.mjs', '--chaos'],
  bench: ['bench/run.ts'],
};

const [job, ...rest] = process.argv.slice(2);
if (!(job in jobs)) {
  console.error(`Say what to run: ${Object.keys(jobs).join(', ')}.`);
  process.exit(3);
}

const environment = { ...process.env };
const node = atLeast(process.versions.node, NODE_WANTED) ? process.execPath : bringNode();
environment.PATH = `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`;
bringPackages();
build();
if (jobs[job].length > 0) {
  const { status, signal } = spawnSync(node, [...jobs[job], ...rest], {
    cwd: root,
    env: environment,
    stdio: 'inherit',
  });
  process.exit(status ?? (signal === 'SIGINT' ? 130 : 1));
}

function bringNode() {
  const folder = join(cache, 'node', `v${NODE_BROUGHT}`);
  const binary = join(folder, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(binary)) return binary;
  say(`This Node is ${process.versions.node}; ffops wants ${NODE_WANTED} or newer. Bringing ${NODE_BROUGHT} from npm.`);
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  writeFileSync(join(fresh, 'package.json'), '{"private":true}');
  const args = [
    'install',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
    '--no-package-lock',
    '--ignore-scripts=false',
    `node@${NODE_BROUGHT}`,
  ];
  must('npm', args, {
    cwd: fresh,
    why: 'Node could not be installed from npm. Check the network, or install Node 24 yourself.',
  });
  try {
    renameSync(fresh, folder);
  } catch (error) {
    // Another set-up may have been faster; then its copy serves.
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(binary)) throw error;
  }
  return binary;
}

function bringPackages() {
  const stamp = join(root, 'node_modules', '.ffops-stamp');
  const want = digest(['package-lock.json']);
  if (read(stamp) === want) return;
  say('Installing the packages (npm ci).');
  must('npm', ['ci', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'], {
    cwd: root,
    why: 'npm ci failed. Check the network and package-lock.json, then run this again.',
  });
  writeFileSync(stamp, want);
}

function build() {
  const stamp = join(root, 'dist', '.ffops-stamp');
  const want = digest([
    'tsconfig.json',
    'tsconfig.build.json',
    'package.json',
    'setup/bundle.mjs',
    ...walk('src'),
    ...walk('templates'),
  ]);
  if (read(stamp) === want) return;
  say('Building: types (tsc), then files (rolldown).');
  // A file that has left src must leave dist too, or oclif would still offer its command.
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  must(node, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
    cwd: root,
    why: 'The build failed; see above.',
  });
  must(node, ['setup/bundle.mjs'], { cwd: root, why: 'The build failed; see above.' });
  must(node, ['node_modules/oclif/bin/run.js', 'manifest'], {
    cwd: root,
    quiet: true,
    why: 'The command manifest could not be written.',
  });
  writeFileSync(stamp, want);
  say(`Ready after ${Math.round((Date.now() - started) / 1000)} s.`);
}

function must(program, args, { cwd, why, quiet = false }) {
  const result = spawnSync(program, args, {
    cwd,
    env: environment,
    stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
  });
  if (result.status === 0) return;
  if (quiet) process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  console.error(`ffops set-up: ${why}`);
  process.exit(result.status ?? 1);
}

function digest(files) {
  const hash = createHash('sha256').update(process.platform);
  for (const file of files)
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0');
  return hash.digest('hex');
}

function walk(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1))
    .sort();
}

function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function atLeast(have, want) {
  const a = have.split('.').map(Number);
  const b = want.split('.').map(Number);
  for (let index = 0; index < 3; index++) if (a[index] !== b[index]) return a[index] > b[index];
  return true;
}

function say(text) {
  console.error(`ffops set-up: ${text}`);
}
