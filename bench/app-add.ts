import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entries } from '../src/catalogue/index.ts';
import { cacheRoot } from '../src/toolchain/layout.ts';
import { median, race, root, type Claim, type Contender } from './measure.ts';

const ROUNDS = 7;
const FFOPS = join(root, 'bin', 'run.js');

/**
 * Whole processes as people start them, in a workspace made anew each time: an app with a database, a cache and secrets of its own
 * is added, and every app of the catalogue is rendered where nothing is rendered yet.
 */
export async function measureAppAdd(): Promise<readonly Claim[]> {
  const home = mkdtempSync(join(tmpdir(), 'ffops-bench-'));
  const env = { HOME: home, FFOPS_CACHE: cacheRoot(process.env) };
  const apps = [...entries.values()].filter(({ kind }) => kind === 'app').map(({ id }) => id);
  const ffops = (name: string, has: readonly string[], ...args: string[]): Contender => {
    const [first, workspace] = [join(home, `${name}-first`), join(home, name)];
    mkdirSync(join(first, 'environments'), { recursive: true });
    writeFileSync(join(first, 'ffops.yaml'), 'name: bench\n');
    writeFileSync(join(first, 'environments', 'prod.yaml'), environment(has));
    execFileSync(process.execPath, [FFOPS, 'secrets', 'init', '-e', 'prod', '--workspace', first], {
      env: { ...process.env, ...env },
      stdio: 'ignore',
    });
    return {
      name,
      program: process.execPath,
      args: [FFOPS, ...args, '-e', 'prod', '--workspace', workspace],
      env,
      before: () => {
        rmSync(workspace, { recursive: true, force: true });
        cpSync(first, workspace, { recursive: true });
      },
    };
  };
  try {
    const contenders = [
      ffops('add', ['hello'], 'app', 'add', 'twenty', '--yes', '--set', 'workspace=Bench'),
      ffops('render', apps, 'render'),
    ];
    const runs = await race(contenders, ROUNDS);
    const seconds = (name: string): number => median((runs.get(name) ?? []).map((run) => run.seconds));
    return [
      { what: '`ffops app add twenty`, from the shell and back', value: seconds('add'), unit: 's', goal: 2 },
      {
        what: `\`ffops render\` of all ${apps.length} apps of the catalogue`,
        value: seconds('render'),
        unit: 's',
        goal: 1,
      },
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function environment(apps: readonly string[]): string {
  return [
    'platform: doks',
    'rootDomain: example.be',
    'cluster: { region: ams3 }',
    'tls: { email: ops@example.be }',
    'apps:',
    ...apps.map((name) => `  ${name}: {}`),
    '',
  ].join('\n');
}
