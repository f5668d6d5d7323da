/**
 * Upstream charts as local archives, packed from their source as the Go module proxy has it, so that the bytes are the
 * same on every machine.
 */
import { basename, join } from 'node:path';
import { FailedError } from '../errors.ts';
import type { Files } from '../ports/files.ts';
import type { ArchiveEntry } from '../archives/entry.ts';
import { packTarGz } from '../archives/pack.ts';
import { readZip } from '../archives/read.ts';
import type { Builder } from './builder.ts';
import { isUnavailable, sha256Of, wrongChecksum, type Downloads, type Unavailable } from './downloads.ts';
import type { ChartPin } from './pins.ts';

/** The archive. Throws FailedError when it is not the pinned one: it cannot differ from one machine to the next. */
export function packedChart(source: ChartSource, name: string, pin: ChartPin): Uint8Array {
  const entries = source.map(({ path, content }) => ({
    path: `${name}/${path}`,
    content: path === 'Chart.yaml' ? stamped(content, name, pin) : content,
  }));
  const content = packTarGz(entries);
  const digest = `sha256:${sha256Of(content)}`;
  if (digest !== pin.digest)
    throw wrongChecksum(`The chart ${name} ${pin.version}, packed from ${pin.module},`, pin.digest, digest);
  return content;
}

/** The files of a chart, by their path in it. */
export type ChartSource = readonly ArchiveEntry[];

/** Where the files of a chart lie in a module, and where they belong in the archive. */
interface Part {
  readonly module: string;
  readonly folder: string;
  readonly below: string;
}

function partsOf({ module, folder, subcharts }: ChartPin): readonly Part[] {
  const inside = Object.entries(subcharts).map(([name, part]) => ({ ...part, below: `charts/${name}/` }));
  return [{ module, folder, below: '' }, ...inside];
}

/** From the module proxy that GOPROXY names, as the archive it serves: no Go is needed for that. Which proxy is meant otherwise, Go knows. */
export async function proxiedSource(
  downloads: Downloads,
  pin: ChartPin,
  goProxy: string | undefined,
): Promise<ChartSource | Unavailable> {
  if (!goProxy) return { unavailable: 'GOPROXY is not set' };
  const proxy = goProxy.split(/[,|]/)[0]!;
  if (!/^https?:/.test(proxy)) return { unavailable: `GOPROXY starts with ${proxy}` };
  // The protocol writes a capital letter as an exclamation mark and the small one.
  const escaped = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
  const zips = new Map<string, Uint8Array>();
  const whole: ArchiveEntry[] = [];
  for (const { module, folder, below } of partsOf(pin)) {
    const [name = '', version = ''] = module.split('@');
    const url = `${proxy.replace(/\/+$/, '')}/${escaped(name)}/@v/${escaped(version)}.zip`;
    const zip = zips.get(module) ?? (await downloads.unchecked(url));
    if (isUnavailable(zip)) return zip;
    zips.set(module, zip);
    const prefix = `${module}/${folder}/`;
    const entries = readZip(zip).filter(({ path }) => path.startsWith(prefix));
    whole.push(
      ...placed(
        entries.map(({ path, content }) => ({ path: path.slice(prefix.length), content })),
        below,
      ),
    );
  }
  return whole;
}

/** From Go's module cache, which Go fills, however the user has told it to. */
export async function moduleSource(files: Files, builder: Builder, pin: ChartPin): Promise<ChartSource> {
  const whole: ArchiveEntry[] = [];
  for (const { module, folder, below } of partsOf(pin)) {
    const root = join(await builder.source(module), folder);
    const entries: ArchiveEntry[] = [];
    const walk = async (relative: string): Promise<void> => {
      for (const child of await files.list(join(root, relative))) {
        const path = relative === '' ? child : `${relative}/${child}`;
        if ((await files.info(join(root, path)))?.kind === 'directory') await walk(path);
        else entries.push({ path, content: (await files.readBytes(join(root, path)))! });
      }
    };
    await walk('');
    whole.push(...placed(entries, below));
  }
  return whole;
}

function placed(entries: ChartSource, below: string): ChartSource {
  return withoutIgnored(entries).map(({ path, content }) => ({ path: `${below}${path}`, content }));
}

function withoutIgnored(entries: ChartSource): ChartSource {
  const rules = entries.find(({ path }) => path === '.helmignore')?.content ?? new Uint8Array();
  const ignored = ignoreRules(Buffer.from(rules).toString('utf8'));
  return entries.filter(({ path }) => {
    const parts = path.split('/');
    return !parts.some((_, index) => ignored(parts.slice(0, index + 1).join('/'), index < parts.length - 1));
  });
}

/** Some projects write a chart's version only when they release it. */
function stamped(chartYaml: Uint8Array, name: string, { version, appVersion }: ChartPin): Uint8Array {
  const text = Buffer.from(chartYaml).toString('utf8');
  const set =
    appVersion === undefined
      ? text
      : text.replace(/^version:.*$/m, `version: ${version}`).replace(/^appVersion:.*$/m, `appVersion: ${appVersion}`);
  const said = /^version: *"?([^"\s]+)"?/m.exec(set)?.[1];
  if (said === version) return Buffer.from(set, 'utf8');
  throw new FailedError('toolchain.chartVersion', {
    message: `The source of the chart ${name} has version ${said ?? 'none'}, and ${version} is pinned.`,
    hints: ['This is a bug in ffops: its list of charts names the wrong source.'],
  });
}

/** .helmignore as Helm reads it, without negation, which no pinned chart uses. What is ignored would only fill the release's Secret. */
export function ignoreRules(text: string): (path: string, isFolder: boolean) => boolean {
  const patterns = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const rules = ['templates/.?*', ...patterns].map((pattern) => {
    const foldersOnly = pattern.endsWith('/');
    const glob = pattern.replace(/\/$/, '').replace(/^\//, '');
    const whole = glob.includes('/') || pattern.startsWith('/');
    return {
      foldersOnly,
      whole,
      expression: new RegExp(
        `^${glob
          .replaceAll(/[.+^${}()|\\]/g, '\\$&')
          .replaceAll('*', '[^/]*')
          .replaceAll('?', '[^/]')}$`,
      ),
    };
  });
  return (path, isFolder) =>
    rules.some(
      ({ foldersOnly, whole, expression }) =>
        (isFolder || !foldersOnly) && expression.test(whole ? path : basename(path)),
    );
}
