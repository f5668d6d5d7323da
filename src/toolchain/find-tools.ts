/** Which of the tools are there: on PATH when the version fits, as a release in the cache, as a build in it. */
import { dirname, join } from 'node:path';
import type { LockedDownload } from './lockfile.ts';
import { pathSearch } from './on-path.ts';
import type { BuildPin, ToolPin } from './pins.ts';
import { fits } from './version.ts';
import type { Workshop } from './workshop.ts';

export interface ResolvedTool {
  readonly name: string;
  readonly path: string;
  readonly version: string;
  readonly origin: 'path' | 'release' | 'build';
  readonly reason: string;
}

/** The note that lies beside what was made. */
export interface Made {
  readonly origin: 'release' | 'build';
  readonly reason: string;
  /** Of a release: what was downloaded, for the lock of the next workspace. */
  readonly download?: LockedDownload;
}

/** Beside the binary that it is about. */
export function noteOf(binary: string): string {
  return join(dirname(binary), 'origin.json');
}

export interface ToolFinder {
  /** The first that works. What is off about the others, in words, is added to `notes`. */
  readonly find: (name: string, pin: ToolPin, notes: string[]) => Promise<ResolvedTool | undefined>;
  readonly cachedBuild: (name: string, version: string, pin: BuildPin) => Promise<ResolvedTool | undefined>;
  readonly made: (path: string) => Promise<Made | undefined>;
}

export function toolFinder({ ports, layout, source, lock, platform, builder }: Workshop): ToolFinder {
  const { files } = ports;
  const search = pathSearch(ports, layout.probes);

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
    const text = await files.read(noteOf(path));
    return text === undefined ? undefined : (JSON.parse(text) as Made);
  };

  const cachedRelease = async (name: string, pin: ToolPin, notes: string[]): Promise<ResolvedTool | undefined> => {
    const path = layout.binary(name, pin.version, 'release');
    const origin = await made(path);
    if (origin === undefined) return undefined;
    const locked = await lock.download(name, platform);
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

  return { find, cachedBuild, made };
}
