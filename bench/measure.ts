import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** One finished run of a whole process. */
export interface Run {
  readonly seconds: number;
  /** Largest resident size of the process itself, in megabytes; undefined where the system does not say. */
  readonly megabytes: number | undefined;
}

export interface Contender {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Puts things back before each run; not timed. */
  readonly before?: () => void;
}

/**
 * Runs the contenders in turn, A B C A B C …, after one warm-up each, so that a machine that slows down slows all of them.
 * Says after each round how it went, on stderr. Throws when a run fails, with what it printed: a time of something that
 * failed means nothing.
 */
export async function race(contenders: readonly Contender[], rounds: number): Promise<Map<string, readonly Run[]>> {
  const results = new Map<string, Run[]>(contenders.map((contender) => [contender.name, []]));
  for (let round = 0; round <= rounds; round++) {
    const took: string[] = [];
    for (const contender of contenders) {
      const run = await once(contender);
      took.push(`${contender.name} ${run.seconds.toFixed(2)} s`);
      if (round > 0) results.get(contender.name)?.push(run);
    }
    console.error(`  ${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}: ${took.join(', ')}`);
  }
  return results;
}

async function once(contender: Contender): Promise<Run> {
  contender.before?.();
  const began = process.hrtime.bigint();
  const child = spawn(contender.program, contender.args, {
    cwd: contender.cwd,
    env: { ...process.env, ...contender.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed = (printed + chunk.toString()).slice(-4000)));
  child.stderr.on('data', (chunk: Buffer) => (printed = (printed + chunk.toString()).slice(-4000)));
  let megabytes: number | undefined;
  // Before it becomes its program it is a copy of this one, which is larger: the last look counts, not the largest.
  const watch = setInterval(() => {
    megabytes = residentMegabytes(child.pid) ?? megabytes;
  }, 20);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearInterval(watch);
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  if (code !== 0) throw new Error(`${contender.name} ended with ${String(code)}:\n${printed}`);
  return { seconds, megabytes };
}

function residentMegabytes(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const match = /VmHWM:\s+(\d+) kB/.exec(status);
    return match?.[1] === undefined ? undefined : Number(match[1]) / 1024;
  } catch {
    return undefined;
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** The median of the ratios round by round: it holds when the machine's speed drifts. */
export function ratio(of: readonly Run[], to: readonly Run[]): number {
  return median(of.map((run, index) => run.seconds / (to[index]?.seconds ?? Number.NaN)));
}

export interface Claim {
  readonly what: string;
  readonly value: number;
  readonly unit: '×' | 's' | 'MB';
  /** Absent: shown, not claimed. */
  readonly goal?: number;
}

/** Prints the table and says whether every goal was met. */
export function report(claims: readonly Claim[]): boolean {
  const width = Math.max(...claims.map((claim) => claim.what.length));
  let met = true;
  for (const { what, value, unit, goal } of claims) {
    const ok = goal === undefined || value <= goal;
    met &&= ok;
    const verdict = goal === undefined ? '' : `  goal ≤ ${goal}${unit}  ${ok ? 'met' : 'MISSED'}`;
    console.log(`${what.padEnd(width)}  ${value.toFixed(2).padStart(8)} ${unit}${verdict}`);
  }
  return met;
}
