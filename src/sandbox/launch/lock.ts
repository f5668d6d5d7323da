import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { identify, isAlive, type ProcessIdentity } from '../processes/proc.ts';

/** One start or stop at a time. A lock whose holder is gone counts for nothing. Throws when somebody holds it. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  take(file);
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file: string): void {
  const own = JSON.stringify(identify(process.pid));
  try {
    writeFileSync(file, own, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const holder = holderOf(file);
    if (holder !== undefined && isAlive(holder)) {
      throw new Error(`process ${String(holder.pid)} is starting or stopping this sandbox; wait for it`);
    }
    rmSync(file, { force: true });
    writeFileSync(file, own, { flag: 'wx', mode: 0o600 });
  }
}

/** Undefined when the file is broken: its writer was killed in the middle. */
function holderOf(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
