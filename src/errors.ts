/**
 * Every failure a person can meet is one of these; anything else that is thrown is a bug in ffops and says so.
 * A problem says what is wrong, where, and what to do next.
 */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Problem {
  readonly message: string;
  readonly at?: Place;
  readonly hints?: readonly string[];
}

export const ExitCode = {
  done: 0,
  failed: 1,
  pending: 2,
  badInput: 3,
  toolMissing: 4,
  locked: 5,
  consentRefused: 6,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export abstract class FfopsError extends Error {
  abstract readonly exitCode: ExitCode;
  /** A stable word for machines, such as `environment.invalid`. */
  readonly code: string;
  /** Never empty: the first one is the headline. */
  readonly problems: readonly Problem[];

  constructor(code: string, problems: Problem | readonly Problem[]) {
    const list = Array.isArray(problems) ? (problems as readonly Problem[]) : [problems as Problem];
    super(list[0]?.message ?? code);
    this.name = new.target.name;
    this.code = code;
    this.problems = list;
  }
}

/** The input is wrong: environment, flags, names, files. */
export class UserError extends FfopsError {
  readonly exitCode = ExitCode.badInput;
}

/** Something outside ffops failed: a tool's run, the cloud, the cluster, the network. */
export class FailedError extends FfopsError {
  readonly exitCode = ExitCode.failed;
}

/** A tool is missing or too old. */
export class ToolMissingError extends FfopsError {
  readonly exitCode = ExitCode.toolMissing;
}

/** Someone else holds a lock. */
export class LockedError extends FfopsError {
  readonly exitCode = ExitCode.locked;
}

/** Consent was refused, or could not be asked for. */
export class ConsentError extends FfopsError {
  readonly exitCode = ExitCode.consentRefused;
}

/** The user interrupted the run. */
export class InterruptedError extends FfopsError {
  readonly exitCode = ExitCode.interrupted;
}

/** What was thrown, in words: other code than ours may throw anything. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
