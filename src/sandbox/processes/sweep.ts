import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, markedProcesses, type ProcessIdentity } from './proc.ts';

/** Ends every process of a sandbox that is still there, gently first. Returns the ones it ended. */
export async function sweep(runtime: string, graceMs: number): Promise<readonly ProcessIdentity[]> {
  const found = markedProcesses(runtime);
  signalAll(found, 'SIGTERM');
  await gone(found, graceMs);
  // Parts may have started others while they were asked to end.
  for (let left = survivors(runtime, found); left.length > 0; left = survivors(runtime, found)) {
    signalAll(left, 'SIGKILL');
    await gone(left, 2_000);
  }
  return found;
}

function survivors(runtime: string, known: readonly ProcessIdentity[]): readonly ProcessIdentity[] {
  const marked = markedProcesses(runtime);
  const pids = new Set(marked.map(({ pid }) => pid));
  return [...marked, ...known.filter((one) => !pids.has(one.pid) && isAlive(one))];
}

async function gone(processes: readonly ProcessIdentity[], withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (processes.some(isAlive) && Date.now() < deadline) await sleep(20);
}

function signalAll(processes: readonly ProcessIdentity[], signal: 'SIGTERM' | 'SIGKILL'): void {
  for (const identity of processes) {
    if (!isAlive(identity)) continue;
    try {
      process.kill(identity.pid, signal);
    } catch {
      // It ended by itself in the meantime.
    }
  }
}
