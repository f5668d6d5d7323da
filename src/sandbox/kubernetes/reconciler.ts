import { isStatus } from './client.ts';
import { messageOf } from '../../errors.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

interface Entry {
  running: boolean;
  again: boolean;
  pauseMs: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Calls `reconcile` for each key that is enqueued: never twice at once for the same key, once more when the key was
 * enqueued meanwhile, and again a little later when it failed.
 */
export class Reconciler {
  readonly #reconcile: (key: string) => Promise<void>;
  readonly #report: (message: string) => void;
  readonly #entries = new Map<string, Entry>();
  #stopped = false;

  constructor(reconcile: (key: string) => Promise<void>, report: (message: string) => void) {
    this.#reconcile = reconcile;
    this.#report = report;
  }

  enqueue(key: string): void {
    if (this.#stopped) return;
    const entry = this.#entries.get(key) ?? { running: false, again: false, pauseMs: FIRST_PAUSE_MS, timer: undefined };
    this.#entries.set(key, entry);
    if (entry.running) {
      entry.again = true;
      return;
    }
    clearTimeout(entry.timer);
    void this.#run(key, entry);
  }

  /** What is in flight ends by itself and is not repeated. */
  stop(): void {
    this.#stopped = true;
    for (const entry of this.#entries.values()) clearTimeout(entry.timer);
    this.#entries.clear();
  }

  async #run(key: string, entry: Entry): Promise<void> {
    entry.running = true;
    try {
      do {
        entry.again = false;
        await this.#reconcile(key);
      } while (entry.again && !this.#stopped);
      this.#entries.delete(key);
    } catch (error) {
      if (this.#stopped) return;
      // Somebody else was faster: it is looked at again, with what they wrote.
      if (!isStatus(error, 409)) this.#report(`${key}: ${messageOf(error)}`);
      entry.timer = setTimeout(() => void this.#run(key, entry), entry.pauseMs);
      entry.timer.unref();
      entry.pauseMs = Math.min(entry.pauseMs * 2, LONGEST_PAUSE_MS);
    } finally {
      entry.running = false;
    }
  }
}
