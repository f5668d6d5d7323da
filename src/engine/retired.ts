/**
 * Stacks that the environment does not have any more, but that were applied: their modules are set aside before
 * rendering would remove them, the next plan shows them, and the next apply destroys them.
 */
import { join } from 'node:path';
import type { Stack } from '../model/blueprint.ts';
import type { Files } from '../ports/files.ts';
import { lastApplied } from './applied.ts';

/** As deep as `stacks`, so that the paths inside a module stay right. */
function folderOf(environmentFolder: string): string {
  return join(environmentFolder, 'retired');
}

export function retiredFolder(environmentFolder: string, stack: string): string {
  return join(folderOf(environmentFolder), stack);
}

/** To be called before anything is rendered. A stack that has come back is what its new module says. */
export async function retireStacks(
  files: Files,
  environmentFolder: string,
  current: ReadonlySet<string>,
): Promise<void> {
  const stacks = join(environmentFolder, 'stacks');
  for (const name of await files.list(stacks)) {
    if (current.has(name) || !(await lastApplied(files, join(stacks, name)))) continue;
    await files.makeFolder(folderOf(environmentFolder));
    await files.remove(retiredFolder(environmentFolder, name));
    await files.rename(join(stacks, name), retiredFolder(environmentFolder, name));
  }
  for (const name of await files.list(folderOf(environmentFolder))) {
    if (current.has(name)) await files.remove(retiredFolder(environmentFolder, name));
  }
}

export async function readRetired(files: Files, environmentFolder: string): Promise<readonly Stack[]> {
  const found: Stack[] = [];
  for (const name of await files.list(folderOf(environmentFolder))) {
    const stack = await lastApplied(files, retiredFolder(environmentFolder, name));
    if (stack) found.push({ ...stack, title: `${stack.title} (no longer in the environment)` });
  }
  return found;
}
