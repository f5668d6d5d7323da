import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
export const MANIFEST_TYPE = `${OCI}.manifest.v1+json`;
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * An image as blobs below `folder`, each named by its digest: what several images share lies there once. The layers' files
 * are moved there. Returns the digest of the manifest; the same layers give the same one.
 */
export function writeImage(folder: string, layers: readonly LayerFile[], start: ImageStart): string {
  const config = json({
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
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
    mediaType: MANIFEST_TYPE,
    config: describe(`${OCI}.config.v1+json`, config),
    layers: layers.map(({ digest, size }) => ({ mediaType: `${OCI}.layer.v1.tar`, digest, size })),
  });
  mkdirSync(join(folder, 'sha256'), { recursive: true });
  for (const { path, digest } of layers) renameSync(path, blobPath(folder, digest));
  for (const blob of [config, manifest]) {
    const path = blobPath(folder, digestOf(blob));
    writeFileSync(`${path}.new`, blob);
    renameSync(`${path}.new`, path);
  }
  return digestOf(manifest);
}

export function blobPath(folder: string, digest: string): string {
  return join(folder, ...digest.split(':'));
}

/** False when any part of it is missing. */
export function isWhole(folder: string, digest: string): boolean {
  if (!existsSync(blobPath(folder, digest))) return false;
  const { config, layers } = JSON.parse(readFileSync(blobPath(folder, digest), 'utf8')) as {
    readonly config: Descriptor;
    readonly layers: readonly Descriptor[];
  };
  return [config, ...layers].every((part) => existsSync(blobPath(folder, part.digest)));
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value), 'utf8');
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

function describe(mediaType: string, content: Buffer): Descriptor {
  return { mediaType, digest: digestOf(content), size: content.length };
}
