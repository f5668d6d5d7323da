import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { FailedError } from '../../../src/errors.ts';
import { Store } from '../../../src/sandbox/digitalocean/store.ts';
import { tempFolder } from '../../support/temp.ts';

describe('the memory of the simulated cloud', () => {
  let folder: ReturnType<typeof tempFolder>;
  beforeEach(() => {
    folder = tempFolder();
  });
  afterEach(() => folder.remove());
  const journal = (): string => path.join(folder.path, 'journal.jsonl');
  const names = (store: Store): readonly string[] => store.list('domain').map((domain) => domain.name);
  const put = (store: Store, ...domains: string[]): void =>
    store.write((change) => {
      for (const name of domains) change.put('domain', name, { name, ttl: 1800 });
    });

  it('has on disk what it was told, without being closed', () => {
    put(new Store(folder.path), 'a.example', 'b.example');
    expect(names(new Store(folder.path))).to.deep.equal(['a.example', 'b.example']);
  });

  it('forgets what was removed, and keeps the order of the rest', () => {
    const store = new Store(folder.path);
    for (const name of ['a.example', 'b.example', 'c.example']) put(store, name);
    store.write((change) => change.remove('domain', 'b.example'));
    put(store, 'a.example');
    store.close();
    expect(names(new Store(folder.path))).to.deep.equal(['a.example', 'c.example']);
  });

  it('writes all of a change or nothing: a throw in the middle leaves no trace', () => {
    const store = new Store(folder.path);
    const failing = (): void =>
      store.write((change) => {
        change.put('domain', 'a.example', { name: 'a.example', ttl: 1 });
        throw new Error('thought better of it');
      });
    expect(failing).to.throw('thought better of it');
    expect(names(store)).to.deep.equal([]);
    expect(names(new Store(folder.path))).to.deep.equal([]);
  });

  it('never hands out a number twice, however often it starts', () => {
    const numbers = [1, 2, 3].map(() =>
      new Store(folder.path).write((change) => [change.number('record', 100), change.number('record', 100)]),
    );
    expect(numbers.flat()).to.deep.equal([100, 101, 102, 103, 104, 105]);
  });

  it('drops a last line that was being written when the process died', () => {
    put(new Store(folder.path), 'a.example');
    fs.appendFileSync(journal(), '{"n":99,"changes":[["domain","torn.exa');
    const store = new Store(folder.path);
    expect(names(store)).to.deep.equal(['a.example']);
    put(store, 'b.example');
    expect(names(new Store(folder.path))).to.deep.equal(['a.example', 'b.example']);
  });

  it('drops a line that a full disk cut off, and goes on when there is room again', () => {
    const store = new Store(folder.path);
    put(store, 'ä.example');
    const { writeSync } = fs;
    const full: typeof fs.writeSync = (file: number, bytes: unknown) => {
      writeSync(file, (bytes as Buffer).subarray(0, 10));
      throw new Error('ENOSPC: no space left on device, write');
    };
    fs.writeSync = full;
    try {
      expect(() => put(store, 'b.example')).to.throw('ENOSPC');
    } finally {
      fs.writeSync = writeSync;
    }
    expect(names(store)).to.deep.equal(['ä.example']);
    put(store, 'c.example');
    expect(names(new Store(folder.path))).to.deep.equal(['ä.example', 'c.example']);
  });

  it('survives a death between snapshot and emptied journal: nothing is applied twice', () => {
    const store = new Store(folder.path);
    put(store, 'a.example');
    store.write((change) => change.remove('domain', 'a.example'));
    put(store, 'b.example');
    const lines = fs.readFileSync(journal());
    store.compact();
    put(store, 'a.example');
    fs.writeFileSync(journal(), Buffer.concat([lines, fs.readFileSync(journal())]));
    expect(names(new Store(folder.path))).to.deep.equal(['b.example', 'a.example']);
  });

  it('keeps its journal short', () => {
    const store = new Store(folder.path);
    const long = 'x'.repeat(64 * 1024);
    for (let n = 0; n < 100; n += 1) store.write((change) => change.put('tag', 'same', { name: `${n}${long}` }));
    expect(fs.statSync(journal()).size).to.be.lessThan(5 * 1024 * 1024);
    expect(new Store(folder.path).get('tag', 'same')?.name).to.equal(`99${long}`);
  });

  it('refuses files that are damaged in the middle, and names the file', () => {
    put(new Store(folder.path), 'a.example');
    fs.writeFileSync(journal(), 'not json\n{"n":1,"changes":[]}\n');
    expect(() => new Store(folder.path)).to.throw(FailedError, journal());
  });

  it('tells listeners after the disk knows', () => {
    const store = new Store(folder.path);
    const heard: string[] = [];
    const stop = store.onChange(({ kind, id, what }) => {
      heard.push(`${what} ${kind} ${id} (on disk: ${names(new Store(folder.path)).includes(id)})`);
    });
    put(store, 'a.example');
    stop();
    put(store, 'b.example');
    expect(heard).to.deep.equal(['created domain a.example (on disk: true)']);
  });

  it('is readable by its owner alone', () => {
    const store = new Store(folder.path);
    put(store, 'a.example');
    store.close();
    for (const file of ['journal.jsonl', 'state.json']) {
      expect(fs.statSync(path.join(folder.path, file)).mode & 0o077, file).to.equal(0);
    }
  });
});
