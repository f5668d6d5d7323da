export interface ArchiveEntry {
  readonly path: string;
  readonly content: Uint8Array;
}

/** What a tar archive is made of: headers and contents begin at multiples of it. */
export const BLOCK = 512;
