/** Several at once, of which some may fail: what succeeds stays, and every failure is told. */
import { FailedError, FfopsError, messageOf, ToolMissingError, type Problem } from '../errors.ts';
import { interrupted } from './lock.ts';
import type { OnProgress } from './progress.ts';

/** Downloads wait for the network, builds for their turn. Throws every failure, the same one once. */
export async function together<T>(
  names: readonly string[],
  onProgress: OnProgress,
  work: (name: string) => Promise<T>,
): Promise<readonly T[]> {
  const outcomes = await Promise.allSettled(
    names.map(async (name) => {
      try {
        return await work(name);
      } catch (error) {
        onProgress({ tool: name, step: 'failed', detail: messageOf(error) });
        throw error;
      }
    }),
  );
  const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
  if (errors.length > 0) throw combined(errors);
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<T>).value);
}

/** One failure is itself; several become one that lists them. */
function combined(errors: readonly unknown[]): unknown {
  const bug = errors.find((error) => !(error instanceof FfopsError));
  if (bug !== undefined) return bug;
  const known = errors as readonly FfopsError[];
  const problems = new Map<string, Problem>(
    known.flatMap((error) => error.problems.map((problem) => [problem.message, problem] as const)),
  );
  if (problems.size === 1 || known.every(({ code }) => code === known[0]!.code && code === interrupted().code))
    return known[0];
  const list = [...problems.values()];
  return known.every((error) => error instanceof ToolMissingError)
    ? new ToolMissingError('toolchain.install', list)
    : new FailedError('toolchain.install', list);
}
