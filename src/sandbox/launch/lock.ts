import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive, type ProcessIdentity } from '../processes/proc.ts';

const ASK_EVERY_MS = 50;

/**
 * One start or stop at a time: others wait for their turn. A lock whose holder is gone counts for nothing. Throws when
 * somebody holds it for longer than `patienceMs`.
 */
export async function withLock<T>(file: string, patienceMs: number, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  for (const deadline = Date.now() + patienceMs; !take(file);) {
    const holder = holderOf(file);
    if (holder === undefined || !isAlive(holder)) rmSync(file, { force: true });
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

/** Undefined when it was let go meanwhile. */
function holderOf(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
