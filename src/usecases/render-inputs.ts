import type { Ports } from '../ports/ports.ts';
import { packageCharts, type ChartArchive, type PackagedChart } from '../render/charts.ts';
import type { RenderInputs } from '../render/environment.ts';
import { loadTemplates } from '../render/templates.ts';
import { loadPins, type Pins } from '../toolchain/pins.ts';
import type { ProviderSet } from '../toolchain/toolchain.ts';

export interface RenderKit extends RenderInputs {
  /** Our own charts, packed; their archives travel with the stacks. */
  readonly ownCharts: readonly PackagedChart[];
}

/** Everything that rendering reads beside the blueprint; it is part of the package, so it is there. */
export async function loadRenderKit(
  { files }: Pick<Ports, 'files'>,
  { versions }: Pick<ProviderSet, 'versions'>,
): Promise<RenderKit> {
  const [templates, ownCharts, pins] = await Promise.all([loadTemplates(files), packageCharts(files), loadPins(files)]);
  const charts = new Map<string, ChartArchive>();
  for (const chart of upstreamCharts(pins)) charts.set(chart.name, chart);
  for (const { name, version, file, digest } of ownCharts) charts.set(name, { name, version, file, digest });
  return { templates, ownCharts, charts, providers: versions };
}

function upstreamCharts(pins: Pins): readonly ChartArchive[] {
  return Object.entries(pins.charts).map(([name, { version, digest }]) => ({
    name,
    version,
    file: `${name}-${version}.tgz`,
    digest,
  }));
}
