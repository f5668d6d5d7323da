/** One ffops at a time per environment on this machine; OpenTofu's own locks guard against other machines. */
import { z } from 'zod';
import { LockedError } from '../errors.ts';
import type { Ports } from '../ports/ports.ts';
import type { Operator } from './contracts.ts';
import { isAlive, markOf } from './processes.ts';

const holderSchema = z.object({
  user: z.string(),
  host: z.string(),
  pid: z.number(),
  started: z.string(),
  since: z.string(),
  command: z.string(),
});
export type LockHolder = z.infer<typeof holderSchema>;

const attempts = 20;
const retryMs = 50;

export interface RunLock {
  release(): Promise<void>;
}

/** Throws LockedError, saying who holds it, since when, and how to get past it when that one is gone. */
export async function takeRunLock(ports: Ports, path: string, operator: Operator, command: string): Promise<RunLock> {
  const mine: LockHolder = {
    ...operator,
    started: (await markOf(ports, operator.pid))?.started ?? '',
    since: ports.clock.now().toISOString(),
    command,
  };
  const content = `${JSON.stringify(mine)}\n`;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (await ports.files.createExclusive(path, content)) return { release: () => releaseOwn(ports, path, content) };
    const text = await ports.files.read(path);
    if (text === undefined) continue;
    const holder = readHolder(text);
    if (holder && (holder.host !== operator.host || (await isAlive(ports, holder))))
      throw heldBy(holder, operator, path);
    await removeStale(ports, path, text, content);
  }
  throw new LockedError('run.locked', {
    message: 'Other runs keep taking the lock of this environment.',
    hints: ['Try again.'],
  });
}

/** Who works on the environment now; undefined when nobody does. */
export async function runLockHolder(ports: Ports, path: string, operator: Operator): Promise<LockHolder | undefined> {
  const holder = readHolder((await ports.files.read(path)) ?? '');
  const isHeld = holder !== undefined && (holder.host !== operator.host || (await isAlive(ports, holder)));
  return isHeld ? holder : undefined;
}

/**
 * Between reading a stale lock and removing it, another run may have put its own there. So only one run at a time
 * removes, and it looks again before it does; the others wait a moment and find what that one made of it.
 */
async function removeStale(ports: Ports, path: string, stale: string, mine: string): Promise<void> {
  const guard = `${path}.takeover`;
  if (!(await ports.files.createExclusive(guard, mine))) {
    const other = readHolder((await ports.files.read(guard)) ?? '');
    if (!other || !(await isAlive(ports, other))) await ports.files.remove(guard);
    return ports.clock.sleep(retryMs);
  }
  try {
    if ((await ports.files.read(path)) === stale) await ports.files.remove(path);
  } finally {
    await ports.files.remove(guard);
  }
}

/** Somebody who was sure that this run was gone may have removed the lock, and taken it. */
async function releaseOwn(ports: Ports, path: string, mine: string): Promise<void> {
  if ((await ports.files.read(path)) === mine) await ports.files.remove(path);
}

/** A lock file that cannot be read was cut short by a crash: nobody holds it. */
function readHolder(text: string): LockHolder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function heldBy(holder: LockHolder, operator: Operator, path: string): LockedError {
  const elsewhere = holder.host !== operator.host;
  return new LockedError('run.locked', {
    message: `"ffops ${holder.command}" of ${holder.user}@${holder.host} (pid ${holder.pid}) works on this environment since ${holder.since}.`,
    hints: elsewhere
      ? [`It runs on another machine. When you are sure that it is gone, remove ${path}.`]
      : ['Wait for it, or stop it with Ctrl-C in its terminal.', `To look at it: ps -fp ${holder.pid}`],
  });
}
