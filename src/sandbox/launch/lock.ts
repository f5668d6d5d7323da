import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive, type ProcessIdentity } from '../processes/proc.ts';

const ASK_EVERY_MS = 50;

/**
 * One start or stop at a time: others wait for their turn. A lock whose holder is gone counts for nothing. Throws when
 * somebody holds it for longer than `patienceMs`.
 */
export async function withLock<T>(file: string, patienceMs: number, work: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + patienceMs; !take(file);) {
    const holder = holderOf(file);
    if (holder === undefined || !isAlive(holder)) removeStale(file);
    else if (Date.now() < deadline) await sleep(ASK_EVERY_MS);
    else
      throw new Error(
        `Process ${String(holder.pid)} is starting or stopping this sandbox, and does not come to an end.`,
      );
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** The file appears whole: it is written under a name of its own, and linking fails when there is one already. */
function take(file: string): boolean {
  // A stop that ended just now may have taken the folder with it.
  mkdirSync(dirname(file), { recursive: true });
  const own = `${file}.${String(process.pid)}`;
  writeFileSync(own, JSON.stringify(identify(process.pid)), { mode: 0o600 });
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/**
 * Moved aside before it is looked at again: of several who found it stale, one moves it, and who moved the fresh lock of
 * a faster one by mistake puts it back.
 */
function removeStale(file: string): void {
  const aside = `${file}.${String(process.pid)}.stale`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  const holder = holderOf(aside);
  if (holder !== undefined && isAlive(holder)) linkSync(aside, file);
  rmSync(aside, { force: true });
}

/** Undefined when it was let go meanwhile. */
function holderOf(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
