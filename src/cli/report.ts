/** The last stop of everything that is thrown: errors for people or machines, and the exit code. */
import { ExitCode, FfopsError, UserError } from '../errors.ts';
import { errorDocument, errorText } from '../views/error.ts';
import { styleFor } from '../views/style.ts';
import { wantsColour } from '../adapters/terminal.ts';
import { commandOf, wantsFlag } from './argv.ts';
import { wasInterrupted } from './compose.ts';
import { exitCodeOfError } from './exit.ts';
import { outputError } from './output.ts';
import { sourceFinder } from './sources.ts';
import { usageError } from './usage-error.ts';

export interface About {
  readonly version: string;
  readonly bugsUrl: string | undefined;
}

export function report(thrown: unknown, argv: readonly string[], about: About): ExitCode {
  const { code, oclif } = (thrown ?? {}) as { code?: unknown; oclif?: { exit?: ExitCode } };
  if (code === 'EEXIT') return oclif?.exit ?? ExitCode.done;
  const error = thrown instanceof FfopsError ? thrown : (usageError(thrown, argv) ?? outputError(thrown));
  if (error === undefined) return reportBug(thrown, argv, about);
  if (wantsFlag(argv, 'json')) {
    process.stdout.write(`${JSON.stringify(errorDocument(error), null, 2)}\n`);
  } else {
    const colour = wantsColour(
      { json: false, colour: !wantsFlag(argv, 'no-color'), variables: process.env },
      process.stderr.isTTY === true && process.stdout.isTTY === true,
    );
    process.stderr.write(
      errorText(error.problems, styleFor(colour), sourceFinder(argv), process.stderr.columns ?? 100),
    );
  }
  return exitCodeOfError(error, wasInterrupted());
}

function reportBug(thrown: unknown, argv: readonly string[], about: About): ExitCode {
  const where = about.bugsUrl ?? 'the issue tracker of ffops';
  if (wantsFlag(argv, 'json')) {
    const error = new UserError('bug', {
      message: 'This is a bug in ffops, not a mistake of yours.',
      hints: [`Please report it at ${where}, with what stands on stderr.`],
    });
    process.stdout.write(`${JSON.stringify(errorDocument(error), null, 2)}\n`);
  }
  process.stderr.write(
    [
      'This is a bug in ffops, not a mistake of yours.',
      `Please report it at ${where}, with these lines:`,
      '',
      `ffops ${about.version}, Node ${process.versions.node}, ${process.platform} ${process.arch}, command: ${commandOf(argv)}`,
      thrown instanceof Error ? (thrown.stack ?? String(thrown)) : String(thrown),
      '',
    ].join('\n'),
  );
  return ExitCode.failed;
}
