/** The whole trees of both example environments, byte for byte. */
import { expect } from 'chai';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderExample } from '../support/example.ts';

const GOLDENS = fileURLToPath(new URL('.', import.meta.url));
const UPDATE = process.env['FFOPS_UPDATE_GOLDENS'] === '1';

async function goldenFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

describe('the example, rendered', () => {
  before(() => {
    if (UPDATE && process.env['CI'] === 'true')
      throw new Error('goldens are not updated in CI: look at the difference first');
  });

  for (const name of ['prod', 'dev']) {
    const folder = join(GOLDENS, name);

    it(`${name} is what test/golden/${name} holds`, async () => {
      const tree = await renderExample(name);
      if (UPDATE) {
        await rm(folder, { recursive: true, force: true });
        for (const [path, content] of tree) {
          await mkdir(dirname(join(folder, path)), { recursive: true });
          await writeFile(join(folder, path), content);
        }
      }
      expect([...tree.keys()].sort()).to.deep.equal(await goldenFiles(folder));
      for (const [path, content] of tree) expect(content, path).to.equal(await readFile(join(folder, path), 'utf8'));
    });

    it(`${name} is the same every time`, async () => {
      expect([...(await renderExample(name))]).to.deep.equal([...(await renderExample(name))]);
    });

    it(`${name} holds nothing of this machine`, async () => {
      for (const [path, content] of await renderExample(name)) {
        expect(content, path)
          .not.to.include(process.cwd())
          .and.not.to.include(process.env['HOME'] ?? '/nowhere');
      }
    });
  }
});
