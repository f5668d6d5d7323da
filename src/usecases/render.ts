import { join } from 'node:path';
import { retireStacks } from '../engine/retired.ts';
import type { Blueprint } from '../model/blueprint.ts';
import type { Surroundings } from '../model/surroundings.ts';
import type { Ports } from '../ports/ports.ts';
import { placeCharts, type UpstreamChart } from '../render/charts.ts';
import { renderEnvironment } from '../render/environment.ts';
import { upstreamCharts } from '../render/needs.ts';
import { checkTree, writeTree } from '../render/tree.ts';
import type { Toolchain } from '../toolchain/toolchain.ts';
import type { RenderKit } from './render-inputs.ts';
import type { Verdict } from './verdict.ts';

export interface RenderRequest {
  readonly blueprint: Blueprint;
  readonly surroundings: Surroundings;
  readonly kit: RenderKit;
  /** Write nothing, and fail when something would be written. */
  readonly check: boolean;
}

export interface RenderResult {
  readonly verdict: Verdict;
  /** Absolute: the folder of the environment. Every path below is relative to it. */
  readonly folder: string;
  readonly stacks: readonly RenderedStack[];
  readonly written: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
  /** With `check`: what differs from the environment. */
  readonly stale: readonly { readonly path: string; readonly reason: 'missing' | 'changed' | 'left over' }[];
}

export interface RenderedStack {
  readonly name: string;
  readonly title: string;
  readonly files: number;
  /** How many of them were written, or are stale. */
  readonly changed: number;
}

/** Blueprint → files, of which only those that changed are written. */
export async function render(ports: Pick<Ports, 'files'>, request: RenderRequest): Promise<RenderResult> {
  const { blueprint, surroundings, kit, check } = request;
  const tree = renderEnvironment(blueprint, kit);
  const folder = join(surroundings.root, blueprint.environment);
  const filesOf = countByStack(tree.keys());
  const stacksOf = (touched: readonly string[]): readonly RenderedStack[] => {
    const changedOf = countByStack(touched);
    return blueprint.stacks.map(({ name, title }) => ({
      name,
      title,
      files: filesOf.get(name) ?? 0,
      changed: changedOf.get(name) ?? 0,
    }));
  };
  if (check) {
    const stale = await checkTree(ports.files, folder, tree);
    const paths = stale.map(({ path }) => path);
    const unchanged = tree.size - stale.filter(({ reason }) => reason !== 'left over').length;
    return {
      verdict: stale.length > 0 ? 'failed' : 'done',
      folder,
      stacks: stacksOf(paths),
      written: [],
      removed: [],
      unchanged,
      stale,
    };
  }
  await retireStacks(ports.files, folder, new Set(blueprint.stacks.map(({ name }) => name)));
  const changes = await writeTree(ports.files, folder, tree);
  await placeCharts(ports.files, join(surroundings.root, 'charts'), kit.ownCharts, []);
  return { verdict: 'done', folder, stacks: stacksOf(changes.written), ...changes, stale: [] };
}

/**
 * The archives of the charts that this environment installs: those of their projects, or, in a sandbox, those packed from
 * the source; and, in ffops.lock.yaml, which these are.
 */
export async function placeUpstreamCharts(
  ports: Pick<Ports, 'files'>,
  { blueprint, surroundings, kit }: Pick<RenderRequest, 'blueprint' | 'surroundings' | 'kit'>,
  toolchain: Pick<Toolchain, 'chartArchive' | 'record' | 'upstream'>,
): Promise<void> {
  const isReal = surroundings.kind === 'real';
  const archives = await Promise.all(
    upstreamCharts(blueprint).map(async (name): Promise<UpstreamChart> => {
      const { path, digest, version } = isReal
        ? await toolchain.upstream.provide(name)
        : await toolchain.chartArchive(name);
      return { name, version, file: kit.charts.get(name)!.file, digest, path };
    }),
  );
  await placeCharts(ports.files, join(surroundings.root, 'charts'), [], archives);
  const used = [...new Set(blueprint.stacks.flatMap(({ providers }) => providers))].sort();
  await toolchain.record(
    isReal
      ? { charts: [], providers: Object.fromEntries(used.map((name) => [name, kit.providers[name]])) }
      : { charts: archives },
  );
}

/** Before a real environment is rendered: throws when a chart is not the one of ffops.lock.yaml. Asks no network. */
export async function refuseOtherCharts(
  blueprint: Blueprint,
  { upstream }: Pick<Toolchain, 'upstream'>,
): Promise<void> {
  for (const name of upstreamCharts(blueprint)) await upstream.check(name);
}

/** `stacks/<stack>/…`; what lies outside of stacks counts for none. */
function countByStack(paths: Iterable<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const [folder, stack] = path.split('/', 2);
    if (folder === 'stacks' && stack !== undefined) counts.set(stack, (counts.get(stack) ?? 0) + 1);
  }
  return counts;
}
