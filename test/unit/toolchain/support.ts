import { createHash } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { realFiles } from '../../../src/adapters/files.ts';
import { realNetwork } from '../../../src/adapters/network.ts';
import type { Ports } from '../../../src/ports/ports.ts';
import type { Host } from '../../../src/toolchain/host.ts';
import { TOOLCHAIN_FOLDER, type Pins } from '../../../src/toolchain/pins.ts';
import type { Progress } from '../../../src/toolchain/toolchain.ts';
import { fakePorts, type FakeOptions, type Fakes } from '../../support/fakes.ts';

export const host: Host = {
  os: 'linux',
  arch: 'amd64',
  name: 'here',
  pid: 4711,
  cores: 2,
  freeMemoryBytes: () => 8 * 2 ** 30,
  isAlive: () => true,
};

const build = { module: 'age', package: 'filippo.io/age/cmd/age', set: { 'main.Version': 'v{version}' }, memoryGb: 1 };

/** One tool of each kind of release, a provider and a chart. */
export const pins: Pins = {
  go: { goBin: '1.26.6' },
  nodeTools: {},
  tools: {
    plain: {
      version: '1.2.3',
      fits: '>=1.2.0 <2.0.0',
      neededFor: 'tests',
      probe: ['version'],
      release: {
        url: 'https://dl.example.com/v{version}/plain-{os}-{arch}',
        checksums: 'https://dl.example.com/v{version}/plain-{os}-{arch}.sha256',
        names: {},
        on: ['linux', 'darwin'],
      },
      build,
    },
    packed: {
      version: '4.5.6',
      neededFor: 'tests',
      release: {
        url: 'https://dl.example.com/packed_{version}_{os}_{arch}.tar.gz',
        checksums: 'https://dl.example.com/SHA256SUMS',
        names: { linux: 'Linux', amd64: 'x86_64' },
        on: ['linux', 'darwin'],
      },
      build: { ...build, module: 'sops' },
    },
    digested: {
      version: '7.8.9',
      neededFor: 'tests',
      release: {
        url: 'https://dl.example.com/digested-{os}',
        digests: 'https://api.example.com/releases/tags/v{version}',
        names: {},
        on: ['linux'],
      },
      build,
    },
    built: { version: '1.0.0', neededFor: 'tests', build },
  },
  providers: {
    cloud: {
      source: 'maker/cloud',
      released: '9.0.0',
      buildable: '1.0.0',
      buildableLacks: ['cluster.maintenance'],
      build,
    },
  },
  charts: {},
};

/** What a build reads, for a file system in memory. */
const moduleFiles: Readonly<Record<string, string>> = { ...moduleOf('age', '1.25.0'), ...moduleOf('sops', '1.26.0') };

function moduleOf(name: string, requiredGo: string): Readonly<Record<string, string>> {
  const folder = join(TOOLCHAIN_FOLDER, 'go', name);
  return {
    [join(folder, 'go.mod')]: `module ffops.invalid/toolchain/${name}\n\ngo ${requiredGo}\n`,
    [join(folder, 'go.sum')]: 'sums\n',
    [join(folder, 'tools.go')]: 'package tools\n',
  };
}

export const CACHE = '/cache';

export function fakes(options: FakeOptions = {}): Fakes {
  return fakePorts({
    ...options,
    files: { ...moduleFiles, ...options.files },
    variables: { FFOPS_CACHE: CACHE, ...options.variables },
  });
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

export function collect(): { readonly seen: Progress[]; readonly onProgress: (progress: Progress) => void } {
  const seen: Progress[] = [];
  return { seen, onProgress: (progress) => void seen.push(progress) };
}

/** Everything is fake but the disk and loopback. */
export function portsOnDisk(cache: string, mirror: string, { ports }: Fakes): Ports {
  return {
    ...ports,
    files: realFiles(),
    network: realNetwork(),
    variables: { FFOPS_CACHE: cache, FFOPS_MIRROR: mirror },
  };
}

export interface ReleaseServer {
  readonly url: string;
  /** Paths asked for, in order. */
  readonly asked: readonly string[];
  /** An answer by path: bytes, a status, or whatever the function does to the response. */
  readonly answers: Map<string, string | Uint8Array | number | ((response: ServerResponse) => void)>;
  close(): Promise<void>;
}

/** Stands for the mirror: what GitHub and the others publish, under their host names. */
export async function releaseServer(): Promise<ReleaseServer> {
  const answers: ReleaseServer['answers'] = new Map();
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const answer = answers.get(path) ?? 404;
    if (typeof answer === 'function') return answer(response);
    if (typeof answer === 'number') return response.writeHead(answer).end();
    return response.end(answer);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    answers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export async function caught(work: Promise<unknown>): Promise<
  Error & {
    readonly code?: string;
    readonly exitCode?: number;
    readonly problems?: readonly { readonly message: string; readonly hints?: readonly string[] }[];
  }
> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
}

/** The smallest zip that has a directory. */
export function zipOf(files: Readonly<Record<string, string>>): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const [path, text] of Object.entries(files)) {
    const deflate = text.length > 100;
    const data = deflate ? deflateRawSync(text) : Buffer.from(text);
    const local = Buffer.alloc(30);
    local.write('PK\u0003\u0004', 'latin1');
    local.writeUInt16LE(path.length, 26);
    const entry = Buffer.alloc(46);
    entry.write('PK\u0001\u0002', 'latin1');
    entry.writeUInt16LE(deflate ? 8 : 0, 10);
    entry.writeUInt32LE(data.length, 20);
    entry.writeUInt16LE(path.length, 28);
    entry.writeUInt32LE(at, 42);
    locals.push(local, Buffer.from(path), data);
    central.push(entry, Buffer.from(path));
    at += 30 + path.length + data.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, ...central, end]);
}
