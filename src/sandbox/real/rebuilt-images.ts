import { blobPath, MANIFEST_TYPE } from './image.ts';
import { BLOB_TYPE, type ImageFile, type ImageSource } from './image-source.ts';

export interface RebuiltImage {
  /** Whole, as manifests name it: `docker.io/library/postgres:17.9-trixie`. */
  readonly name: string;
  /** Digest of its manifest. */
  readonly manifest: string;
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Those that `ffops sandbox prepare` made. */
export function rebuiltImages(folder: string, images: readonly RebuiltImage[]): ImageSource {
  const manifests = new Map(images.map(({ name, manifest }) => [name.split('@')[0], manifest]));
  const file = (digest: string | undefined, type: string): ImageFile | undefined =>
    digest === undefined || !DIGEST.test(digest) ? undefined : { path: blobPath(folder, digest), digest, type };
  return {
    manifest: async ({ registry, name }, reference) =>
      file(DIGEST.test(reference) ? reference : manifests.get(`${registry}/${name}:${reference}`), MANIFEST_TYPE),
    blob: async (_repository, digest) => file(digest, BLOB_TYPE),
  };
}
