/**
 * Rendered files on disk. What did not change is not touched; what ffops rendered before and renders no more is removed;
 * what OpenTofu keeps beside it (`.terraform`, lock files, state) is nobody's business here. When the disk is full or
 * read-only, the old tree stays whole.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
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
  const written = stale.filter(({ reason }) => reason !== 'left over').map(({ path }) => path);
  const removed = stale.filter(({ reason }) => reason === 'left over').map(({ path }) => path);
  const manifest = manifestOf(tree);
  if (stale.length > 0 || (await files.read(join(folder, MANIFEST))) !== manifest) {
    const contents = new Map(written.map((path): [string, string] => [path, tree.get(path) ?? '']));
    await swap(files, folder, contents.set(MANIFEST, manifest), removed);
  }
  return { written, removed, unchanged: tree.size - written.length };
}

/** What `writeTree` would write or remove. */
export async function checkTree(files: Files, folder: string, tree: FileTree): Promise<readonly StaleFile[]> {
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

/**
 * Everything that needs room is written beside the tree first. Then files change places one by one, which needs none;
 * when one cannot, those before it are put back.
 */
async function swap(
  files: Files,
  folder: string,
  contents: ReadonlyMap<string, string>,
  removed: readonly string[],
): Promise<void> {
  const staging = join(folder, STAGING);
  const undo: (() => Promise<void>)[] = [];
  const before = new Set<string>();
  try {
    await files.remove(staging);
    await inParallel([...contents], async ([path, content]) => {
      await files.write(join(staging, 'new', path), content, { durable: false });
      if ((await files.info(join(folder, path))) !== undefined) before.add(path);
    });
    for (const parent of new Set([...before, ...removed].map(parentOf)))
      await files.makeFolder(join(staging, 'old', parent));
    for (const parent of new Set([...contents.keys()].map(parentOf))) await files.makeFolder(join(folder, parent));
    const setAside = async (path: string): Promise<void> => {
      await files.rename(join(folder, path), join(staging, 'old', path));
      undo.push(() => files.rename(join(staging, 'old', path), join(folder, path)));
    };
    for (const path of contents.keys()) {
      if (before.has(path)) await setAside(path);
      await files.rename(join(staging, 'new', path), join(folder, path));
      undo.push(() => files.remove(join(folder, path)));
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

function parentOf(path: string): string {
  return path.split('/').slice(0, -1).join('/');
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
