/** How a piece of work ended; the exit code follows from it (src/cli/exit.ts). */
export type Verdict = 'done' | 'pending' | 'failed' | 'interrupted';

/** What a use case returns: plain data that may carry a verdict; without one it is done. */
export interface Result {
  readonly verdict?: Verdict;
}

const severity: readonly Verdict[] = ['done', 'pending', 'interrupted', 'failed'];

/** A failure beats an interruption, which beats pending changes, which beat none. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce<Verdict>((a, b) => (severity.indexOf(b) > severity.indexOf(a) ? b : a), 'done');
}
