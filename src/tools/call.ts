import type { Command, Outcome } from '../ports/runner.ts';
import { FailedError, type Problem } from '../errors.ts';

/** A command of a tool, before anyone knows where its binary lies. */
export type ToolCall = Omit<Command, 'program'>;

export type ToolName = 'kubectl' | 'helm' | 'doctl' | 'sops' | 'age-keygen' | 'git' | 'tofu' | 'rclone';

/** Runs a tool wherever it lies. Resolves whatever the exit code; throws ToolMissingError when there is no such tool. */
export type RunTool = (tool: ToolName, call: ToolCall) => Promise<Outcome>;

/**
 * What went wrong, in the tool's own last words. They never hold the command line; a caller whose stdin carried secrets
 * masks them first.
 */
export function toolFailed(
  code: string,
  what: string,
  outcome: Pick<Outcome, 'exitCode' | 'stderr' | 'timedOut'>,
  hints: readonly string[] = [],
): FailedError {
  const words = lastWords(outcome.stderr);
  const reason = outcome.timedOut
    ? 'it did not end in time.'
    : words === ''
      ? `it exited with ${outcome.exitCode}.`
      : words;
  const problem: Problem = { message: `${what}: ${reason}`, hints };
  return new FailedError(code, problem);
}

const maxLines = 4;

function lastWords(stderr: string): string {
  return stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-maxLines)
    .join('\n')
    .replace(/^error: /i, '');
}
