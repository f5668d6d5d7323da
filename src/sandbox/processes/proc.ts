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


/** Resident memory; 0 when the process is gone. */
export function memoryOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(pid, 'status') ?? '')?.[1];
  return Number(kilobytes ?? 0) * 1024;
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
