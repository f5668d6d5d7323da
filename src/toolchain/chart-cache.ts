/** Upstream charts in the cache: an archive there is the one that the list pins, or it is made again. */
import { join } from 'node:path';
import { FailedError, FfopsError, UserError } from '../errors.ts';
import { moduleSource, packedChart, proxiedSource } from './charts.ts';
import { isUnavailable, sha256Of } from './downloads.ts';
import { withLock } from './lock.ts';
import type { ChartPin } from './pins.ts';
import type { OnProgress, Say } from './progress.ts';
import { notReleased, type Workshop } from './workshop.ts';

export interface ChartArchive {
  readonly path: string;
  readonly version: string;
  /** `sha256:…` of the archive. */
  readonly digest: string;
  readonly reason: string;
}

export interface ChartCache {
  readonly names: readonly string[];
  /** Installs nothing; undefined when it is not there. */
  find(name: string): Promise<ChartArchive | undefined>;
  /** Made when it is not there yet. Throws UserError for a chart that is not pinned. */
  provide(name: string, onProgress: OnProgress): Promise<ChartArchive>;
}

export function chartCache({ ports, host, layout, pins, source, downloads, builder }: Workshop): ChartCache {
  const { files } = ports;

  const pinOf = (name: string): ChartPin => {
    const pin = pins.charts[name];
    if (pin) return pin;
    throw new UserError('toolchain.unknownChart', {
      message: `ffops pins no chart ${name}.`,
      hints: [`It pins ${Object.keys(pins.charts).join(', ')}.`],
    });
  };

  const find = async (name: string): Promise<ChartArchive | undefined> => {
    const { version, digest, module } = pinOf(name);
    const path = layout.chart(name, version);
    const content = await files.readBytes(path);
    if (content === undefined || `sha256:${sha256Of(content)}` !== digest) return undefined;
    return { path, version, digest, reason: `packed from ${module}` };
  };

  const pack = async (name: string, pin: ChartPin): Promise<Uint8Array> => {
    const proxied = await proxiedSource(downloads, pin, ports.variables['GOPROXY']);
    if (!isUnavailable(proxied)) return packedChart(proxied, name, pin);
    if (source === 'release') throw notReleased(`the chart ${name}`, pin.version, proxied.unavailable);
    try {
      return packedChart(await moduleSource(files, builder, pin), name, pin);
    } catch (error) {
      // Go would only have been another way to the same source.
      if (error instanceof FfopsError && error.code === 'toolchain.noGo')
        throw noSource(name, pin, proxied.unavailable);
      throw error;
    }
  };

  const provide = async (name: string, onProgress: OnProgress): Promise<ChartArchive> => {
    const pin = pinOf(name);
    const path = layout.chart(name, pin.version);
    const say: Say = (progress) => onProgress({ tool: `chart ${name}`, ...progress });
    const ready = (archive: ChartArchive): ChartArchive => {
      say({ step: 'ready', detail: `${archive.version}, ${archive.reason}` });
      return archive;
    };
    const cached = await find(name);
    if (cached) return ready(cached);
    return withLock(
      ports,
      host,
      join(layout.root, 'charts', 'locks', name),
      (owner) => say({ step: 'waiting', detail: `for ${owner}` }),
      async () => {
        const meanwhile = await find(name);
        if (meanwhile) return ready(meanwhile);
        say({ step: 'downloading', detail: `the chart ${pin.version}` });
        await files.write(path, await pack(name, pin));
        return ready({ path, version: pin.version, digest: pin.digest, reason: `packed from ${pin.module}` });
      },
    );
  };

  return { names: Object.keys(pins.charts), find, provide };
}

function noSource(name: string, { version }: ChartPin, why: string): FailedError {
  return new FailedError('toolchain.noChart', {
    message: `The source of the chart ${name} ${version} cannot be had from the Go module proxy: ${why}.`,
    hints: [
      'Check the connection and the proxy variables (HTTPS_PROXY, NO_PROXY); GOPROXY names another module proxy.',
      'Or copy `charts` of the cache from a machine that has it: the bytes are the same everywhere.',
    ],
  });
}
