/** Runs jobs in the order their dependencies allow, several at once. Knows nothing about stacks. */
import type { Interruption } from '../ports/runner.ts';

export interface Job<Value> {
  readonly name: string;
  /** Jobs that must have succeeded before; names that are no job of this run are ignored. */
  readonly after: readonly string[];
  run(): Promise<Value>;
}

export type Outcome<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** Not started, because that job did not succeed. */
  | { readonly kind: 'skipped'; readonly because: string }
  /** Not started, because the user wanted to stop. */
  | { readonly kind: 'stopped' };

export interface ScheduleOptions<Value> {
  readonly parallel: number;
  /** A job that returned may still have failed in its own terms; true when absent. */
  readonly succeeded?: (value: Value) => boolean;
  readonly interruption?: Pick<Interruption, 'requested'>;
  readonly onOutcome?: (name: string, outcome: Outcome<Value>) => void;
}

/** Never throws for a job's sake: every job has an outcome, in the order of `jobs`. */
export async function schedule<Value>(
  jobs: readonly Job<Value>[],
  options: ScheduleOptions<Value>,
): Promise<ReadonlyMap<string, Outcome<Value>>> {
  const names = new Set(jobs.map((job) => job.name));
  const outcomes = new Map<string, Outcome<Value>>();
  const running = new Map<string, Promise<void>>();
  const waiting = new Set(jobs);

  const settle = (job: Job<Value>, outcome: Outcome<Value>): void => {
    outcomes.set(job.name, outcome);
    options.onOutcome?.(job.name, outcome);
  };
  const succeeded = (outcome: Outcome<Value>): boolean =>
    outcome.kind === 'done' && (options.succeeded?.(outcome.value) ?? true);
  const start = (job: Job<Value>): void => {
    const finished = job.run().then(
      (value) => settle(job, { kind: 'done', value }),
      (error: unknown) => settle(job, { kind: 'failed', error }),
    );
    running.set(
      job.name,
      finished.finally(() => running.delete(job.name)),
    );
  };

  while (waiting.size > 0 || running.size > 0) {
    const before = waiting.size;
    for (const job of waiting) {
      const needs = job.after.filter((name) => names.has(name));
      const broken = needs.find((name) => {
        const outcome = outcomes.get(name);
        return outcome !== undefined && !succeeded(outcome);
      });
      if (broken !== undefined) {
        waiting.delete(job);
        const outcome = outcomes.get(broken);
        settle(job, outcome?.kind === 'stopped' ? outcome : { kind: 'skipped', because: rootCause(broken, outcome) });
      } else if (options.interruption?.requested) {
        waiting.delete(job);
        settle(job, { kind: 'stopped' });
      } else if (running.size < options.parallel && needs.every((name) => outcomes.has(name))) {
        waiting.delete(job);
        start(job);
      }
    }
    if (running.size > 0) await Promise.race(running.values());
    else if (waiting.size === before && before > 0) throw new Error('The jobs wait for each other.');
  }
  return new Map(jobs.map((job) => [job.name, outcomes.get(job.name)!]));
}

/** A job skipped behind a skipped one names the one that failed. */
function rootCause<Value>(name: string, outcome: Outcome<Value> | undefined): string {
  return outcome?.kind === 'skipped' ? outcome.because : name;
}

/** How many stacks at once: tools mostly wait for the network, but each holds memory. */
export function defaultParallelism(machine: { readonly cores: number; readonly freeMemoryBytes: number }): number {
  const perStackBytes = 400 * 1024 * 1024;
  const byMemory = Math.floor(machine.freeMemoryBytes / perStackBytes);
  return Math.max(1, Math.min(machine.cores * 3, byMemory, 12));
}
