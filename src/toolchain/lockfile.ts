/**
 * ffops.lock.yaml. What was downloaded once must be downloaded forever, whatever a server says later; which providers and
 * charts an environment was rendered with is recorded, so that a newer ffops shows in the workspace's history.
 */
import { isMap, parseDocument, type Document } from 'yaml';
import { UserError } from '../errors.ts';
import type { Files } from '../ports/files.ts';

export interface LockedDownload {
  readonly version: string;
  readonly url: string;
  readonly sha256: string;
}

export interface LockedChart {
  readonly name: string;
  readonly version: string;
  /** Where its project publishes it. */
  readonly repository: string;
  /** `sha256:…` of the archive there, once it has been seen. */
  readonly digest?: string;
  /** Of the archive that ffops packs from the source, which has other bytes and serves sandboxes only. */
  readonly rebuilt: string;
}

/** An app as it was last applied in an environment. */
export interface LockedApp {
  /** The app's own. */
  readonly version: string;
  /** Of the charts that install it, by name. */
  readonly charts: Readonly<Record<string, string>>;
}

export interface WorkspaceLock {
  readonly path: string;
  download(tool: string, platform: string): Promise<LockedDownload | undefined>;
  recordDownload(tool: string, platform: string, download: LockedDownload): Promise<void>;
  recordProviders(versions: Readonly<Record<string, string>>): Promise<void>;
  /** Undefined: it is not locked. */
  chart(name: string): Promise<LockedChart | undefined>;
  /** Keeps the digest of a version that has one already; without a digest, no other version is replaced. */
  recordCharts(charts: readonly LockedChart[]): Promise<void>;
  /** Returns the names of those that are gone now. */
  keepCharts(names: readonly string[]): Promise<readonly string[]>;
  /** By id. */
  apps(environment: string): Promise<ReadonlyMap<string, LockedApp>>;
  recordApps(environment: string, apps: ReadonlyMap<string, LockedApp>): Promise<void>;
}

/** Every method throws UserError when the file is no YAML of ours. */
export function workspaceLock(files: Files, path: string): WorkspaceLock {
  let last: Promise<unknown> = Promise.resolve();

  const load = async () => {
    const document = parseDocument((await files.read(path)) ?? '');
    if (document.errors.length > 0 || (document.contents !== null && !isMap(document.contents))) {
      throw new UserError('toolchain.lockFile', {
        message: `${path} is not the YAML that ffops writes.`,
        hints: ['Take it back from version control, or remove it to record everything anew.'],
      });
    }
    return document;
  };

  /** One after another: tools are downloaded in parallel, and each write rewrites the file. */
  const change = (edit: (document: Document) => void): Promise<void> => {
    const written = last.then(async () => {
      const document = await load();
      const before = document.toString({ lineWidth: 0 });
      edit(document);
      const after = document.toString({ lineWidth: 0 });
      if (after !== before) await files.write(path, after);
    });
    last = written.catch(() => undefined);
    return written;
  };

  const record = (entries: readonly (readonly [readonly string[], object | string])[]): Promise<void> =>
    change((document) => {
      for (const [at, value] of entries) document.setIn(at, value);
    });

  return {
    path,
    async download(tool, platform) {
      const found = (await load()).getIn(['tools', tool, platform]);
      if (!isMap(found)) return undefined;
      const download = found.toJSON() as Partial<LockedDownload>;
      return typeof download.sha256 === 'string' ? (download as LockedDownload) : undefined;
    },
    recordDownload: (tool, platform, { version, url, sha256 }) =>
      record([[['tools', tool, platform], { version, url, sha256 }]]),
    recordProviders: (versions) =>
      record(Object.entries(versions).map(([name, version]) => [['providers', name], version] as const)),
    chart: async (name) => lockedIn(await load(), name),
    recordCharts: (charts) =>
      change((document) => {
        for (const { name, version, repository, digest, rebuilt } of charts) {
          const before = lockedIn(document, name);
          if (before !== undefined && before.version !== version && digest === undefined) continue;
          const known = digest ?? (before?.version === version ? before.digest : undefined);
          const entry = { version, repository, ...(known !== undefined && { digest: known }), rebuilt };
          document.setIn(['charts', name], entry);
        }
      }),
    async keepCharts(names) {
      const there = (await load()).get('charts');
      const gone = isMap(there) ? Object.keys(there.toJSON() as object).filter((name) => !names.includes(name)) : [];
      await change((document) => gone.forEach((name) => document.deleteIn(['charts', name])));
      return gone;
    },
    async apps(environment) {
      const found = (await load()).getIn(['apps', environment]);
      return new Map(Object.entries(isMap(found) ? (found.toJSON() as Record<string, LockedApp>) : {}));
    },
    recordApps: (environment, apps) =>
      record([...apps].map(([id, { version, charts }]) => [['apps', environment, id], { version, charts }] as const)),
  };
}

/** What says nothing of a repository was recorded by an ffops that knew rebuilt archives only, and locks nothing. */
function lockedIn(document: Document, name: string): LockedChart | undefined {
  const found = document.getIn(['charts', name]);
  if (!isMap(found)) return undefined;
  const chart = found.toJSON() as Partial<LockedChart>;
  return typeof chart.version === 'string' && typeof chart.repository === 'string'
    ? ({ ...chart, name } as LockedChart)
    : undefined;
}
