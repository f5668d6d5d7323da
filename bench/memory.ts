/** What a tree of processes takes while it works, but for some programs. */
import { readdirSync, readFileSync } from 'node:fs';

const EVERY_MS = 50;

export interface MemoryWatch {
  /** Looks at these processes and all below them. */
  begin(roots: readonly number[]): void;
  end(): void;
  /** At its highest, of all that was looked at: what is theirs alone. Pages of a program's file are the cache's. */
  megabytes(): number;
  /** That moment, by program. */
  told(): string;
}

interface Process {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
}

export function watchMemory(leftOut: readonly string[]): MemoryWatch {
  let watch: NodeJS.Timeout | undefined;
  let highest: ReadonlyMap<string, number> = new Map();
  const sum = (all: ReadonlyMap<string, number>): number => [...all.values()].reduce((a, b) => a + b, 0);
  return {
    begin: (roots) => {
      watch = setInterval(() => {
        const now = new Map<string, number>();
        for (const { pid, name } of below(roots).filter((one) => !leftOut.includes(one.name)))
          now.set(name, (now.get(name) ?? 0) + megabytesOf(pid));
        if (sum(now) > sum(highest)) highest = now;
      }, EVERY_MS);
    },
    end: () => clearInterval(watch),
    megabytes: () => sum(highest),
    told: () => [...highest].map(([name, megabytes]) => `${name} ${megabytes.toFixed(1)}`).join(', '),
  };
}

function below(roots: readonly number[]): readonly Process[] {
  const all = readdirSync('/proc').flatMap((name): Process[] => {
    const stat = readOrNothing(`/proc/${name}/stat`);
    const match = /^(\d+) \((.*)\) \S (\d+)/.exec(stat);
    return match === null ? [] : [{ pid: Number(match[1]), name: match[2] ?? '', parent: Number(match[3]) }];
  });
  const found = new Set(roots);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const one of all) if (found.has(one.parent)) found.add(one.pid);
  }
  return all.filter(({ pid }) => found.has(pid));
}

/** Anonymous and shared memory; a page that several share counts once between them. */
function megabytesOf(pid: number): number {
  const text = readOrNothing(`/proc/${pid}/smaps_rollup`);
  const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
  return (kilobytes('Pss_Anon') + kilobytes('Pss_Shmem')) / 1024;
}

/** Processes end while one looks. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
