/** What projects publish: fetched, checked, and never trusted on a server's word alone. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { FailedError } from '../errors.ts';
import type { Ports } from '../ports/ports.ts';
import type { ArchiveEntry } from '../archives/entry.ts';
import { readTarGz, readZip } from '../archives/read.ts';
import { gateOf } from './gate.ts';
import type { Host } from './host.ts';
import { interrupted } from './lock.ts';
import type { WorkspaceLock } from './lockfile.ts';
import { expand, type ReleasePin } from './pins.ts';

const SMALL_TIMEOUT_MS = 10_000;
/** Asked before every command of a sandbox until there is an answer. */
const QUESTION_TIMEOUT_MS = 4_000;
const LARGE_TIMEOUT_MS = 15 * 60_000;
/** Releases are checked in memory before anything is written. */
const AT_ONCE = 4;
/** A large download that breaks off is begun again this often. */
const ATTEMPTS = 3;

/** No error: it cannot be had this way, and the next way is tried. */
export interface Unavailable {
  readonly unavailable: string;
}

export interface Downloaded {
  readonly content: Uint8Array;
  readonly url: string;
  readonly sha256: string;
}

export interface Downloads {
  small(url: string): Promise<Uint8Array | Unavailable>;
  /** A large file of a server that publishes, from the mirror of releases where there is one; who asks checks it. */
  published(url: string): Promise<Uint8Array | Unavailable>;
  /** As it is: who asks knows what it must be. Never from the mirror of releases. */
  unchecked(url: string): Promise<Uint8Array | Unavailable>;
  /** Whether a service answers, asked directly: a mirror of releases is none of it. Undefined: it does. */
  trouble(url: string): Promise<Unavailable | undefined>;
  /** Compared with `expected`, the published sha256. */
  verified(url: string, expected: string): Promise<Downloaded | Unavailable>;
  /** The program out of its release. */
  program(name: string, version: string, release: ReleasePin): Promise<Downloaded | Unavailable>;
}

export interface DownloadOptions {
  readonly ports: Ports;
  readonly host: Host;
  readonly lock: WorkspaceLock;
  /** Serves `<base>/<host>/<path>` for every `https://<host>/<path>`. */
  readonly mirror: string | undefined;
}

export function downloadsOf({ ports, host, lock, mirror }: DownloadOptions): Downloads {
  /** Asked in vain during this run; asking once more per tool would only cost time. */
  const silent = new Set<string>();
  const gate = gateOf({ memoryGb: Infinity, atOnce: AT_ONCE });

  const get = async (target: string, timeoutMs: number, attempts: number): Promise<Uint8Array | Unavailable> => {
    const server = new URL(target).host;
    if (silent.has(server)) return { unavailable: `${server} does not answer` };
    let trouble = '';
    for (let attempt = 1; attempt <= attempts; attempt++) {
      if (ports.interruption.requested) throw interrupted();
      try {
        const response = await ports.network.request({ method: 'GET', url: target, timeoutMs });
        if (response.status === 200) return response.body;
        if (response.status < 500)
          return { unavailable: `${server} answered ${response.status} for ${basename(new URL(target).pathname)}` };
        trouble = `${server} answered ${response.status}`;
      } catch (error) {
        if (!(error instanceof FailedError)) throw error;
        trouble = error.message.replace(/\.$/, '');
      }
      if (attempt < attempts) await ports.clock.sleep(attempt * 1000, ports.interruption);
    }
    if (timeoutMs === SMALL_TIMEOUT_MS) silent.add(server);
    return { unavailable: trouble };
  };

  const small = (url: string) => get(mirrored(url, mirror), SMALL_TIMEOUT_MS, 1);

  const verified = async (url: string, expected: string): Promise<Downloaded | Unavailable> => {
    const content = await get(mirrored(url, mirror), LARGE_TIMEOUT_MS, ATTEMPTS);
    if (isUnavailable(content)) return content;
    const sha256 = sha256Of(content);
    if (sha256 !== expected) throw wrongChecksum(mirrored(url, mirror), expected, sha256);
    return { content, url, sha256 };
  };

  const program = async (name: string, version: string, release: ReleasePin): Promise<Downloaded | Unavailable> => {
    if (!release.on.includes(host.os)) return { unavailable: `its project publishes nothing for ${host.os}` };
    const url = expand(release.url, version, host, release.names);
    const published = await publishedChecksum(
      small,
      url,
      expand(release.checksums ?? release.digests ?? '', version, host, release.names),
    );
    if (typeof published !== 'string') return published;
    const platform = `${host.os}_${host.arch}`;
    const locked = await lock.download(name, platform);
    if (locked?.version === version && locked.sha256 !== published)
      throw changedChecksum(name, lock.path, locked.sha256, published);
    const download = await verified(url, published);
    if (isUnavailable(download)) return download;
    const content = programOf(name, url, download.content);
    await lock.recordDownload(name, platform, { version, url, sha256: download.sha256 });
    return { ...download, content };
  };

  return {
    small,
    published: (url) => get(mirrored(url, mirror), LARGE_TIMEOUT_MS, ATTEMPTS),
    unchecked: (url) => get(url, LARGE_TIMEOUT_MS, 1),
    verified,
    async trouble(url) {
      const answer = await get(url, QUESTION_TIMEOUT_MS, 1);
      return isUnavailable(answer) ? answer : undefined;
    },
    program: (name, version, release) =>
      gate.pass({ memoryGb: 0, module: name }, () => program(name, version, release)),
  };
}

export function isUnavailable(value: object): value is Unavailable {
  return 'unavailable' in value;
}

export function sha256Of(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function mirrored(url: string, mirror: string | undefined): string {
  if (mirror === undefined) return url;
  const { host, pathname, search } = new URL(url);
  return `${mirror.replace(/\/+$/, '')}/${host}${pathname}${search}`;
}

async function publishedChecksum(
  small: Downloads['small'],
  url: string,
  source: string,
): Promise<string | Unavailable> {
  const answer = await small(source);
  if (isUnavailable(answer)) return answer;
  const found = checksumIn(Buffer.from(answer).toString('utf8'), basename(url));
  return found ?? { unavailable: `${basename(source)} has no checksum for ${basename(url)}` };
}

/** `sha256  name` lines as sha256sum writes them, the bare sum, or GitHub's JSON. */
export function checksumIn(text: string, file: string): string | undefined {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return trimmed.toLowerCase();
  if (trimmed.startsWith('{')) return digestIn(trimmed, file);
  for (const line of trimmed.split('\n')) {
    const [, sum, name] = /^([0-9a-f]{64})\s+\*?(.+?)\s*$/i.exec(line) ?? [];
    if (sum !== undefined && name !== undefined && basename(name) === file) return sum.toLowerCase();
  }
  return undefined;
}

function digestIn(json: string, file: string): string | undefined {
  try {
    const { assets = [] } = JSON.parse(json) as { assets?: readonly { name?: string; digest?: string | null }[] };
    return /^sha256:([0-9a-f]{64})$/.exec(assets.find(({ name }) => name === file)?.digest ?? '')?.[1];
  } catch {
    return undefined;
  }
}

function programOf(name: string, url: string, content: Uint8Array): Uint8Array {
  const open = url.endsWith('.tar.gz') ? readTarGz : url.endsWith('.zip') ? readZip : undefined;
  if (open === undefined) return content;
  let entries: readonly ArchiveEntry[];
  try {
    entries = open(content);
  } catch (error) {
    throw new FailedError('toolchain.archive', {
      message: `${basename(url)} cannot be unpacked: ${(error as Error).message}.`,
      hints: ['Its checksum was right, so the release itself is broken: `--source build` builds the tool instead.'],
    });
  }
  const program = entries.find(({ path }) => basename(path) === name);
  if (program) return program.content;
  throw new FailedError('toolchain.archive', {
    message: `${basename(url)} does not contain ${name}.`,
    hints: ['The project has changed its archives: `--source build` builds the tool instead.'],
  });
}

export function wrongChecksum(what: string, expected: string, actual: string): FailedError {
  return new FailedError('toolchain.checksumWrong', {
    message: `${what} is not what was published: its sha256 is ${actual}, and it should be ${expected}.`,
    hints: [
      'Nothing was installed; run it again, a broken transfer is the harmless explanation.',
      'If it stays, something between here and there alters downloads (a proxy, a mirror): do not use that file.',
    ],
  });
}

function changedChecksum(name: string, lockFile: string, locked: string, published: string): FailedError {
  return new FailedError('toolchain.checksumChanged', {
    message: `The published checksum of ${name} has changed: ${lockFile} has ${locked}, the server now says ${published}.`,
    hints: [
      'A release does not change after its day: ask its project why before trusting it.',
      `Once you know, remove \`tools.${name}\` from ${lockFile} to record the new one.`,
    ],
  });
}
