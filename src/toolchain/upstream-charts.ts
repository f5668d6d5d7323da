/**
 * Charts as their projects publish them, which is what real environments install: from the workspace, from the cache, or
 * from their repository. What an archive was when it was first seen, ffops.lock.yaml says forever.
 */
import { join } from 'node:path';
import { FailedError, UserError } from '../errors.ts';
import type { ChartArchive } from './chart-cache.ts';
import { publishedChart } from './chart-repository.ts';
import { isUnavailable, sha256Of } from './downloads.ts';
import type { LockedChart } from './lockfile.ts';
import type { ChartPin } from './pins.ts';
import type { Workshop } from './workshop.ts';

/** Where a workspace keeps charts, and where it gets them. */
export interface ChartPlaces {
  /** Of vendored archives, absolute. */
  readonly folder: string;
  /** A Helm repository that stands in for all others. */
  readonly mirror?: string | undefined;
}

export interface ProvideOptions {
  /** Locks the version of this ffops, whatever was locked. */
  readonly update?: boolean;
  /** A vendored archive is not looked at: it is about to be replaced. */
  readonly fresh?: boolean;
}

export interface UpstreamCharts {
  /** The archive that is locked; the first one seen is locked. */
  provide(name: string, options?: ProvideOptions): Promise<ChartArchive>;
  /** Refuses what `provide` would refuse, without the network. */
  check(name: string): Promise<void>;
  /** Without an archive: the version alone, which is all that could be found out. */
  lockVersion(name: string): Promise<void>;
}

export function upstreamCharts(
  { ports, layout, pins, offline, lock, downloads }: Workshop,
  places: ChartPlaces | undefined,
): UpstreamCharts {
  const { files } = ports;

  const lockedChart = async (name: string, pin: ChartPin): Promise<LockedChart | undefined> => {
    const locked = await lock.chart(name);
    if (locked === undefined || locked.version === pin.version) return locked;
    throw new UserError('charts.version', {
      message: `${lock.path} has the chart ${name} ${locked.version}, and this ffops installs ${pin.version}.`,
      hints: ['Take the new one: `ffops charts update`, then look at `ffops plan`. Or go on with the ffops of before.'],
    });
  };

  const record = (name: string, { version, repository, digest: rebuilt }: ChartPin, digest?: string): Promise<void> =>
    lock.recordCharts([{ name, version, repository, ...(digest !== undefined && { digest }), rebuilt }]);

  const vendored = async (name: string, pin: ChartPin, locked: LockedChart | undefined) => {
    const path = places && join(places.folder, `${name}-${pin.version}.tgz`);
    const bytes = path === undefined ? undefined : await files.readBytes(path);
    if (path === undefined || bytes === undefined) return undefined;
    const digest = `sha256:${sha256Of(bytes)}`;
    if (locked?.digest !== undefined && locked.digest !== digest)
      throw changed(path, name, pin, locked.digest, digest, lock.path, 'Fetch it anew: `ffops charts vendor`.');
    return { path, version: pin.version, digest, reason: 'vendored in the workspace' };
  };

  const cached = async (name: string, { version }: ChartPin, locked: LockedChart | undefined) => {
    const path = layout.upstreamChart(name, version);
    const bytes = locked?.digest === undefined ? undefined : await files.readBytes(path);
    if (bytes === undefined || `sha256:${sha256Of(bytes)}` !== locked?.digest) return undefined;
    return { path, version, digest: locked.digest, reason: 'fetched before' };
  };

  const fetched = async (name: string, pin: ChartPin, locked: LockedChart | undefined): Promise<ChartArchive> => {
    const repository = places?.mirror ?? pin.repository;
    const ask = (url: string) => (places?.mirror === undefined ? downloads.published(url) : downloads.unchecked(url));
    const bytes = offline
      ? { unavailable: 'FFOPS_OFFLINE is set' }
      : await publishedChart(repository, { name, version: pin.version }, ask);
    if (isUnavailable(bytes)) throw nowhere(name, pin, repository, bytes.unavailable, places);
    const digest = `sha256:${sha256Of(bytes)}`;
    if (locked?.digest !== undefined && locked.digest !== digest) {
      const next = 'A version does not change after its day: ask its project why before trusting it.';
      throw changed(`The archive in ${repository}`, name, pin, locked.digest, digest, lock.path, next);
    }
    const path = layout.upstreamChart(name, pin.version);
    await files.write(path, bytes);
    return { path, version: pin.version, digest, reason: `from ${repository}` };
  };

  return {
    async provide(name, { update = false, fresh = false } = {}) {
      const pin = pins.charts[name]!;
      const before = await lock.chart(name);
      const locked = update && before?.version !== pin.version ? undefined : await lockedChart(name, pin);
      const archive =
        (fresh ? undefined : await vendored(name, pin, locked)) ??
        (await cached(name, pin, locked)) ??
        (await fetched(name, pin, locked));
      if (locked?.digest === undefined) await record(name, pin, archive.digest);
      return archive;
    },
    async check(name) {
      const pin = pins.charts[name]!;
      await vendored(name, pin, await lockedChart(name, pin));
    },
    lockVersion: (name) => record(name, pins.charts[name]!),
  };
}

function changed(
  what: string,
  name: string,
  { version }: ChartPin,
  locked: string,
  actual: string,
  lockFile: string,
  next: string,
): FailedError {
  return new FailedError('charts.digest', {
    message: `${what} is not the chart ${name} ${version} that ${lockFile} has: it is ${actual}, and ${locked} is locked.`,
    hints: [
      next,
      `If the other one is right after all, remove \`charts.${name}\` from ${lockFile} and run \`ffops charts lock\`.`,
    ],
  });
}

function nowhere(
  name: string,
  { version }: ChartPin,
  repository: string,
  why: string,
  places: ChartPlaces | undefined,
): FailedError {
  return new FailedError('charts.nowhere', {
    message: `The chart ${name} ${version} cannot be had from ${repository}: ${why}.`,
    hints: [
      'Check the connection and the proxy variables (HTTPS_PROXY, NO_PROXY), or name a mirror: `charts.mirror` in ffops.yaml.',
      places === undefined
        ? 'Or work in a workspace that has it in vendor/charts.'
        : 'Or run `ffops charts vendor` where it can be had, and bring `vendor/charts` and `ffops.lock.yaml` here.',
    ],
  });
}
