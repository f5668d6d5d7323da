import type { Repository } from './registry-client.ts';

/** A file that goes out as it is. */
export interface ImageFile {
  readonly path: string;
  readonly digest: string;
  readonly type: string;
}

/** Where the nodes' images come from. Undefined: there is none of that name. Throws ImageTrouble. */
export interface ImageSource {
  /** `reference` is a tag or a digest. */
  manifest(repository: Repository, reference: string): Promise<ImageFile | undefined>;
  blob(repository: Repository, digest: string): Promise<ImageFile | undefined>;
}

export const BLOB_TYPE = 'application/octet-stream';
