import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FileInfo, Files, WriteOptions } from '../ports/files.ts';
import { codeOf, fileRefusal, type Verb } from './file-refusal.ts';
import { runModule } from './modules.ts';

const defaultMode = 0o644;

export function realFiles(): Files {
  return {
    read: async (path) => (await readIfThere(path))?.toString('utf8'),
    readBytes: readIfThere,
    readEnd: (path, bytes) => unless(['ENOENT'], path, 'read', () => readEnd(path, bytes)),
    write: (path, content, options) => guarded(path, 'write', () => writeWhole(path, content, options)),
    append: (path, content, options) =>
      guarded(path, 'write', async () => {
        await makeFolders(dirname(path));
        await fs.appendFile(path, content, { mode: options?.mode ?? defaultMode, flush: options?.durable ?? true });
      }),
    list: async (path) => (await unless(['ENOENT'], path, 'read', () => fs.readdir(path)))?.sort() ?? [],
    info: (path) => unless(['ENOENT', 'ENOTDIR'], path, 'read', () => infoOf(path)),
    makeFolder: (path) => guarded(path, 'make', () => makeFolders(path)),
    remove: (path) => guarded(path, 'remove', () => fs.rm(path, { recursive: true, force: true })),
    rename: (from, to) => guarded(to, 'write', () => fs.rename(from, to)),
    createExclusive: (path, content) => guarded(path, 'write', () => createExclusive(path, content)),
    module: runModule,
  };
}

function readIfThere(path: string): Promise<Buffer | undefined> {
  return unless(['ENOENT'], path, 'read', () => fs.readFile(path));
}

async function readEnd(path: string, bytes: number): Promise<Uint8Array> {
  const file = await fs.open(path);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, bytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function infoOf(path: string): Promise<FileInfo> {
  const stat = await fs.stat(path);
  const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'directory' : 'other';
  return { kind, size: stat.size, modifiedMs: stat.mtimeMs, mode: stat.mode & 0o7777 };
}

async function writeWhole(path: string, content: string | Uint8Array, options: WriteOptions = {}): Promise<void> {
  if (options.fresh && (await writeFresh(path, content, options))) return;
  const target = await behindLinks(path);
  const temporary = await writeTemporary(target, content, options);
  try {
    await fs.rename(temporary, target);
  } catch (error) {
    await fs.rm(temporary, { force: true });
    throw error;
  }
  if (options.durable ?? true) await syncFolder(dirname(target));
}

/** False when something is there after all, or its folder is not. */
async function writeFresh(path: string, content: string | Uint8Array, options: WriteOptions): Promise<boolean> {
  const { mode = defaultMode, durable: flush = true } = options;
  try {
    await fs.writeFile(path, content, { mode, flag: 'wx', flush });
    return true;
  } catch (error) {
    if (['EEXIST', 'ENOENT'].includes(codeOf(error))) return false;
    await fs.rm(path, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** A link stays a link: what it leads to is replaced. Hardly any file is one, and asking that first is one look, not eight. */
async function behindLinks(path: string): Promise<string> {
  const isLink = await fs.readlink(path).then(
    () => true,
    () => false,
  );
  return isLink ? fs.realpath(path).catch(() => path) : path;
}

/** The new name is on the disk only once its folder is; some file systems cannot say, and then it is as it is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await fs.open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

/** A link appears whole or not at all, so nobody ever reads a lock that is still being written. */
async function createExclusive(path: string, content: string): Promise<boolean> {
  const temporary = await writeTemporary(path, content, {});
  try {
    await fs.link(temporary, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(codeOf(error))) throw error;
    return await createWithoutLinks(path, content);
  } finally {
    await fs.rm(temporary, { force: true });
  }
}

async function createWithoutLinks(path: string, content: string): Promise<boolean> {
  try {
    await fs.writeFile(path, content, { flag: 'wx', mode: defaultMode, flush: true });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function makeFolders(path: string): Promise<void> {
  try {
    await fs.mkdir(path, { recursive: true });
  } catch (error) {
    // Node says ENOENT for a read-only file system; making the first missing folder by itself tells the reason.
    if (codeOf(error) === 'ENOENT') await fs.mkdir(await firstMissing(path));
    throw error;
  }
}

async function firstMissing(path: string): Promise<string> {
  const parent = dirname(path);
  const isThere = await fs.stat(parent).then(
    () => true,
    () => false,
  );
  return isThere || parent === path ? path : firstMissing(parent);
}

async function writeTemporary(path: string, content: string | Uint8Array, options: WriteOptions): Promise<string> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`);
  const mode = options.mode ?? defaultMode;
  const write = () => fs.writeFile(temporary, content, { mode, flag: 'wx', flush: options.durable ?? true });
  try {
    try {
      await write();
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      await makeFolders(folder);
      await write();
    }
  } catch (error) {
    await fs.rm(temporary, { force: true });
    throw error;
  }
  return temporary;
}

async function unless<T>(
  codes: readonly string[],
  path: string,
  verb: Verb,
  work: () => Promise<T>,
): Promise<T | undefined> {
  return await guarded(path, verb, async () => {
    try {
      return await work();
    } catch (error) {
      if (codes.includes(codeOf(error))) return undefined;
      throw error;
    }
  });
}

async function guarded<T>(path: string, verb: Verb, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileRefusal(error, path, verb);
  }
}
