import type { Workspace } from '../model/workspace.ts';
import type { Ports } from '../ports/ports.ts';
import { packageCharts, type ChartArchive, type PackagedChart } from '../render/charts.ts';
import type { RenderInputs } from '../render/environment.ts';
import { packageTemplates, type Templates } from '../render/templates.ts';
import { loadPins, type Pins } from '../toolchain/pins.ts';
import type { ProviderSet } from '../toolchain/toolchain.ts';
import { ownFiles } from './own-files.ts';

export interface RenderKit extends RenderInputs {
  /** Our own charts, packed; their archives travel with the stacks. */
  readonly ownCharts: readonly PackagedChart[];
  /** Names of those of the package: they run no image that their values do not name. A test renders them all to see it. */
  readonly tellingCharts: ReadonlySet<string>;
}

/** Everything that rendering reads beside the blueprint: of the package, and of the workspace's own apps. */
export async function loadRenderKit(
  { files }: Pick<Ports, 'files'>,
  { versions }: Pick<ProviderSet, 'versions'>,
  { root }: Pick<Workspace, 'root'>,
): Promise<RenderKit> {
  const [templates, packaged, pins] = await Promise.all([
    packageTemplates(files),
    packageCharts(files),
    loadPins(files),
  ]);
  const charts = new Map<string, ChartArchive>();
  for (const chart of [...upstreamCharts(pins), ...packaged]) charts.set(chart.name, archiveOf(chart));
  const own = await ownFiles(files, root, { templates: templates.paths, charts: new Set(charts.keys()) });
  for (const chart of own.charts) charts.set(chart.name, archiveOf(chart));
  return {
    templates: either(own.templates, templates),
    ownCharts: [...packaged, ...own.charts],
    tellingCharts: new Set(packaged.map(({ name }) => name)),
    charts,
    providers: versions,
  };
}

function either(first: Templates, second: Templates): Templates {
  if (first.paths.length === 0) return second;
  return {
    paths: [...first.paths, ...second.paths].sort(),
    render: (path, context) => (first.paths.includes(path) ? first : second).render(path, context),
  };
}

function archiveOf({ name, version, file, digest }: ChartArchive): ChartArchive {
  return { name, version, file, digest };
}

function upstreamCharts(pins: Pins): readonly ChartArchive[] {
  return Object.entries(pins.charts).map(([name, { version, digest }]) => ({
    name,
    version,
    file: `${name}-${version}.tgz`,
    digest,
  }));
}
