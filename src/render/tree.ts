/**
 * Rendered files on disk. What did not change is not touched; what ffops rendered before and renders no more is removed;
 * what OpenTofu keeps beside it (`.terraform`, lock files, state) is nobody's business here. When the disk is full or
 * read-only, the old tree stays whole.
 */
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Files } from '../ports/files.ts';
import type { FileTree } from './environment.ts';

export interface TreeChanges {
  readonly written: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
}

export interface StaleFile {
  readonly path: string;
  readonly reason: 'missing' | 'changed' | 'left over';
}

/** Lists what ffops rendered, so that it removes nothing else. */
const MANIFEST = 'rendered.json';
const STAGING = '.rendering';
/** Files in flight at once: more gain nothing, and run out of descriptors on a laptop. */
const AT_ONCE = 32;

/** Throws UserError when a file cannot be read or written; the folder is then as it was. */
export async function writeTree(files: Files, folder: string, tree: FileTree): Promise<TreeChanges> {
  const stale = await checkTree(files, folder, tree);
  const manifest = manifestOf(tree);
  const before = await files.read(join(folder, MANIFEST));
  const withReason = (reason: StaleFile['reason']): string[] =>
    stale.filter((file) => file.reason === reason).map(({ path }) => path);
  const changed = new Map(withReason('changed').map((path): [string, string] => [path, tree.get(path) ?? '']));
  const missing = new Map(withReason('missing').map((path): [string, string] => [path, tree.get(path) ?? '']));
  const removed = withReason('left over');
  if (stale.length > 0 || before !== manifest) {
    (before === undefined ? missing : changed).set(MANIFEST, manifest);
    await swap(files, folder, { changed, missing, removed });
  }
  const written = stale.filter(({ reason }) => reason !== 'left over').map(({ path }) => path);
  return { written, removed, unchanged: tree.size - written.length };
}

/** What `writeTree` would write or remove. */
export async function checkTree(files: Files, folder: string, tree: FileTree): Promise<readonly StaleFile[]> {
  if ((await files.list(folder)).length === 0)
    return [...tree.keys()].sort().map((path) => ({ path, reason: 'missing' }));
  const stale: StaleFile[] = [];
  await inParallel([...tree], async ([path, content]) => {
    const found = await files.read(join(folder, path));
    if (found !== content) stale.push({ path, reason: found === undefined ? 'missing' : 'changed' });
  });
  for (const path of await renderedBefore(files, folder)) {
    if (!tree.has(path) && (await files.info(join(folder, path))) !== undefined)
      stale.push({ path, reason: 'left over' });
  }
  return stale.sort((one, other) => (one.path < other.path ? -1 : 1));
}

interface Swap {
  /** Path → new content of files that are there. */
  readonly changed: ReadonlyMap<string, string>;
  readonly missing: ReadonlyMap<string, string>;
  readonly removed: readonly string[];
}

/**
 * Everything that needs room is written first: what is missing to its place, what changes beside the tree. Then files
 * change places one by one, which needs no room; when one cannot, those before it are put back.
 */
async function swap(files: Files, folder: string, { changed, missing, removed }: Swap): Promise<void> {
  const staging = join(folder, STAGING);
  const undo: (() => Promise<void>)[] = [];
  const setAside = async (path: string): Promise<void> => {
    await files.rename(join(folder, path), join(staging, 'old', path));
    undo.push(() => files.rename(join(staging, 'old', path), join(folder, path)));
  };
  try {
    await files.remove(staging);
    const folders = [
      ...parentsOf(missing.keys(), folder),
      ...parentsOf(changed.keys(), join(staging, 'new')),
      ...parentsOf([...changed.keys(), ...removed], join(staging, 'old')),
    ];
    await inParallel(folders, (path) => files.makeFolder(path));
    await inParallel([...missing], async ([path, content]) => {
      undo.push(() => files.remove(join(folder, path)));
      await files.write(join(folder, path), content, { durable: false, fresh: true });
    });
    await inParallel([...changed], ([path, content]) =>
      files.write(join(staging, 'new', path), content, { durable: false }),
    );
    for (const path of changed.keys()) {
      await setAside(path);
      await files.rename(join(staging, 'new', path), join(folder, path));
    }
    for (const path of removed) await setAside(path);
  } catch (error) {
    for (const step of undo.reverse()) await step();
    await files.remove(staging).catch(() => undefined);
    throw error;
  }
  await files.remove(staging);
}

async function renderedBefore(files: Files, folder: string): Promise<readonly string[]> {
  const text = await files.read(join(folder, MANIFEST));
  if (text === undefined) return [];
  try {
    const { files: listed } = JSON.parse(text) as { files?: Record<string, string> };
    return Object.keys(listed ?? {}).filter((path) => !path.startsWith('/') && !path.split('/').includes('..'));
  } catch {
    return [];
  }
}

function manifestOf(tree: FileTree): string {
  const listed = Object.fromEntries([...tree.keys()].sort().map((path) => [path, digest(tree.get(path) ?? '')]));
  return `${JSON.stringify({ files: listed }, undefined, 1)}\n`;
}

function digest(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

function parentsOf(paths: Iterable<string>, below: string): Iterable<string> {
  return new Set([...paths].map((path) => dirname(join(below, path))));
}

/** Throws the first failure once nothing is in flight any more. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let item = queue.pop(); item !== undefined && failures.length === 0; item = queue.pop()) {
      await work(item).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (failures.length > 0) throw failures[0];
}
