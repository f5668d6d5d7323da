/**
 * Our own charts as archives. Their version carries a hash of their content, because a release ignores a chart whose
 * version is the one it has.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { packTarGz } from '../archives/pack.ts';
import { FailedError, UserError } from '../errors.ts';
import { packageFolder } from '../installed.ts';
import type { Files } from '../ports/files.ts';

/** Which archive a chart is, wherever it comes from. */
export interface ChartArchive {
  readonly name: string;
  readonly version: string;
  /** File name inside the folder of charts. */
  readonly file: string;
  /** `sha256:…` of the archive. */
  readonly digest: string;
}

export type ChartIndex = ReadonlyMap<string, ChartArchive>;

export interface PackagedChart extends ChartArchive {
  readonly bytes: Uint8Array;
}

/** `files` by path below the chart's folder. Throws UserError when Chart.yaml lacks its name or version. */
export function packageChart(files: ReadonlyMap<string, Uint8Array>): PackagedChart {
  const description = Buffer.from(files.get('Chart.yaml') ?? new Uint8Array()).toString('utf8');
  const name = field(description, 'name');
  const base = field(description, 'version');
  const version = `${base}-h${contentHash(files).slice(0, 10)}`;
  const versioned = description.replace(/^version:.*$/m, `version: ${version}`);
  const entries = [...files].map(([path, content]) => ({
    path: `${name}/${path}`,
    content: path === 'Chart.yaml' ? Buffer.from(versioned) : content,
  }));
  const bytes = packTarGz(entries);
  return { name, version, file: `${name}-${version}.tgz`, digest: sha256(bytes), bytes };
}

/** Every chart below a folder, one per folder in it. */
export async function packageCharts(files: Files, folder = packageFolder('charts')): Promise<readonly PackagedChart[]> {
  const charts: PackagedChart[] = [];
  for (const name of await files.list(folder)) charts.push(packageChart(await chartFiles(files, join(folder, name))));
  return charts;
}

/** The files of a chart by path below its folder; empty when there is no such folder. */
export async function chartFiles(files: Files, folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const content = new Map<string, Uint8Array>();
  await collect(files, folder, '', content);
  return content;
}

/** An upstream chart that lies on this machine already. */
export interface UpstreamChart extends ChartArchive {
  readonly path: string;
}

/**
 * Puts the archives that stacks name into the folder they name them in; those that are there already stay. Throws
 * FailedError when an upstream archive is not the one that its digest says.
 */
export async function placeCharts(
  files: Files,
  folder: string,
  own: readonly PackagedChart[],
  upstream: readonly UpstreamChart[],
): Promise<void> {
  const place = async (chart: ChartArchive, bytes: () => Promise<Uint8Array>): Promise<void> => {
    const path = join(folder, chart.file);
    const there = await files.readBytes(path);
    if (there === undefined || sha256(there) !== chart.digest)
      await files.write(path, await bytes(), { durable: false });
  };
  for (const chart of own) await place(chart, () => Promise.resolve(chart.bytes));
  for (const chart of upstream) await place(chart, () => verified(files, chart));
}

async function verified(files: Files, chart: UpstreamChart): Promise<Uint8Array> {
  const bytes = await files.readBytes(chart.path);
  if (bytes !== undefined && sha256(bytes) === chart.digest) return bytes;
  throw new FailedError('chart.digest', {
    message: `The archive of the chart ${chart.name} ${chart.version} is not the one that was recorded`,
    hints: [`remove ${chart.path} and run \`ffops toolchain install\``],
  });
}

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function contentHash(files: ReadonlyMap<string, Uint8Array>): string {
  const hash = createHash('sha256');
  for (const path of [...files.keys()].sort()) {
    const content = files.get(path) ?? new Uint8Array();
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function field(description: string, key: string): string {
  const value = new RegExp(`^${key}:\\s*["']?([^"'\\s]+)`, 'm').exec(description)?.[1];
  if (value === undefined)
    throw new UserError('chart.invalid', { message: `Chart.yaml has no ${key}`, hints: ['reinstall ffops'] });
  return value;
}

async function collect(files: Files, root: string, below: string, into: Map<string, Uint8Array>): Promise<void> {
  for (const name of await files.list(join(root, below))) {
    const path = below === '' ? name : `${below}/${name}`;
    const info = await files.info(join(root, path));
    if (info?.kind === 'directory') await collect(files, root, path, into);
    else into.set(path, (await files.readBytes(join(root, path))) ?? new Uint8Array());
  }
}
