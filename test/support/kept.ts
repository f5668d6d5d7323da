import { expect } from 'chai';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const isUpdate = process.env['FFOPS_UPDATE_GOLDENS'] === '1' && process.env['CI'] !== 'true';

/** Compares files with what a folder keeps; FFOPS_UPDATE_GOLDENS=1 writes them instead. `owns` says which are ours. */
export function expectKept(
  folder: string,
  files: ReadonlyMap<string, string>,
  owns: (name: string) => boolean = () => true,
): void {
  const kept = existsSync(folder) ? readdirSync(folder).filter(owns) : [];
  if (isUpdate) {
    mkdirSync(folder, { recursive: true });
    for (const name of kept) if (!files.has(name)) rmSync(join(folder, name));
    for (const [name, text] of files) writeFileSync(join(folder, name), text);
    return;
  }
  const how = 'FFOPS_UPDATE_GOLDENS=1 npx mocha … writes them';
  expect(kept.sort(), how).to.deep.equal([...files.keys()].sort());
  for (const [name, text] of files) expect(readFileSync(join(folder, name), 'utf8'), `${name}: ${how}`).to.equal(text);
}
