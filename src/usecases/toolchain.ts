/** What ffops runs and does not contain: which of it is there, and how to get the rest. */
import { UserError } from '../errors.ts';
import type { Ports } from '../ports/ports.ts';
import {
  openToolchain,
  type ChartReport,
  type OnProgress,
  type ProviderSet,
  type ResolvedTool,
  type Source,
  type ToolReport,
} from '../toolchain/toolchain.ts';

export interface ToolchainRequest {
  /** The workspace's lock file, when there is a workspace. */
  readonly lockFile?: string | undefined;
  readonly source?: Source | undefined;
  readonly mirror?: string | undefined;
}

export interface ToolchainList {
  readonly tools: readonly ToolReport[];
  /** Of real environments. */
  readonly providers: ProviderSet;
  readonly sandboxProviders: ProviderSet;
  readonly charts: readonly ChartReport[];
}

export async function listToolchain(ports: Ports, request: ToolchainRequest): Promise<ToolchainList> {
  const toolchain = await openToolchain(ports, request);
  const [tools, providers, sandboxProviders, charts] = await Promise.all([
    toolchain.reportTools(),
    toolchain.providerSet('real'),
    toolchain.providerSet('sandbox'),
    toolchain.reportCharts(),
  ]);
  return { tools, providers, sandboxProviders, charts };
}

export interface ToolchainInstallRequest extends ToolchainRequest {
  /** Empty: everything, providers and charts included. */
  readonly names: readonly string[];
}

export interface ToolchainInstallation {
  readonly tools: readonly ResolvedTool[];
  /** Of sandboxes: those of real environments are OpenTofu's to fetch. */
  readonly sandboxProviders?: ProviderSet;
  readonly charts: readonly {
    readonly name: string;
    readonly version: string;
    readonly digest: string;
    readonly path: string;
    readonly reason: string;
  }[];
}

export async function installToolchain(
  ports: Ports,
  request: ToolchainInstallRequest,
  announce: (names: readonly string[]) => OnProgress,
): Promise<ToolchainInstallation> {
  const toolchain = await openToolchain(ports, request);
  // Velero is both, and then both are meant.
  const known = new Set([...toolchain.toolNames, ...toolchain.chartNames]);
  const unknown = request.names.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new UserError('toolchain.unknown', {
      message: `ffops knows no tool and no chart named ${unknown.join(', ')}`,
      hints: [`It knows ${[...known].join(', ')}.`],
    });
  }
  const everything = request.names.length === 0;
  const wanted = (name: string): boolean => everything || request.names.includes(name);
  const tools = toolchain.toolNames.filter(wanted);
  const charts = toolchain.chartNames.filter(wanted);
  const [toolReports, chartReports] = await Promise.all([toolchain.reportTools(), toolchain.reportCharts()]);
  const onProgress = announce([
    ...toolReports.filter(({ name, found }) => !found && tools.includes(name)).map(({ name }) => name),
    ...(everything ? await toolchain.missingProviders() : []),
    ...chartReports.filter(({ name, found }) => !found && charts.includes(name)).map(({ name }) => `chart ${name}`),
  ]);
  // Each of the three reports its own failure in full; the first is what the command ends with.
  const [madeTools, set, madeCharts] = await settled(
    toolchain.ensureTools(tools, onProgress),
    everything ? toolchain.ensureProviders(onProgress) : Promise.resolve(undefined),
    Promise.all(charts.map(async (name) => ({ name, ...(await toolchain.chartArchive(name, onProgress)) }))),
  );
  return {
    tools: madeTools,
    ...(set && { sandboxProviders: set }),
    charts: madeCharts.map(({ name, version, digest, path, reason }) => ({ name, version, digest, path, reason })),
  };
}

/** Waits for all, even when one fails: what is being built is worth finishing. */
async function settled<A, B, C>(a: Promise<A>, b: Promise<B>, c: Promise<C>): Promise<[A, B, C]> {
  await Promise.allSettled([a, b, c]);
  return Promise.all([a, b, c]);
}
