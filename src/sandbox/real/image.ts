import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, renameSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { TAR_END, tarHead, tarPadding } from '../../archives/tar.ts';
import type { LayerFile } from './layer.ts';

/** What a container starts with, in the words of the OCI image specification. */
export interface ImageStart {
  readonly entrypoint?: readonly string[] | undefined;
  readonly command?: readonly string[] | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly user?: string | undefined;
  readonly folder?: string | undefined;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const OCI = 'application/vnd.oci.image';
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * An image as an OCI archive, which `ctr images import` takes without any registry. `name` is whole:
 * `docker.io/library/postgres:18.4`. The same layers give the same bytes; the file appears when it is complete.
 */
export async function writeImage(
  path: string,
  name: string,
  layers: readonly LayerFile[],
  start: ImageStart,
): Promise<void> {
  const architecture = ARCHITECTURES[process.arch] ?? process.arch;
  const config = json({
    architecture,
    os: 'linux',
    config: {
      Env: Object.entries({ PATH, ...start.environment }).map(([key, value]) => `${key}=${value}`),
      ...(start.user === undefined ? {} : { User: start.user }),
      WorkingDir: start.folder ?? '/',
      ...(start.entrypoint === undefined ? {} : { Entrypoint: start.entrypoint }),
      ...(start.command === undefined ? {} : { Cmd: start.command }),
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: describe(`${OCI}.config.v1+json`, config),
    layers: layers.map(({ digest, size }) => ({ mediaType: `${OCI}.layer.v1.tar`, digest, size })),
  });
  const index = json({
    schemaVersion: 2,
    mediaType: `${OCI}.index.v1+json`,
    manifests: [
      {
        ...describe(`${OCI}.manifest.v1+json`, manifest),
        platform: { architecture, os: 'linux' },
        annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name.split(':').at(-1) },
      },
    ],
  });

  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield* member('oci-layout', json({ imageLayoutVersion: '1.0.0' }));
    for (const layer of layers) {
      yield tarHead(fileMember(blobPath(layer.digest), layer.size));
      yield* createReadStream(layer.path) as AsyncIterable<Uint8Array>;
      yield tarPadding(layer.size);
    }
    for (const blob of [config, manifest]) yield* member(blobPath(digestOf(blob)), blob);
    yield* member('index.json', index);
    yield TAR_END;
  }
  await pipeline(bytes, createWriteStream(`${path}.new`));
  renameSync(`${path}.new`, path);
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value), 'utf8');
}

function* member(path: string, content: Buffer): Generator<Uint8Array> {
  yield tarHead(fileMember(path, content.length));
  yield content;
  yield tarPadding(content.length);
}

function fileMember(path: string, size: number): Parameters<typeof tarHead>[0] {
  return { path, kind: 'file', size, mode: 0o644, uid: 0, gid: 0 };
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

function describe(mediaType: string, content: Buffer): Descriptor {
  return { mediaType, digest: digestOf(content), size: content.length };
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}
