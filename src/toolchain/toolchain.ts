/**
 * Which binary, provider and chart ffops works with, where each came from, and why. For every tool the first of these
 * that works: the one on PATH when its version fits, ffops' own cache, the official release, a build from source.
 */
import { dirname, join } from 'node:path';
import { FailedError, FfopsError, ToolMissingError, UserError, type Problem } from '../errors.ts';
import type { Ports } from '../ports/ports.ts';
import { builderOf } from './builder.ts';
import { moduleSource, packedChart, proxiedSource, publishedChart, type ChartBytes } from './charts.ts';
import { downloadsOf, isUnavailable, sha256Of } from './downloads.ts';
import { thisHost, type Host } from './host.ts';
import { cacheRoot, layoutOf } from './layout.ts';
import { interrupted, withLock } from './lock.ts';
import { downloadLock, type LockedDownload } from './lockfile.ts';
import { pathSearch } from './on-path.ts';
import { loadPins, type BuildPin, type ChartPin, type Pins, type ProviderPin, type ToolPin } from './pins.ts';
import { fits } from './version.ts';

/** `auto` is the order above; the others are for who wants one way only. */
export const sources = ['auto', 'release', 'build'] as const;
export type Source = (typeof sources)[number];

export type Origin = 'path' | 'release' | 'build';

export interface ResolvedTool {
  readonly name: string;
  readonly path: string;
  readonly version: string;
  readonly origin: Origin;
  readonly reason: string;
}

export interface ToolReport {
  readonly name: string;
  readonly pinned: string;
  readonly neededFor: string;
  /** Absent: it is not there yet. */
  readonly found: ResolvedTool | undefined;
  /** What is off, in words: a version on PATH that does not fit, a tool that is missing. */
  readonly notes: readonly string[];
}

export interface ProviderSet {
  readonly kind: 'released' | 'buildable';
  readonly reason: string;
  /** By the provider's local name: `digitalocean`, `helm`. */
  readonly versions: Readonly<Record<string, string>>;
  /** A filesystem mirror for OpenTofu; undefined: the registry serves them. */
  readonly mirror: string | undefined;
}

export interface ChartArchive {
  readonly path: string;
  readonly version: string;
  /** `sha256:…` of the archive. */
  readonly digest: string;
  readonly origin: 'release' | 'build';
  readonly reason: string;
}

export interface ChartReport {
  readonly name: string;
  readonly pinned: string;
  /** Absent: it is not there yet. */
  readonly found: ChartArchive | undefined;
}

export interface Progress {
  /** Name of a tool, `chart …`, or `terraform-provider-…`. */
  readonly tool: string;
  readonly step: 'waiting' | 'downloading' | 'building' | 'ready' | 'failed';
  readonly detail: string;
}

export type OnProgress = (progress: Progress) => void;

export interface Toolchain {
  readonly toolNames: readonly string[];
  readonly chartNames: readonly string[];
  /** The tool as it is now; installs nothing. Throws ToolMissingError with the command that installs it. */
  resolveTool(name: string): Promise<ResolvedTool>;
  /** All tools and what is off about each, for `toolchain list` and `doctor`. */
  reportTools(): Promise<readonly ToolReport[]>;
  /** Installs what is missing. What succeeds stays, whatever else fails. */
  ensureTools(names: readonly string[], onProgress?: OnProgress): Promise<readonly ResolvedTool[]>;
  reportCharts(): Promise<readonly ChartReport[]>;
  /** Providers that the mirror lacks, when they come from there, as `Progress` names them. */
  missingProviders(): Promise<readonly string[]>;
  /** Which versions of the providers, decided once per cache: `ensureProviders` decides anew. */
  providerSet(): Promise<ProviderSet>;
  ensureProviders(onProgress?: OnProgress): Promise<ProviderSet>;
  /** The archive, made or fetched when it is not there yet. */
  chartArchive(name: string, onProgress?: OnProgress): Promise<ChartArchive>;
}

export interface ToolchainOptions {
  readonly source?: Source;
  /** Base URL that serves releases as `<base>/<host>/<path>`; FFOPS_MIRROR when absent. */
  readonly mirror?: string;
  /** The workspace's ffops.lock.yaml; one in the cache when there is no workspace. */
  readonly lockFile?: string;
  readonly host?: Host;
  readonly pins?: Pins;
}

/** Where the provider registry says what it can do. */
const REGISTRY = 'https://registry.opentofu.org/.well-known/terraform.json';

interface Made {
  readonly origin: 'release' | 'build';
  readonly reason: string;
  /** Of a release: what was downloaded, for the lock of the next workspace. */
  readonly download?: LockedDownload;
}

export async function openToolchain(ports: Ports, options: ToolchainOptions = {}): Promise<Toolchain> {
  const host = options.host ?? thisHost();
  const { files } = ports;
  const layout = layoutOf(cacheRoot(ports.variables));
  const pins = options.pins ?? (await loadPins(files));
  const source = options.source ?? 'auto';
  const offline = /^(1|true|yes)$/i.test(ports.variables['FFOPS_OFFLINE'] ?? '');
  const downloadable = source !== 'build' && !offline;
  const platform = `${host.os}_${host.arch}`;
  const lock = downloadLock(files, options.lockFile ?? layout.lockFile);
  const downloads = downloadsOf({
    ports,
    host,
    lock,
    mirror: options.mirror ?? (ports.variables['FFOPS_MIRROR'] || undefined),
  });
  const builder = builderOf(ports, host, layout, pins.go.goBin);
  const search = pathSearch(ports, layout.probes);

  const pinOf = (name: string): ToolPin => {
    const pin = pins.tools[name];
    if (pin) return pin;
    throw new UserError('toolchain.unknownTool', {
      message: `ffops knows no tool ${name}.`,
      hints: [`It knows ${Object.keys(pins.tools).join(', ')}.`],
    });
  };

  // ------------------------------------------------------------- finding

  const onPath = async (name: string, pin: ToolPin, notes: string[]): Promise<ResolvedTool | undefined> => {
    if (source !== 'auto' || pin.fits === undefined || pin.probe === undefined) return undefined;
    const found = await search.find(name, pin.probe);
    if (found === undefined) return undefined;
    const { path, version } = found;
    if (version !== undefined && fits(version, pin.fits)) {
      return { name, path, version, origin: 'path', reason: `on PATH, and ${version} fits ${pin.fits}` };
    }
    notes.push(
      version === undefined ? `${path} does not say its version` : `${path} is ${version}, and ${pin.fits} is needed`,
    );
    return undefined;
  };

  const made = async (path: string): Promise<Made | undefined> => {
    const info = await files.info(path);
    if (info?.kind !== 'file' || info.size === 0) return undefined;
    const text = await files.read(join(dirname(path), 'origin.json'));
    return text === undefined ? undefined : (JSON.parse(text) as Made);
  };

  const cachedRelease = async (name: string, pin: ToolPin, notes: string[]): Promise<ResolvedTool | undefined> => {
    const path = layout.binary(name, pin.version, 'release');
    const origin = await made(path);
    if (origin === undefined) return undefined;
    const locked = await lock.read(name, platform);
    if (locked?.version === pin.version && locked.sha256 !== origin.download?.sha256) {
      notes.push(`the release in the cache is not the one that ${lock.path} records`);
      return undefined;
    }
    return { name, path, version: pin.version, origin: 'release', reason: origin.reason };
  };

  const cachedBuild = async (name: string, version: string, pin: BuildPin): Promise<ResolvedTool | undefined> => {
    const path = layout.binary(name, version, await builder.key({ name, version, pin }));
    const origin = await made(path);
    return origin && { name, path, version, origin: 'build', reason: origin.reason };
  };

  const find = async (name: string, pin: ToolPin, notes: string[]): Promise<ResolvedTool | undefined> =>
    (await onPath(name, pin, notes)) ??
    (source === 'build' ? undefined : await cachedRelease(name, pin, notes)) ??
    (source === 'release' ? undefined : await cachedBuild(name, pin.version, pin.build));

  // -------------------------------------------------------------- making

  /** The note of its origin first: a binary that is there is complete. */
  const keep = async (path: string, content: Uint8Array, origin: Made): Promise<void> => {
    await files.write(join(dirname(path), 'origin.json'), `${JSON.stringify(origin)}\n`);
    await files.write(path, content, { mode: 0o755 });
  };

  const download = async (
    name: string,
    pin: ToolPin,
    say: (progress: Omit<Progress, 'tool'>) => void,
  ): Promise<ResolvedTool | string> => {
    if (!downloadable) return offline ? 'FFOPS_OFFLINE is set' : 'a build was asked for';
    if (pin.release === undefined) return 'its project publishes no binary';
    say({ step: 'downloading', detail: `the release ${pin.version}` });
    const program = await downloads.program(name, pin.version, pin.release);
    if (isUnavailable(program)) return program.unavailable;
    const path = layout.binary(name, pin.version, 'release');
    const reason = `the official release, checked against its published checksum`;
    const { url, sha256 } = program;
    await keep(path, program.content, { origin: 'release', reason, download: { version: pin.version, url, sha256 } });
    return { name, path, version: pin.version, origin: 'release', reason };
  };

  const build = async (
    name: string,
    version: string,
    pin: BuildPin,
    because: string,
    say: (progress: Omit<Progress, 'tool'>) => void,
  ): Promise<ResolvedTool> => {
    const recipe = { name, version, pin };
    const scratch = join(layout.tool(name), '.build');
    say({ step: 'waiting', detail: `to be built: ${because}` });
    try {
      const content = await builder.build(recipe, scratch, (detail) => say({ step: 'building', detail }));
      const path = layout.binary(name, version, await builder.key(recipe));
      const reason = `built from source, because ${because}`;
      await keep(path, content, { origin: 'build', reason });
      return { name, path, version, origin: 'build', reason };
    } finally {
      await files.remove(scratch);
    }
  };

  /** A release that another workspace downloaded is this one's as well. */
  const recordIn = async (name: string, tool: ResolvedTool): Promise<void> => {
    if (tool.origin !== 'release' || (await lock.read(name, platform))?.version === tool.version) return;
    const download = (await made(tool.path))?.download;
    if (download) await lock.write(name, platform, download);
  };

  const install = async (name: string, onProgress: OnProgress): Promise<ResolvedTool> => {
    const pin = pinOf(name);
    const say = (progress: Omit<Progress, 'tool'>): void => onProgress({ tool: name, ...progress });
    const ready = (tool: ResolvedTool): ResolvedTool => {
      say({ step: 'ready', detail: `${tool.version}, ${tool.reason}` });
      return tool;
    };
    const present = await find(name, pin, []);
    if (present) {
      await recordIn(name, present);
      return ready(present);
    }
    return withLock(
      ports,
      host,
      layout.tool(name),
      (owner) => say({ step: 'waiting', detail: `for ${owner}, which is installing it` }),
      async () => {
        const meanwhile = await find(name, pin, []);
        if (meanwhile) return ready(meanwhile);
        const downloaded = await download(name, pin, say);
        if (typeof downloaded !== 'string') return ready(downloaded);
        if (source === 'release') throw notReleased(name, pin.version, downloaded);
        return ready(await build(name, pin.version, pin.build, downloaded, say));
      },
    );
  };

  /** All at once: downloads wait for the network, builds for their turn. Every failure is told, the same one once. */
  const all = async <T>(
    names: readonly string[],
    onProgress: OnProgress,
    work: (name: string) => Promise<T>,
  ): Promise<readonly T[]> => {
    const outcomes = await Promise.allSettled(
      names.map(async (name) => {
        try {
          return await work(name);
        } catch (error) {
          onProgress({ tool: name, step: 'failed', detail: error instanceof Error ? error.message : String(error) });
          throw error;
        }
      }),
    );
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    if (errors.length > 0) throw combined(errors);
    return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<T>).value);
  };

  // ----------------------------------------------------------- providers

  const providerNames = Object.keys(pins.providers);
  const buildName = (name: string): string => `terraform-provider-${name}`;

  const asSet = (kind: ProviderSet['kind'], reason: string): ProviderSet => ({
    kind,
    reason,
    versions: Object.fromEntries(
      Object.entries(pins.providers).map(([name, pin]) => [name, kind === 'released' ? pin.released : pin.buildable]),
    ),
    mirror: kind === 'released' ? undefined : layout.mirror,
  });

  const choose = async (): Promise<ProviderSet> => {
    if (offline) return asSet('buildable', 'FFOPS_OFFLINE is set');
    if (source === 'build') return asSet('buildable', 'a build was asked for');
    if (source === 'release') return asSet('released', 'releases were asked for');
    const trouble = await downloads.trouble(REGISTRY);
    return trouble ? asSet('buildable', trouble.unavailable) : asSet('released', 'the provider registry answers');
  };

  const decide = async (): Promise<ProviderSet> => {
    const set = await choose();
    await files.write(layout.providerChoice, `${JSON.stringify({ kind: set.kind, reason: set.reason })}\n`);
    return set;
  };

  const remembered = async (): Promise<ProviderSet | undefined> => {
    const text = await files.read(layout.providerChoice);
    if (text === undefined) return undefined;
    const { kind, reason } = JSON.parse(text) as { kind?: unknown; reason?: unknown };
    return (kind === 'released' || kind === 'buildable') && typeof reason === 'string'
      ? asSet(kind, reason)
      : undefined;
  };

  const currentSet = async (): Promise<ProviderSet> => {
    if (offline || source !== 'auto') return choose();
    return (await remembered()) ?? (await decide());
  };

  /** The note beside the mirror says which build lies in it. */
  const mirrored = async (name: string, pin: ProviderPin) => {
    const tool = buildName(name);
    const key = await builder.key({ name: tool, version: pin.buildable, pin: pin.build });
    const target = layout.provider(pin.source, pin.buildable, platform);
    const note = join(layout.mirror, 'builds', `${tool}_${pin.buildable}_${platform}`);
    return {
      tool,
      key,
      target,
      note,
      isThere: async () => (await files.read(note)) === key && (await files.info(target)) !== undefined,
    };
  };

  /** Copied from the keyed cache, since OpenTofu wants its own names. */
  const mirrorProvider = async (
    name: string,
    pin: ProviderPin,
    because: string,
    onProgress: OnProgress,
  ): Promise<void> => {
    const { tool, key, target, note, isThere } = await mirrored(name, pin);
    const say = (progress: Omit<Progress, 'tool'>): void => onProgress({ tool, ...progress });
    if (!(await isThere())) {
      await withLock(
        ports,
        host,
        layout.tool(tool),
        (owner) => say({ step: 'waiting', detail: `for ${owner}, which is installing it` }),
        async () => {
          if (await isThere()) return;
          const built =
            (await cachedBuild(tool, pin.buildable, pin.build)) ??
            (await build(tool, pin.buildable, pin.build, because, say));
          await files.write(target, (await files.readBytes(built.path))!, { mode: 0o755 });
          await files.write(note, key);
        },
      );
    }
    say({ step: 'ready', detail: `${pin.buildable}, in the local mirror` });
  };

  // -------------------------------------------------------------- charts

  const fetchChart = async (
    name: string,
    pin: ChartPin,
    say: (progress: Omit<Progress, 'tool'>) => void,
  ): Promise<ChartBytes> => {
    say({ step: 'downloading', detail: `the chart ${pin.version}` });
    if (source === 'release') {
      const published = await publishedChart(downloads, name, pin);
      if (isUnavailable(published)) throw notReleased(`the chart ${name}`, pin.version, published.unavailable);
      return published;
    }
    const proxied = await proxiedSource(downloads, pin, ports.variables['GOPROXY']);
    if (!isUnavailable(proxied)) return packedChart(proxied, name, pin);
    try {
      return packedChart(await moduleSource(files, builder, pin), name, pin);
    } catch (error) {
      const cannotBeHad = error instanceof FfopsError && ['toolchain.noNetwork', 'toolchain.noGo'].includes(error.code);
      if (!cannotBeHad || !downloadable) throw error;
      const published = await publishedChart(downloads, name, pin);
      if (isUnavailable(published)) throw error;
      return published;
    }
  };

  const cachedChart = async (path: string, version: string): Promise<ChartArchive | undefined> => {
    const text = await files.read(`${path}.json`);
    const content = text === undefined ? undefined : await files.readBytes(path);
    if (text === undefined || content === undefined) return undefined;
    const { digest, origin, reason } = JSON.parse(text) as Pick<ChartArchive, 'digest' | 'origin' | 'reason'>;
    // Somebody edited or truncated it: it is made again.
    return digest === `sha256:${sha256Of(content)}` ? { path, version, digest, origin, reason } : undefined;
  };

  const provideChart = async (name: string, onProgress: OnProgress): Promise<ChartArchive> => {
    const pin = pins.charts[name];
    if (!pin)
      throw new UserError('toolchain.unknownChart', {
        message: `ffops pins no chart ${name}.`,
        hints: [`It pins ${Object.keys(pins.charts).join(', ')}.`],
      });
    const path = layout.chart(name, pin.version);
    const say = (progress: Omit<Progress, 'tool'>): void => onProgress({ tool: `chart ${name}`, ...progress });
    const ready = (archive: ChartArchive): ChartArchive => {
      say({ step: 'ready', detail: `${archive.version}, ${archive.reason}` });
      return archive;
    };
    const cached = await cachedChart(path, pin.version);
    if (cached) return ready(cached);
    return withLock(
      ports,
      host,
      join(layout.root, 'charts', 'locks', name),
      (owner) => say({ step: 'waiting', detail: `for ${owner}` }),
      async () => {
        const meanwhile = await cachedChart(path, pin.version);
        if (meanwhile) return ready(meanwhile);
        const { content, origin, reason } = await fetchChart(name, pin, say);
        const note = { digest: `sha256:${sha256Of(content)}`, origin, reason };
        await files.write(path, content);
        await files.write(`${path}.json`, `${JSON.stringify(note)}\n`);
        return ready({ path, version: pin.version, ...note });
      },
    );
  };

  return {
    toolNames: Object.keys(pins.tools),
    chartNames: Object.keys(pins.charts),

    async resolveTool(name) {
      const notes: string[] = [];
      const found = await find(name, pinOf(name), notes);
      if (found) return found;
      throw new ToolMissingError('toolchain.missing', {
        message: [`${name} is needed for ${pinOf(name).neededFor} and is not installed`, ...notes].join('; ') + '.',
        hints: [`Run \`ffops toolchain install ${name}\`.`],
      });
    },

    reportTools: () =>
      Promise.all(
        Object.entries(pins.tools).map(async ([name, pin]) => {
          const notes: string[] = [];
          const found = await find(name, pin, notes);
          return { name, pinned: pin.version, neededFor: pin.neededFor, found, notes };
        }),
      ),

    reportCharts: () =>
      Promise.all(
        Object.entries(pins.charts).map(async ([name, { version }]) => ({
          name,
          pinned: version,
          found: await cachedChart(layout.chart(name, version), version),
        })),
      ),

    async ensureTools(names, onProgress = () => {}) {
      for (const name of names) pinOf(name);
      return all(names, onProgress, (name) => install(name, onProgress));
    },

    providerSet: currentSet,

    async missingProviders() {
      if ((await currentSet()).kind === 'released') return [];
      const there = await Promise.all(Object.entries(pins.providers).map(async ([name, pin]) => mirrored(name, pin)));
      const missing = await Promise.all(there.map(async ({ tool, isThere }) => ((await isThere()) ? [] : [tool])));
      return missing.flat();
    },

    async ensureProviders(onProgress = () => {}) {
      const set = await decide();
      if (set.kind === 'buildable')
        await all(providerNames, onProgress, (name) =>
          mirrorProvider(name, pins.providers[name]!, set.reason, onProgress),
        );
      return set;
    },

    async chartArchive(name, onProgress = () => {}) {
      const [archive] = await all(
        [name],
        (progress) => onProgress({ ...progress, tool: `chart ${name}` }),
        async () => provideChart(name, onProgress),
      );
      return archive!;
    },
  };
}

function notReleased(name: string, version: string, why: string): FailedError {
  return new FailedError('toolchain.noRelease', {
    message: `The release ${version} of ${name} cannot be had: ${why}.`,
    hints: [
      'Check the connection, or name a mirror in FFOPS_MIRROR.',
      'Without `--source release`, ffops builds it from source.',
    ],
  });
}

/** One failure is itself; several become one that lists them. */
function combined(errors: readonly unknown[]): unknown {
  const bug = errors.find((error) => !(error instanceof FfopsError));
  if (bug !== undefined) return bug;
  const known = errors as readonly FfopsError[];
  const problems = new Map<string, Problem>(
    known.flatMap((error) => error.problems.map((problem) => [problem.message, problem] as const)),
  );
  if (problems.size === 1 || known.every(({ code }) => code === known[0]!.code && code === interrupted().code))
    return known[0];
  const list = [...problems.values()];
  return known.every((error) => error instanceof ToolMissingError)
    ? new ToolMissingError('toolchain.install', list)
    : new FailedError('toolchain.install', list);
}
