/**
 * The cloud's memory. A change is one line of a journal, on disk before anyone hears of it; a snapshot shortens the
 * journal now and then. A process that dies at any moment loses at most the change it had not yet answered for.
 */
import fs from 'node:fs';
import path from 'node:path';
import { FailedError } from '../../errors.ts';
import type { CloudChange } from './contracts.ts';
import type { Documents, Kind } from './documents.ts';

type Change = readonly [kind: Kind, id: string, value: unknown];
interface JournalLine {
  readonly n: number;
  readonly changes: readonly Change[];
}
interface SnapshotFile {
  readonly n: number;
  readonly documents: readonly Change[];
}

const journalLimitBytes = 4 * 1024 * 1024;

/** Changes that become true together. */
export interface Transaction {
  put<K extends Kind>(kind: K, id: string, value: Documents[K]): void;
  remove(kind: Kind, id: string): void;
  /** The next number of a series, starting at `first`. */
  number(series: string, first: number): number;
}

export class Store {
  readonly #folder: string;
  readonly #documents = new Map<Kind, Map<string, unknown>>();
  readonly #listeners = new Set<(change: CloudChange) => void>();
  #journal: number;
  #journalBytes = 0;
  #n = 0;

  /** Throws FailedError when the files are damaged beyond the torn last line that a crash leaves. */
  constructor(folder: string) {
    this.#folder = folder;
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#readSnapshot();
    this.#replayJournal();
    this.#journal = fs.openSync(this.#journalFile, 'a', 0o600);
    if (this.#journalBytes > 0) this.compact();
  }

  get #journalFile(): string {
    return path.join(this.#folder, 'journal.jsonl');
  }
  get #snapshotFile(): string {
    return path.join(this.#folder, 'state.json');
  }

  get<K extends Kind>(kind: K, id: string): Documents[K] | undefined {
    return this.#documents.get(kind)?.get(id) as Documents[K] | undefined;
  }

  /** In the order they were made. */
  list<K extends Kind>(kind: K): readonly Documents[K][] {
    return [...(this.#documents.get(kind)?.values() ?? [])] as Documents[K][];
  }

  /** Runs `fill`, then makes all its changes true at once. What `fill` returns, when it does not throw. */
  write<T>(fill: (transaction: Transaction) => T): T {
    const changes: Change[] = [];
    const counters = new Map<string, number>();
    const result = fill({
      put: (kind, id, value) => changes.push([kind, id, value]),
      remove: (kind, id) => changes.push([kind, id, null]),
      number: (series, first) => {
        const value = counters.get(series) ?? this.get('counter', series)?.next ?? first;
        counters.set(series, value + 1);
        return value;
      },
    });
    for (const [series, next] of counters) changes.push(['counter', series, { next }]);
    if (changes.length > 0) this.#commit(changes);
    return result;
  }

  onChange(listener: (change: CloudChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Writes everything into the snapshot and empties the journal. */
  compact(): void {
    const documents: Change[] = [];
    for (const [kind, byId] of this.#documents) {
      for (const [id, value] of byId) documents.push([kind, id, value]);
    }
    const snapshot: SnapshotFile = { n: this.#n, documents };
    const temporary = `${this.#snapshotFile}.new`;
    const file = fs.openSync(temporary, 'w', 0o600);
    fs.writeFileSync(file, JSON.stringify(snapshot));
    fs.fsyncSync(file);
    fs.closeSync(file);
    fs.renameSync(temporary, this.#snapshotFile);
    this.#syncFolder();
    // A crash before this line leaves journal lines that the snapshot holds already: replaying skips them by number.
    fs.ftruncateSync(this.#journal);
    this.#journalBytes = 0;
  }

  close(): void {
    this.compact();
    fs.closeSync(this.#journal);
  }

  #commit(changes: readonly Change[]): void {
    const line: JournalLine = { n: this.#n + 1, changes };
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    this.#append(bytes);
    this.#n = line.n;
    const events = changes.flatMap((change) => this.#apply(change));
    if (this.#journalBytes > journalLimitBytes) this.compact();
    for (const event of events) for (const listener of this.#listeners) listener(event);
  }

  /** Whole or not at all: a full disk leaves no half line for later ones to follow. */
  #append(bytes: Buffer): void {
    try {
      for (let written = 0; written < bytes.length;) written += fs.writeSync(this.#journal, bytes, written);
      fs.fdatasyncSync(this.#journal);
    } catch (error) {
      fs.ftruncateSync(this.#journal, this.#journalBytes);
      throw error;
    }
    this.#journalBytes += bytes.length;
  }

  #apply([kind, id, value]: Change): CloudChange[] {
    let byId = this.#documents.get(kind);
    if (byId === undefined) {
      byId = new Map<string, unknown>();
      this.#documents.set(kind, byId);
    }
    const existed = byId.has(id);
    if (value === null) {
      byId.delete(id);
      return existed ? [{ kind, id, what: 'deleted' }] : [];
    }
    byId.set(id, value);
    return [{ kind, id, what: existed ? 'changed' : 'created' }];
  }

  #readSnapshot(): void {
    if (!fs.existsSync(this.#snapshotFile)) return;
    const snapshot = parse<SnapshotFile>(fs.readFileSync(this.#snapshotFile, 'utf8'));
    if (snapshot === undefined) throw damaged(this.#snapshotFile);
    this.#n = snapshot.n;
    for (const change of snapshot.documents) this.#apply(change);
  }

  #replayJournal(): void {
    if (!fs.existsSync(this.#journalFile)) return;
    const text = fs.readFileSync(this.#journalFile, 'utf8');
    const complete = text.lastIndexOf('\n') + 1;
    for (const line of text.slice(0, complete).split('\n')) {
      if (line === '') continue;
      const entry = parse<JournalLine>(line);
      if (entry === undefined) throw damaged(this.#journalFile);
      if (entry.n <= this.#n) continue;
      this.#n = entry.n;
      for (const change of entry.changes) this.#apply(change);
    }
    // What follows the last line end was being written when the process died, and was never answered for.
    this.#journalBytes = Buffer.byteLength(text.slice(0, complete));
    fs.truncateSync(this.#journalFile, this.#journalBytes);
  }

  #syncFolder(): void {
    const folder = fs.openSync(this.#folder, 'r');
    fs.fsyncSync(folder);
    fs.closeSync(folder);
  }
}

function parse<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

function damaged(file: string): FailedError {
  return new FailedError('sandbox.state-damaged', {
    message: `The sandbox's memory in ${file} cannot be read.`,
    hints: ['Run `ffops sandbox stop` and start again: the simulated cloud begins empty.'],
  });
}
