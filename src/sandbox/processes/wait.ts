import { setTimeout as sleep } from 'node:timers/promises';

const ASK_EVERY_MS = 50;

/** Thrown by a question that has no use being asked again. */
export class GaveUp extends Error {}

/** Asks until the answer is not undefined. Throws `what`, and what failed last, when the time is over. */
export async function waitFor<T>(what: string, withinMs: number, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + withinMs;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      if (error instanceof GaveUp) throw error;
      cause = error;
    }
    if (Date.now() > deadline) throw new Error(cause instanceof Error ? `${what} (${cause.message})` : what, { cause });
    await sleep(ASK_EVERY_MS);
  }
}
