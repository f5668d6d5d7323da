/**
 * Which binary, provider and chart ffops works with, where each came from, and why. For every tool the first of these
 * that works: the one on PATH when its version fits, ffops' own cache, the official release, a build from source.
 */
import { ToolMissingError, UserError } from '../errors.ts';
import type { Ports } from '../ports/ports.ts';
import { builderOf } from './builder.ts';
import { chartCache, type ChartArchive } from './chart-cache.ts';
import { downloadsOf } from './downloads.ts';
import { toolFinder, type ResolvedTool } from './find-tools.ts';
import { thisHost, type Host } from './host.ts';
import { cacheRoot, layoutOf } from './layout.ts';
import { workspaceLock } from './lockfile.ts';
import { toolMaker } from './make-tools.ts';
import { isForSandbox, loadPins, type Pins, type ToolPin } from './pins.ts';
import type { OnProgress } from './progress.ts';
import { providersOf, type ProviderSet, type ProviderUse } from './providers.ts';
import { together } from './together.ts';
import { upstreamCharts, type ChartPlaces, type UpstreamCharts } from './upstream-charts.ts';
import type { Source, Workshop } from './workshop.ts';

export type { ChartArchive } from './chart-cache.ts';
export type { ResolvedTool } from './find-tools.ts';
export type { OnProgress, Progress } from './progress.ts';
export type { ProviderSet } from './providers.ts';
export { sources, type Source } from './workshop.ts';

export interface ToolReport {
  readonly name: string;
  readonly pinned: string;
  readonly neededFor: string;
  /** By the sandbox only. */
  readonly forSandbox: boolean;
  /** Absent: it is not there yet. */
  readonly found: ResolvedTool | undefined;
  /** What is off, in words: a version on PATH that does not fit, a tool that is missing. */
  readonly notes: readonly string[];
}

export interface ChartReport {
  readonly name: string;
  readonly pinned: string;
  /** Absent: it is not there yet. */
  readonly found: ChartArchive | undefined;
}

export interface Toolchain {
  readonly toolNames: readonly string[];
  /** What `sandbox prepare` brings, and nothing else does. */
  readonly nodeToolNames: readonly string[];
  readonly chartNames: readonly string[];
  /** The tool as it is now; installs nothing. Throws ToolMissingError with the command that installs it. */
  resolveTool(name: string): Promise<ResolvedTool>;
  /** All tools and what is off about each, for `toolchain list` and `doctor`. */
  reportTools(): Promise<readonly ToolReport[]>;
  /** Installs what is missing. What succeeds stays, whatever else fails. */
  ensureTools(names: readonly string[], onProgress?: OnProgress): Promise<readonly ResolvedTool[]>;
  reportCharts(): Promise<readonly ChartReport[]>;
  providerSet(use: ProviderUse): Promise<ProviderSet>;
  /** Providers that a sandbox takes from the mirror and that are not in it, as `Progress` names them. */
  missingProviders(): Promise<readonly string[]>;
  /** Decides anew for sandboxes, and builds what that takes. */
  ensureProviders(onProgress?: OnProgress): Promise<ProviderSet>;
  /** The archive that sandboxes install, packed from its source when it is not there yet. */
  chartArchive(name: string, onProgress?: OnProgress): Promise<ChartArchive>;
  /** The folder of a Go module's source, such as `github.com/some/module@v1.2.3`. */
  moduleSource(module: string): Promise<string>;
  readonly chartPins: Pins['charts'];
  /** The archives that real environments install, as ffops.lock.yaml has them. */
  readonly upstream: UpstreamCharts;
  /** Writes to ffops.lock.yaml what an environment was rendered with. */
  record(rendered: Rendered): Promise<void>;
}

export interface Rendered {
  /** Packed from their source. */
  readonly charts: readonly { readonly name: string; readonly version: string; readonly digest: string }[];
  /** Of a real environment: those of a sandbox are nobody else's business. */
  readonly providers?: Readonly<Record<string, string>>;
}

export interface ToolchainOptions {
  readonly source?: Source | undefined;
  /** Base URL that serves releases as `<base>/<host>/<path>`; FFOPS_MIRROR when absent. */
  readonly mirror?: string | undefined;
  /** The workspace's ffops.lock.yaml; one in the cache when there is no workspace. */
  readonly lockFile?: string | undefined;
  /** Absent where there is no workspace. */
  readonly charts?: ChartPlaces | undefined;
  readonly host?: Host;
  readonly pins?: Pins;
}

export async function openToolchain(ports: Ports, options: ToolchainOptions = {}): Promise<Toolchain> {
  const workshop = await openWorkshop(ports, options);
  const { pins, lock } = workshop;
  const finder = toolFinder(workshop);
  const maker = toolMaker(workshop, finder);
  const providers = providersOf(workshop, finder, maker);
  const charts = chartCache(workshop);

  const pinOf = (name: string): ToolPin => {
    const pin = pins.tools[name] ?? pins.nodeTools[name];
    if (pin) return pin;
    throw new UserError('toolchain.unknownTool', {
      message: `ffops knows no tool ${name}.`,
      hints: [`It knows ${Object.keys(pins.tools).join(', ')}.`],
    });
  };

  return {
    toolNames: Object.keys(pins.tools),
    nodeToolNames: Object.keys(pins.nodeTools),
    chartNames: charts.names,

    async resolveTool(name) {
      const notes: string[] = [];
      const found = await finder.find(name, pinOf(name), notes);
      if (found) return found;
      throw new ToolMissingError('toolchain.missing', {
        message: [`${name} is needed for ${pinOf(name).neededFor} and is not installed`, ...notes].join('; ') + '.',
        hints: [name in pins.nodeTools ? 'Run `ffops sandbox prepare`.' : `Run \`ffops toolchain install ${name}\`.`],
      });
    },

    reportTools: () =>
      Promise.all(
        Object.entries(pins.tools).map(async ([name, pin]) => {
          const notes: string[] = [];
          const found = await finder.find(name, pin, notes);
          return { name, pinned: pin.version, neededFor: pin.neededFor, forSandbox: isForSandbox(pin), found, notes };
        }),
      ),

    reportCharts: () =>
      Promise.all(
        Object.entries(pins.charts).map(async ([name, { version }]) => ({
          name,
          pinned: version,
          found: await charts.find(name),
        })),
      ),

    async ensureTools(names, onProgress = () => {}) {
      for (const name of names) pinOf(name);
      return together(names, onProgress, (name) =>
        maker.install(name, pinOf(name), (progress) => onProgress({ tool: name, ...progress })),
      );
    },

    providerSet: (use) => providers.set(use),
    missingProviders: () => providers.missing(),
    ensureProviders: (onProgress = () => {}) => providers.ensure(onProgress),

    moduleSource: (module) => workshop.builder.source(module),

    async chartArchive(name, onProgress = () => {}) {
      const [archive] = await together(
        [name],
        (progress) => onProgress({ ...progress, tool: `chart ${name}` }),
        async () => charts.provide(name, onProgress),
      );
      return archive!;
    },

    chartPins: pins.charts,
    upstream: upstreamCharts(workshop, options.charts),

    async record({ charts: placed, providers: used = {} }) {
      await lock.recordProviders(used);
      await lock.recordCharts(
        placed.map(({ name, version, digest }) => ({
          name,
          version,
          repository: pins.charts[name]!.repository,
          rebuilt: digest,
        })),
      );
    },
  };
}

async function openWorkshop(ports: Ports, options: ToolchainOptions): Promise<Workshop> {
  const { files, variables } = ports;
  const host = options.host ?? thisHost();
  const layout = layoutOf(cacheRoot(variables));
  const pins = options.pins ?? (await loadPins(files));
  const lock = workspaceLock(files, options.lockFile ?? layout.lockFile);
  const mirror = options.mirror ?? (variables['FFOPS_MIRROR'] || undefined);
  return {
    ports,
    host,
    platform: `${host.os}_${host.arch}`,
    layout,
    pins,
    source: options.source ?? 'auto',
    offline: /^(1|true|yes)$/i.test(variables['FFOPS_OFFLINE'] ?? ''),
    lock,
    downloads: downloadsOf({ ports, host, lock, mirror }),
    builder: builderOf(ports, host, layout, pins.go.goBin),
  };
}
