import { ExitCode } from '../errors.ts';

/** How a piece of work ended; the exit code follows from it (src/cli/exit.ts). */
export type Verdict =
  | 'done'
  | 'pending'
  | 'interrupted'
  /** Consent was refused, or nobody could be asked, for a part of it. */
  | 'refused'
  /** Someone else holds a lock on a part of it. */
  | 'locked'
  | 'invalid'
  | 'toolMissing'
  | 'failed';

/** What a use case returns: plain data that may carry a verdict; without one it is done. */
export interface Result {
  readonly verdict?: Verdict;
}

const severity: readonly Verdict[] = [
  'done',
  'pending',
  'interrupted',
  'refused',
  'locked',
  'invalid',
  'toolMissing',
  'failed',
];

/** A failure beats what was refused or locked, which beats an interruption, which beats pending changes, which beat none. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce<Verdict>((a, b) => (severity.indexOf(b) > severity.indexOf(a) ? b : a), 'done');
}

const verdictsByCode: Partial<Record<ExitCode, Verdict>> = {
  [ExitCode.badInput]: 'invalid',
  [ExitCode.toolMissing]: 'toolMissing',
  [ExitCode.locked]: 'locked',
  [ExitCode.consentRefused]: 'refused',
};

/** What the failure of a part, by the exit code it would have had alone, means for the whole. */
export function verdictOfCode(exitCode: ExitCode | undefined): Verdict {
  return (exitCode === undefined ? undefined : verdictsByCode[exitCode]) ?? 'failed';
}
