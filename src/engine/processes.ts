/** Recognises a process again: a pid alone may have been given to another one since. */
import { join } from 'node:path';
import type { Ports } from '../ports/ports.ts';

export interface ProcessMark {
  readonly pid: number;
  /** When it started, in the system's own words; empty where the system would not say. */
  readonly started: string;
}

/** Undefined when there is no such process, or only a zombie of it. */
export async function markOf(ports: Pick<Ports, 'files' | 'runner'>, pid: number): Promise<ProcessMark | undefined> {
  const bootId = await ports.files.read('/proc/sys/kernel/random/boot_id');
  if (bootId === undefined) return markFromPs(ports, pid);
  const stat = await ports.files.read(join('/proc', String(pid), 'stat')).catch(() => undefined);
  if (stat === undefined) return undefined;
  // The program's name is in parentheses and may hold anything, so fields are counted from the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return { pid, started: `${bootId.trim()}/${fields[19]}` };
}

async function markFromPs(ports: Pick<Ports, 'runner'>, pid: number): Promise<ProcessMark | undefined> {
  const outcome = await ports.runner.run({ program: 'ps', args: ['-o', 'lstart=', '-p', String(pid)] });
  const started = outcome.stdout.trim();
  return outcome.exitCode === 0 && started !== '' ? { pid, started } : undefined;
}

export async function isAlive(ports: Pick<Ports, 'files' | 'runner'>, mark: ProcessMark): Promise<boolean> {
  const now = await markOf(ports, mark.pid);
  return now !== undefined && now.started === mark.started;
}

/** Processes whose command line holds all of these texts: for those that nobody had the time to write down. */
export async function processesNaming(
  ports: Pick<Ports, 'files' | 'runner'>,
  texts: readonly string[],
): Promise<readonly ProcessMark[]> {
  const pids = await pidsNaming(ports, (line) => texts.every((text) => line.includes(text)));
  const marks = await Promise.all(pids.map((pid) => markOf(ports, pid)));
  return marks.filter((mark) => mark !== undefined);
}

async function pidsNaming(
  ports: Pick<Ports, 'files' | 'runner'>,
  names: (line: string) => boolean,
): Promise<readonly number[]> {
  const entries = (await ports.files.list('/proc')).filter((name) => /^\d+$/.test(name));
  if (entries.length > 0) {
    const lines = await Promise.all(
      entries.map((pid) => ports.files.read(join('/proc', pid, 'cmdline')).catch(() => undefined)),
    );
    return entries.filter((_, index) => names(lines[index] ?? '')).map(Number);
  }
  const outcome = await ports.runner.run({ program: 'ps', args: ['-axo', 'pid=,command='] });
  const lines = outcome.stdout.split('\n').filter(names);
  return lines.map((line) => Number.parseInt(line, 10)).filter((pid) => !Number.isNaN(pid));
}
