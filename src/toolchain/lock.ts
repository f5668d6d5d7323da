import { join } from 'node:path';
import { InterruptedError } from '../errors.ts';
import type { Ports } from '../ports/ports.ts';
import type { Host } from './host.ts';

const POLL_MS = 500;
/** Longer than any build: the owner's machine is gone, and its process cannot be asked. */
const FORGOTTEN_AFTER_MS = 3 * 3600_000;

interface Owner {
  readonly host: string;
  readonly pid: number;
  readonly since: number;
}

/**
 * One process at a time makes a tool; the others wait and then find it made. When two of them take over the lock of a
 * process that died, both work and the last rename wins, which costs time and nothing else.
 */
export async function withLock<T>(
  ports: Ports,
  host: Host,
  folder: string,
  onWait: (owner: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  const path = join(folder, 'lock');
  const mine: Owner = { host: host.name, pid: host.pid, since: ports.clock.now().getTime() };
  let told = false;
  while (!(await ports.files.createExclusive(path, JSON.stringify(mine)))) {
    const owner = parseOwner(await ports.files.read(path));
    if (owner === undefined || isGone(owner, host, ports.clock.now().getTime())) {
      await ports.files.remove(path);
      continue;
    }
    if (!told) onWait(owner.host === host.name ? `process ${owner.pid}` : `process ${owner.pid} on ${owner.host}`);
    told = true;
    await ports.clock.sleep(POLL_MS, ports.interruption);
    if (ports.interruption.requested) throw interrupted();
  }
  try {
    return await work();
  } finally {
    await ports.files.remove(path);
  }
}

export function interrupted(): InterruptedError {
  return new InterruptedError('toolchain.interrupted', {
    message: 'The installation of tools was interrupted.',
    hints: ['Run `ffops toolchain install` again: what was finished or compiled so far is kept.'],
  });
}

function isGone(owner: Owner, host: Host, now: number): boolean {
  if (owner.host === host.name && !host.isAlive(owner.pid)) return true;
  return now - owner.since > FORGOTTEN_AFTER_MS;
}

function parseOwner(text: string | undefined): Owner | undefined {
  try {
    const owner = JSON.parse(text ?? '') as Partial<Owner>;
    return typeof owner.host === 'string' && typeof owner.pid === 'number' && typeof owner.since === 'number'
      ? (owner as Owner)
      : undefined;
  } catch {
    return undefined;
  }
}
