import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appNames, environmentFile } from './many-apps.ts';
import { median, race, root, type Claim } from './measure.ts';

const SIZES = [10, 100, 1000] as const;
const ROUNDS = 3;

/** Whole processes that render into a workspace of their own, everything written anew each time. */
export async function measureRender(): Promise<readonly Claim[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ffops-bench-'));
  try {
    const contenders = SIZES.map((size) => {
      const workspace = join(folder, String(size));
      mkdirSync(join(workspace, 'environments'), { recursive: true });
      writeFileSync(join(workspace, 'ffops.yaml'), 'name: bench\n');
      writeFileSync(join(workspace, 'environments', 'prod.yaml'), environmentFile('doks', appNames(size)));
      return {
        name: String(size),
        program: process.execPath,
        args: [join(root, 'bench', 'ffops.mjs'), 'render', '-e', 'prod', '--workspace', workspace],
        env: { FFOPS_BENCH_APPS: appNames(size).join() },
        before: () => rmSync(join(workspace, '.ffops'), { recursive: true, force: true }),
      };
    });
    const runs = await race(contenders, ROUNDS);
    const seconds = (size: number): number => median((runs.get(String(size)) ?? []).map((run) => run.seconds));
    const memory = Math.max(...(runs.get('1000') ?? []).map((run) => run.megabytes ?? Number.NaN));
    return [
      ...SIZES.map((size): Claim => ({
        what: `render ${size} apps`,
        value: seconds(size),
        unit: 's',
        ...(size === 1000 ? { goal: 3 } : {}),
      })),
      { what: 'memory of rendering 1,000 apps', value: memory, unit: 'MB', goal: 300 },
      // Start-up counts in both, so this is on the safe side of linear only when it stays below ten.
      { what: '1,000 apps against 100', value: seconds(1000) / seconds(100), unit: '×', goal: 10 },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
