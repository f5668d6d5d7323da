/** The files of a rendered module, by their path in its folder. */
import { join } from 'node:path';
import type { Files } from '../ports/files.ts';

/** Without what tools keep there: `.terraform`, the providers' lock, a state that could not be written. */
export async function moduleFiles(files: Files, folder: string): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  const visit = async (below: string): Promise<void> => {
    for (const name of await files.list(join(folder, below))) {
      if (name.startsWith('.') || name.startsWith('errored.tfstate')) continue;
      const path = join(below, name);
      const info = await files.info(join(folder, path));
      if (info?.kind === 'directory') await visit(path);
      else found[path] = (await files.read(join(folder, path))) ?? '';
    }
  };
  await visit('');
  return found;
}
