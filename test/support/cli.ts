/**
 * The command line as a user has it: bin/run.js in a process of its own, with a home, a cache and a workspace of its
 * own, and without a network. `dist` is built first when it is older than `src`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './project-root.ts';
import { tempFolder } from './temp.ts';
import { atTerminal, type TerminalSession } from './terminal.ts';
import { runWithin } from './within.ts';

export { projectRoot };

const launcher = join(projectRoot, 'bin/run.js');

export interface CliOutcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as JSON; throws when it is not one document. */
  readonly json: <T = Record<string, unknown>>() => T;
}

export interface CliHome {
  /** The folder commands run in. */
  readonly folder: string;
  readonly home: string;
  run(args: readonly string[], options?: CliOptions): Promise<CliOutcome>;
  /** The same within this process, for what a command says and writes: starting Node takes longer than most commands. */
  within(args: readonly string[], options?: Omit<CliOptions, 'stdin'>): Promise<CliOutcome>;
  /** The same at a terminal, where it can ask. */
  atTerminal(args: readonly string[]): TerminalSession;
  readonly remove: () => void;
}

export interface CliOptions {
  /** Relative to the folder. */
  readonly cwd?: string;
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** Piped in; nothing when absent. */
  readonly stdin?: string;
}

/** `example` is a folder of examples/; empty without one. */
export function cliHome(example?: string): CliHome {
  buildOnce();
  const temp = tempFolder();
  const folder = join(temp.path, 'work');
  const home = join(temp.path, 'home');
  mkdirSync(folder);
  if (example !== undefined) {
    const source = join(projectRoot, 'examples', example);
    cpSync(source, folder, { recursive: true, filter: (path) => !path.includes('/.ffops') });
  }
  return {
    folder,
    home,
    run: (args, options = {}) => run(args, folder, home, options),
    within: (args, { cwd = '.', variables = {} } = {}) =>
      runWithin(args, join(folder, cwd), { ...variablesOf(home), ...variables }),
    atTerminal: (args) => atTerminal([process.execPath, launcher, ...args], { cwd: folder, env: variablesOf(home) }),
    remove: temp.remove,
  };
}

function variablesOf(home: string): Readonly<Record<string, string | undefined>> {
  return {
    PATH: '/usr/bin:/bin',
    HOME: home,
    FFOPS_CACHE: join(home, 'cache'),
    FFOPS_OFFLINE: '1',
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
  };
}

function run(
  args: readonly string[],
  folder: string,
  home: string,
  { cwd = '.', variables = {}, stdin }: CliOptions,
): Promise<CliOutcome> {
  const env = { ...variablesOf(home), ...variables };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [launcher, ...args], {
      cwd: join(folder, cwd),
      env,
      stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdin?.end(stdin);
    child.stdout!.on('data', (chunk) => (stdout += chunk));
    child.stderr!.on('data', (chunk) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr, json: () => JSON.parse(stdout) as never }));
  });
}

let built = false;

/** What `npm run build` does, without installing anything; types are the business of `npm run check`. */
function buildOnce(): void {
  if (built) return;
  built = true;
  const manifest = join(projectRoot, 'oclif.manifest.json');
  const isFresh = [join(projectRoot, 'dist/cli/main.js'), manifest].every(
    (file) => existsSync(file) && statSync(file).mtimeMs > newest(join(projectRoot, 'src')),
  );
  if (isFresh) return;
  const node = (...args: string[]) =>
    spawnSync(process.execPath, args, { cwd: projectRoot, stdio: ['ignore', 'ignore', 'inherit'] });
  rmSync(manifest, { force: true });
  if (node('setup/bundle.mjs').status !== 0) throw new Error('the build failed');
  if (node('node_modules/oclif/bin/run.js', 'manifest').status !== 0)
    throw new Error('the command manifest could not be written');
}

function newest(folder: string): number {
  return Math.max(
    ...readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  );
}
