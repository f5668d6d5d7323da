import { readdirSync, readFileSync } from 'node:fs';

/**
 * What the kernel says about processes. A process belongs to a sandbox when its environment carries the sandbox's mark,
 * so that a recycled process id can never be mistaken for one of ours, and a child of a killed part is still found.
 */
export const MARK = 'FFOPS_SANDBOX_RUNTIME';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot at which it started: together with the id it names one process for ever. */
  readonly startedAt: string;
}

/** Undefined when there is no such process, or only its zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readProc(pid, 'stat');
  if (stat === undefined) return undefined;
  // The second field is the program's name in parentheses and may hold anything, so fields count from the last ')'.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const startedAt = fields[19];
  if (startedAt === undefined || state === 'Z' || state === 'X') return undefined;
  return { pid, startedAt };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startedAt === identity.startedAt;
}

/**
 * What a process takes away from others, in bytes: its own pages, without those of files, which the system drops when
 * it needs the room. 0 when it is gone.
 */
export function memoryOf(pid: number): number {
  const status = readProc(pid, 'status') ?? '';
  const kilobytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
  return (kilobytes('RssAnon') + kilobytes('RssShmem')) * 1024;
}

/** Every process that was started by the sandbox with this runtime folder, this process excepted. */
export function markedProcesses(runtime: string): readonly ProcessIdentity[] {
  const wanted = `${MARK}=${runtime}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && (readProc(pid, 'environ') ?? '').split('\0').includes(wanted))
    .map((pid) => identify(pid))
    .filter((identity) => identity !== undefined);
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${String(pid)}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
