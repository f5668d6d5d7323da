/** A Helm repository, as far as it is read: its index says where the archive of a version lies, and what it must be. */
import { FailedError } from '../errors.ts';
import { readTarGz } from '../archives/read.ts';
import { isUnavailable, sha256Of, wrongChecksum, type Unavailable } from './downloads.ts';

type Ask = (url: string) => Promise<Uint8Array | Unavailable>;

export interface ChartVersion {
  readonly name: string;
  readonly version: string;
}

/** The archive, which is the one of the index. Throws FailedError when it is another, or no chart of that name and version. */
export async function publishedChart(
  repository: string,
  chart: ChartVersion,
  ask: Ask,
): Promise<Uint8Array | Unavailable> {
  const base = `${repository.replace(/\/+$/, '')}/`;
  const index = await ask(`${base}index.yaml`);
  if (isUnavailable(index)) return index;
  const listed = await listedIn(Buffer.from(index).toString('utf8'), chart);
  if (listed === undefined) return { unavailable: `${base}index.yaml lists no ${chart.name} ${chart.version}` };
  const url = new URL(listed.url, base).href;
  const archive = await ask(url);
  if (isUnavailable(archive)) return archive;
  const actual = sha256Of(archive);
  if (listed.sha256 !== undefined && listed.sha256 !== actual) throw wrongChecksum(url, listed.sha256, actual);
  refuseOther(url, chart, archive);
  return archive;
}

interface Listed {
  /** May be relative to the repository. */
  readonly url: string;
  readonly sha256?: string;
}

async function listedIn(index: string, { name, version }: ChartVersion): Promise<Listed | undefined> {
  // Some indexes have ten megabytes, which the parser that keeps comments takes half a minute for.
  const { CORE_SCHEMA, load } = await import('js-yaml');
  let document: unknown;
  try {
    document = load(index, { schema: CORE_SCHEMA });
  } catch {
    return undefined;
  }
  const { entries } = (document ?? {}) as { entries?: Record<string, readonly Partial<Published>[] | null> };
  const found = entries?.[name]?.find((one) => String(one.version) === version);
  const url = found?.urls?.[0];
  if (url === undefined) return undefined;
  const sha256 = /^(?:sha256:)?([0-9a-f]{64})$/.exec(found?.digest ?? '')?.[1];
  return { url, ...(sha256 !== undefined && { sha256 }) };
}

interface Published {
  readonly version: string;
  readonly urls: readonly string[];
  readonly digest: string;
}

function refuseOther(url: string, { name, version }: ChartVersion, archive: Uint8Array): void {
  let description: string;
  try {
    const file = readTarGz(archive).find(({ path }) => path === `${name}/Chart.yaml`);
    description = Buffer.from(file?.content ?? new Uint8Array()).toString('utf8');
  } catch {
    description = '';
  }
  const said = (key: string): string | undefined =>
    new RegExp(`^${key}:\\s*["']?([^"'\\s]+)`, 'm').exec(description)?.[1];
  if (said('name') === name && said('version') === version) return;
  throw new FailedError('charts.other', {
    message: `${url} is not the archive of the chart ${name} ${version}.`,
    hints: ['Ask who runs that repository: its index names another file.'],
  });
}
