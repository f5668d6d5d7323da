import { ExitCode, type FfopsError } from '../errors.ts';
import type { Result, Verdict } from '../usecases/verdict.ts';

const codes: Readonly<Record<Verdict, ExitCode>> = {
  done: ExitCode.done,
  pending: ExitCode.pending,
  interrupted: ExitCode.interrupted,
  refused: ExitCode.consentRefused,
  locked: ExitCode.locked,
  invalid: ExitCode.badInput,
  toolMissing: ExitCode.toolMissing,
  failed: ExitCode.failed,
};

/** Any plain data; most results carry no verdict, and are done. */
export function exitCodeOfResult(result: object): ExitCode {
  return codes[(result as Result).verdict ?? 'done'];
}

/** A tool that fails because it was told to stop is an interruption, not a failure. */
export function exitCodeOfError(error: FfopsError, interrupted: boolean): ExitCode {
  return interrupted && error.exitCode === ExitCode.failed ? ExitCode.interrupted : error.exitCode;
}

/** The words of `--help` and of the README. */
export const exitMeanings: Readonly<Record<ExitCode, string>> = {
  [ExitCode.done]: 'done, or nothing to do',
  [ExitCode.failed]: 'failed',
  [ExitCode.pending]: 'changes are pending',
  [ExitCode.badInput]: 'the input is wrong: environment, flags, names, files',
  [ExitCode.toolMissing]: 'a tool is missing or too old',
  [ExitCode.locked]: 'someone else holds the lock',
  [ExitCode.consentRefused]: 'consent was refused, or nobody could be asked',
  [ExitCode.interrupted]: 'interrupted',
};
