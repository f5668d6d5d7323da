export interface FileInfo {
  readonly kind: 'file' | 'directory' | 'other';
  readonly size: number;
  readonly modifiedMs: number;
  readonly mode: number;
}

export interface WriteOptions {
  /** Octal permissions; 0o644 when absent. */
  readonly mode?: number;
  /** False for what can be made again: still whole or not at all, but not forced to the disk. */
  readonly durable?: boolean;
  /** True where nothing was found, and nobody reads before all is written: straight to its place, which asks less of the disk. */
  readonly fresh?: boolean;
}

/** The file system. Paths are absolute. Every method throws UserError with the path and a cure when the system refuses. */
export interface Files {
  /** Undefined when there is no such file. */
  read(path: string): Promise<string | undefined>;
  readBytes(path: string): Promise<Uint8Array | undefined>;
  /** The last so many bytes, or all of a shorter file. Undefined when there is no such file. */
  readEnd(path: string, bytes: number): Promise<Uint8Array | undefined>;
  /** Whole or not at all: a temporary file beside it, synced, then renamed. Makes parent folders. */
  write(path: string, content: string | Uint8Array, options?: WriteOptions): Promise<void>;
  append(path: string, content: string, options?: WriteOptions): Promise<void>;
  /** Names, sorted; empty when there is no such folder. */
  list(path: string): Promise<readonly string[]>;
  info(path: string): Promise<FileInfo | undefined>;
  makeFolder(path: string): Promise<void>;
  /** Quiet when there is nothing to remove. */
  remove(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Creates the file and fails with `false` when it exists: the base of locks. */
  createExclusive(path: string, content: string): Promise<boolean>;
  /** Runs a file as a module, once however often it is asked for, and returns what it exports. Throws what it throws. */
  module(path: string): Promise<Readonly<Record<string, unknown>>>;
}
