import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { realFiles } from '../../../src/adapters/files.ts';
import { UserError } from '../../../src/errors.ts';
import type { Files } from '../../../src/ports/files.ts';
import { checkTree, writeTree } from '../../../src/render/tree.ts';
import { tempFolder } from '../../support/temp.ts';

const first = new Map([
  ['README.md', 'one'],
  ['stacks/base/main.tf', 'base'],
  ['stacks/app/main.tf', 'app'],
  ['stacks/app/values/app.yaml', 'values'],
]);
const second = new Map([
  ['README.md', 'two'],
  ['stacks/base/main.tf', 'base'],
  ['stacks/other/main.tf', 'other'],
]);

describe('the rendered tree', () => {
  const files = realFiles();
  let temporary: ReturnType<typeof tempFolder>;
  let folder: string;
  beforeEach(() => {
    temporary = tempFolder();
    folder = join(temporary.path, 'prod');
  });
  afterEach(() => temporary.remove());

  /** Path → content of every file below the folder. */
  const found = (): Record<string, string> =>
    existsSync(folder)
      ? Object.fromEntries(
          readdirSync(folder, { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry): [string, string] => [
              relative(folder, join(entry.parentPath, entry.name)),
              readFileSync(join(entry.parentPath, entry.name), 'utf8'),
            ])
            .sort(),
        )
      : {};
  const rendered = (): Record<string, string> =>
    Object.fromEntries(Object.entries(found()).filter(([path]) => path !== 'rendered.json'));
  const put = (path: string, content: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };

  it('is written, and not touched when nothing changed', async () => {
    const changes = await writeTree(files, folder, first);
    expect([...changes.written].sort()).to.deep.equal([...first.keys()].sort());
    expect(rendered()).to.deep.equal(Object.fromEntries([...first].sort()));
    const before = statSync(join(folder, 'README.md')).mtimeMs;
    expect(await writeTree(files, folder, first)).to.deep.equal({ written: [], removed: [], unchanged: 4 });
    expect(statSync(join(folder, 'README.md')).mtimeMs).to.equal(before);
    expect(await checkTree(files, folder, first)).to.deep.equal([]);
  });

  it('loses what is rendered no more, and keeps what OpenTofu and people put there', async () => {
    await writeTree(files, folder, first);
    put('stacks/app/.terraform.lock.hcl', 'lock');
    put('stacks/app/.terraform/providers/x', 'provider');
    put('state/app.tfstate', 'state');
    put('stacks/base/mine.tf', 'mine');
    expect(await writeTree(files, folder, second)).to.deep.equal({
      written: ['README.md', 'stacks/other/main.tf'],
      removed: ['stacks/app/main.tf', 'stacks/app/values/app.yaml'],
      unchanged: 1,
    });
    expect(rendered()).to.deep.equal({
      ...Object.fromEntries(second),
      'stacks/app/.terraform.lock.hcl': 'lock',
      'stacks/app/.terraform/providers/x': 'provider',
      'stacks/base/mine.tf': 'mine',
      'state/app.tfstate': 'state',
    });
  });

  it('says what is stale, and why', async () => {
    await writeTree(files, folder, first);
    put('README.md', 'edited');
    await files.remove(join(folder, 'stacks/base/main.tf'));
    expect(await checkTree(files, folder, second)).to.deep.equal([
      { path: 'README.md', reason: 'changed' },
      { path: 'stacks/app/main.tf', reason: 'left over' },
      { path: 'stacks/app/values/app.yaml', reason: 'left over' },
      { path: 'stacks/base/main.tf', reason: 'missing' },
      { path: 'stacks/other/main.tf', reason: 'missing' },
    ]);
  });

  it('repairs what was edited or removed by hand', async () => {
    await writeTree(files, folder, first);
    put('README.md', 'edited');
    await files.remove(join(folder, 'stacks/base/main.tf'));
    expect((await writeTree(files, folder, first)).written).to.deep.equal(['README.md', 'stacks/base/main.tf']);
    expect(rendered()).to.deep.equal(Object.fromEntries([...first].sort()));
  });

  it('removes nothing outside of itself, whatever its list says', async () => {
    put('rendered.json', JSON.stringify({ files: { '../precious': '', '/etc/hostname': '', 'a/../../precious': '' } }));
    writeFileSync(join(temporary.path, 'precious'), 'precious');
    await writeTree(files, folder, first);
    expect(readFileSync(join(temporary.path, 'precious'), 'utf8')).to.equal('precious');
    put('rendered.json', 'not JSON');
    expect((await writeTree(files, folder, first)).removed).to.deep.equal([]);
  });

  it('finishes what a killed run left half done', async () => {
    await writeTree(files, folder, first);
    put('.rendering/new/README.md', 'half');
    put('.rendering/old/README.md', 'older');
    await writeTree(files, folder, second);
    expect(Object.keys(found()).filter((path) => path.startsWith('.rendering'))).to.deep.equal([]);
    expect(rendered()['README.md']).to.equal('two');
  });

  it('stays whole whichever step fails', async () => {
    await writeTree(files, folder, first);
    const before = found();
    for (let allowed = 0; ; allowed += 1) {
      const failing = failAfter(files, allowed);
      const error = await writeTree(failing.files, folder, second).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error === undefined) {
        expect(failing.used).to.be.greaterThan(8);
        break;
      }
      expect(error).to.be.instanceOf(UserError);
      const rest = Object.fromEntries(Object.entries(found()).filter(([path]) => !path.startsWith('.rendering/')));
      expect(rest, `after ${allowed} steps`).to.deep.equal(before);
    }
    expect(rendered()).to.deep.equal(Object.fromEntries([...second].sort()));
  });

  it('stays whole on a full disk and on a read-only one', async function () {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return this.skip();
    mkdirSync(folder, { recursive: true });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', folder], { stdio: 'ignore' });
    } catch {
      return this.skip();
    }
    try {
      await writeTree(files, folder, first);
      const before = found();
      const large = new Map([...second, ['stacks/large/main.tf', 'x'.repeat(400_000)]]);
      const refused = await writeTree(files, folder, large).catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(UserError);
      expect((refused as UserError).problems[0]?.hints).not.to.equal(undefined);
      expect(found()).to.deep.equal(before);
      execFileSync('mount', ['-o', 'remount,ro', folder]);
      expect(await writeTree(files, folder, second).catch((error: unknown) => error)).to.be.instanceOf(UserError);
      expect(found()).to.deep.equal(before);
    } finally {
      execFileSync('umount', ['-l', folder]);
    }
  });

  it('stays whole in a read-only folder', async function () {
    if (process.getuid?.() === 0) return this.skip();
    await writeTree(files, folder, first);
    const before = found();
    chmodSync(folder, 0o555);
    try {
      expect(await writeTree(files, folder, second).catch((error: unknown) => error)).to.be.instanceOf(UserError);
      expect(found()).to.deep.equal(before);
    } finally {
      chmodSync(folder, 0o755);
    }
  });
});

/** Files whose changes work a number of times, and then one does not; putting back works again. */
function failAfter(files: Files, allowed: number): { readonly files: Files; readonly used: number } {
  let used = 0;
  let failed = false;
  const step = async <T>(work: () => Promise<T>): Promise<T> => {
    used += 1;
    if (used > allowed && !failed) {
      failed = true;
      throw new UserError('files.full', { message: 'The disk is full.', hints: ['Make room.'] });
    }
    return work();
  };
  return {
    files: {
      ...files,
      write: (...args) => step(() => files.write(...args)),
      rename: (...args) => step(() => files.rename(...args)),
      makeFolder: (...args) => step(() => files.makeFolder(...args)),
    },
    get used() {
      return used;
    },
  };
}
