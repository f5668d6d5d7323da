import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheRoot } from '../src/toolchain/layout.ts';
import { median, race, ratio, root, type Claim, type Contender } from './measure.ts';

const ROUNDS = 9;

/** The list of a whole production's secrets, with their ages from git: names are read, nothing is opened. */
export async function measureSecrets(): Promise<readonly Claim[]> {
  const home = mkdtempSync(join(tmpdir(), 'ffops-bench-'));
  const workspace = join(home, 'workspace');
  const env = { HOME: home, FFOPS_CACHE: cacheRoot(process.env) };
  const run = (program: string, ...args: string[]): void =>
    void execFileSync(program, args, { cwd: workspace, env: { ...process.env, ...env }, stdio: 'ignore' });
  const ffops = (name: string, ...args: string[]): Contender => ({
    name,
    program: process.execPath,
    args: [join(root, 'bin', 'run.js'), ...args, '-e', 'prod', '--workspace', workspace],
    env,
  });
  try {
    cpSync(join(root, 'examples', 'fullfrontend'), workspace, { recursive: true });
    run(process.execPath, join(root, 'bin', 'run.js'), 'secrets', 'init', '-e', 'prod');
    run('git', 'init', '--quiet');
    run('git', 'add', '.');
    run('git', '-c', 'user.name=bench', '-c', 'user.email=bench@example.com', 'commit', '--message', 'all of it');
    const runs = await race([ffops('show', 'env', 'show'), ffops('list', 'secrets', 'list')], ROUNDS);
    const [show, list] = [runs.get('show') ?? [], runs.get('list') ?? []];
    return [
      {
        what: '`ffops secrets list` of the example, median',
        value: median(list.map((one) => one.seconds)),
        unit: 's',
        goal: 1,
      },
      { what: '`ffops secrets list` against `ffops env show`', value: ratio(list, show), unit: '×' },
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
