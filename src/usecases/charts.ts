/** `ffops charts lock|update|vendor`: which archives the environments of a workspace install, and where they come from. */
import { join } from 'node:path';
import { FfopsError } from '../errors.ts';
import { VENDORED_CHARTS, type Workspace } from '../model/workspace.ts';
import type { Ports } from '../ports/ports.ts';
import { upstreamCharts } from '../render/needs.ts';
import type { Toolchain } from '../toolchain/toolchain.ts';
import { lockOf } from './apps.ts';
import { blueprintOf, readableEnvironments } from './open-environment.ts';
import type { Result } from './verdict.ts';

export interface ChartsRequest {
  readonly workspace: Workspace;
  /** `lock` adds what is missing, `update` takes the versions of this ffops, `vendor` locks and copies. */
  readonly how: 'lock' | 'update' | 'vendor';
}

export interface ChartsResult extends Result {
  readonly how: ChartsRequest['how'];
  readonly charts: readonly ChartLine[];
  /** What no environment uses any more: taken out of the lock, or out of `vendor/charts`. */
  readonly removed: readonly string[];
}

export interface ChartLine {
  readonly name: string;
  readonly version: string;
  readonly repository: string;
  /** Of the archive that real environments install; absent while nobody has seen it. */
  readonly digest?: string;
  /** Of the archive that sandboxes install. */
  readonly rebuilt: string;
  /** What this run did to the lock. */
  readonly change: 'added' | 'updated' | 'none';
  /** The version that was locked before an update. */
  readonly before?: string;
  readonly environments: readonly string[];
  /** Below the workspace, once it is vendored. */
  readonly file?: string;
  /** Why there is no archive. */
  readonly trouble?: { readonly message: string; readonly hints: readonly string[] };
}

export async function keepCharts(
  ports: Pick<Ports, 'files'>,
  toolchain: Pick<Toolchain, 'upstream' | 'chartPins'>,
  { workspace, how }: ChartsRequest,
): Promise<ChartsResult> {
  const users = await usersOfCharts(ports, workspace);
  const lock = lockOf(ports, workspace);
  const folder = join(workspace.root, VENDORED_CHARTS);
  const charts = await Promise.all(
    [...users].map(async ([name, environments]): Promise<ChartLine> => {
      const before = await lock.chart(name);
      const got = await archiveOf(toolchain, name, how);
      if (how === 'vendor' && 'bytesAt' in got)
        await copy(ports, got.bytesAt, join(folder, fileName(name, got.version)));
      const { version, repository, digest: rebuilt } = toolchain.chartPins[name]!;
      const after = await lock.chart(name);
      const isOther = before !== undefined && before.version !== after?.version;
      return {
        name,
        version: after?.version ?? version,
        repository: after?.repository ?? repository,
        ...(after?.digest !== undefined && { digest: after.digest }),
        rebuilt: after?.rebuilt ?? rebuilt,
        change: isOther ? 'updated' : before?.digest === after?.digest && before !== undefined ? 'none' : 'added',
        ...(isOther && { before: before.version }),
        environments,
        ...(how === 'vendor' && 'bytesAt' in got && { file: `${VENDORED_CHARTS}/${fileName(name, got.version)}` }),
        ...('trouble' in got && { trouble: got.trouble }),
      };
    }),
  );
  const removed = [
    ...(how === 'update' ? await lock.keepCharts([...users.keys()]) : []),
    ...(how === 'vendor' ? await clear(ports, folder, charts) : []),
  ];
  const verdict = charts.some(({ trouble }) => trouble !== undefined) ? 'failed' : 'done';
  return { verdict, how, charts, removed };
}

/** Name → the environments that install it, both sorted; broken environments are left out, their own commands say why. */
async function usersOfCharts(
  ports: Pick<Ports, 'files'>,
  workspace: Workspace,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const environments = await readableEnvironments(ports, workspace);
  const uses = environments.flatMap((environment) =>
    upstreamCharts(blueprintOf(workspace, environment)).map((chart) => ({ chart, environment: environment.name })),
  );
  const byChart = Map.groupBy(uses, ({ chart }) => chart);
  return new Map(
    [...byChart.keys()].sort().map((chart) => [chart, byChart.get(chart)!.map(({ environment }) => environment)]),
  );
}

type Got =
  | { readonly bytesAt: string; readonly version: string }
  | { readonly trouble: NonNullable<ChartLine['trouble']> };

/** What cannot be had is told beside what can; a changed archive is no reason to leave the others unlocked. */
async function archiveOf(
  { upstream }: Pick<Toolchain, 'upstream'>,
  name: string,
  how: ChartsRequest['how'],
): Promise<Got> {
  try {
    const { path, version } = await upstream.provide(name, { update: how === 'update', fresh: how === 'vendor' });
    return { bytesAt: path, version };
  } catch (error) {
    if (!(error instanceof FfopsError)) throw error;
    if (error.code === 'charts.nowhere') await upstream.lockVersion(name);
    return { trouble: { message: error.message, hints: error.problems.flatMap(({ hints }) => hints ?? []) } };
  }
}

async function copy({ files }: Pick<Ports, 'files'>, from: string, to: string): Promise<void> {
  const bytes = (await files.readBytes(from))!;
  const there = await files.readBytes(to);
  if (there === undefined || Buffer.compare(there, bytes) !== 0) await files.write(to, bytes);
}

/** An old archive would only wait for somebody to wonder what it is for. */
async function clear(
  { files }: Pick<Ports, 'files'>,
  folder: string,
  charts: readonly ChartLine[],
): Promise<readonly string[]> {
  const wanted = new Set(charts.map(({ name, version }) => fileName(name, version)));
  const gone = (await files.list(folder)).filter((file) => file.endsWith('.tgz') && !wanted.has(file));
  for (const file of gone) await files.remove(join(folder, file));
  return gone.map((file) => `${VENDORED_CHARTS}/${file}`);
}

function fileName(name: string, version: string): string {
  return `${name}-${version}.tgz`;
}
