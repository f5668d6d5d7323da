import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { realFiles } from '../../../src/adapters/files.ts';
import { UserError } from '../../../src/errors.ts';
import { tempFolder } from '../../support/temp.ts';

const isRoot = process.getuid?.() === 0;

describe('files', () => {
  const files = realFiles();
  let folder: ReturnType<typeof tempFolder>;
  const at = (...parts: string[]) => join(folder.path, ...parts);

  beforeEach(() => void (folder = tempFolder()));
  afterEach(() => folder.remove());

  const refusal = async (work: Promise<unknown>): Promise<UserError> => {
    try {
      await work;
    } catch (error) {
      if (error instanceof UserError) return error;
      throw error;
    }
    throw new Error('it was not refused');
  };

  it('writes whole files with their folders and permissions, and leaves nothing else', async () => {
    await files.write(at('a/b/secret'), 'text', { mode: 0o600 });
    expect(readFileSync(at('a/b/secret'), 'utf8')).to.equal('text');
    expect(statSync(at('a/b/secret')).mode & 0o777).to.equal(0o600);
    expect(readdirSync(at('a/b'))).to.deep.equal(['secret']);
  });

  it('writes through a link, which stays one', async () => {
    mkdirSync(at('elsewhere'));
    writeFileSync(at('elsewhere/real'), 'old');
    symlinkSync(at('elsewhere/real'), at('link'));
    await files.write(at('link'), 'new');
    expect(lstatSync(at('link')).isSymbolicLink()).to.equal(true);
    expect(readFileSync(at('elsewhere/real'), 'utf8')).to.equal('new');
  });

  it('reads the end of a file, or all of a shorter one', async () => {
    await files.write(at('long'), 'the beginning and the end');
    const end = async (bytes: number): Promise<string> =>
      Buffer.from((await files.readEnd(at('long'), bytes))!).toString();
    expect(await end(3)).to.equal('end');
    expect(await end(1000)).to.equal('the beginning and the end');
  });

  it('writes what is thought to be new, whatever is there after all', async () => {
    const fresh = (path: string): Promise<void> => files.write(at(path), 'new', { mode: 0o600, fresh: true });
    writeFileSync(at('there'), 'old');
    symlinkSync('there', at('link'));
    for (const path of ['link', 'none', 'no/folder/yet']) await fresh(path);
    for (const path of ['there', 'link', 'none', 'no/folder/yet'])
      expect(readFileSync(at(path), 'utf8'), path).to.equal('new');
    expect(lstatSync(at('link')).isSymbolicLink()).to.equal(true);
    expect(statSync(at('none')).mode & 0o777).to.equal(0o600);
    expect(readdirSync(folder.path)).to.deep.equal(['link', 'no', 'none', 'there']);
    expect((await refusal(fresh('none/below'))).code).to.equal('files.notAFolder');
  });

  it('tells a missing file from an empty one', async () => {
    await files.write(at('empty'), '');
    expect(await files.read(at('empty'))).to.equal('');
    expect(await files.read(at('missing'))).to.equal(undefined);
    expect(await files.readBytes(at('missing'))).to.equal(undefined);
    expect(await files.readEnd(at('missing'), 3)).to.equal(undefined);
    expect(await files.info(at('empty', 'below'))).to.equal(undefined);
    expect(await files.list(at('missing'))).to.deep.equal([]);
  });

  it('appends, lists in order, renames and removes', async () => {
    await files.append(at('log'), 'one\n');
    await files.append(at('log'), 'two\n');
    await files.write(at('b'), '');
    await files.rename(at('b'), at('a'));
    expect(await files.read(at('log'))).to.equal('one\ntwo\n');
    expect(await files.list(folder.path)).to.deep.equal(['a', 'log']);
    await files.remove(at('log'));
    await files.remove(at('log'));
    expect(await files.info(at('log'))).to.equal(undefined);
    expect((await files.info(folder.path))?.kind).to.equal('directory');
  });

  it('creates a file for one of many who try at once, with its content', async () => {
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) => files.createExclusive(at('x/lock'), `holder ${index}`)),
    );
    const winner = results.indexOf(true);
    expect(results.filter(Boolean)).to.have.length(1);
    expect(await files.read(at('x/lock'))).to.equal(`holder ${winner}`);
    expect(readdirSync(at('x'))).to.deep.equal(['lock']);
  });

  it('refuses a path through a file', async () => {
    writeFileSync(at('file'), '');
    const error = await refusal(files.write(at('file/below'), 'x'));
    expect(error.code).to.equal('files.notAFolder');
    expect(error.problems[0]!.message).to.include(at('file/below'));
    expect((await refusal(files.list(at('file')))).code).to.equal('files.notAFolder');
    expect((await refusal(files.makeFolder(at('file')))).code).to.equal('files.notAFolder');
  });

  it('refuses a folder where a file is needed', async () => {
    mkdirSync(at('folder'));
    expect((await refusal(files.read(at('folder')))).code).to.equal('files.isAFolder');
    expect((await refusal(files.write(at('folder'), 'x'))).code).to.equal('files.isAFolder');
    expect(readdirSync(folder.path)).to.deep.equal(['folder']);
  });

  it('names the cure when permission is denied', async function () {
    if (isRoot) this.skip();
    mkdirSync(at('closed'));
    chmodSync(at('closed'), 0o500);
    const error = await refusal(files.write(at('closed/x'), 'x'));
    expect(error.code).to.equal('files.denied');
    expect(error.problems[0]!.hints![0]).to.include(`ls -ld ${at('closed')}`);
  });

  describe('on a file system of its own', () => {
    const mount = (options: string) => {
      mkdirSync(at('mounted'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', at('mounted')], { stdio: 'ignore' });
    };
    const mounted = (context: Mocha.Context, options: string): void => {
      try {
        mount(options);
      } catch {
        context.skip();
      }
    };
    afterEach(() => {
      try {
        execFileSync('umount', [at('mounted')], { stdio: 'ignore' });
      } catch {
        // Mounting needs rights that this machine did not give.
      }
    });

    it('says that a read-only one is read-only', async function () {
      mounted(this, 'ro,size=1m');
      const error = await refusal(files.write(at('mounted/x'), 'x'));
      expect(error.code).to.equal('files.readOnly');
      expect(error.problems[0]!.message).to.include('read-only');
      expect((await refusal(files.write(at('mounted/a/b/x'), 'x'))).code).to.equal('files.readOnly');
    });

    it('keeps the old file whole when the disk is full, and leaves no rest', async function () {
      mounted(this, 'size=64k');
      await files.write(at('mounted/x'), 'old');
      const error = await refusal(files.write(at('mounted/x'), 'y'.repeat(200_000)));
      expect(error.code).to.equal('files.full');
      expect(error.problems[0]!.hints![0]).to.include('df -h');
      expect(await files.read(at('mounted/x'))).to.equal('old');
      expect(readdirSync(at('mounted'))).to.deep.equal(['x']);
    });
  });
});
