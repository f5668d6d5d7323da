/** `--verbose`: every program that runs and what it says, without what may not be seen. */
import { basename } from 'node:path';
import { Secret } from '../model/secret.ts';
import type { Command, Runner } from '../ports/runner.ts';

/** Arguments never hold secrets, so they can be shown. `tell` gets whole lines. */
export function tellingRunner(runner: Runner, tell: (line: string) => void): Runner {
  return {
    async run(command: Command) {
      tell(`$ ${[command.program, ...command.args].join(' ')}`);
      const speaks = mayBeQuoted(command);
      const hidden = secretsOf(command);
      const outcome = await runner.run({
        ...command,
        onLine: (stream, line) => {
          if (speaks && (stream === 'stderr' || command.logFile !== undefined)) tell(`  ${masked(line, hidden)}`);
          command.onLine?.(stream, line);
        },
      });
      tell(`  exit code ${outcome.exitCode} after ${outcome.durationMs} ms`);
      return outcome;
    },
  };
}

/** sops and whoever reads manifests from stdin may quote, in any form, what they were given to read. */
function mayBeQuoted({ program, stdin, interactive }: Command): boolean {
  return interactive !== true && stdin === undefined && basename(program) !== 'sops';
}

function secretsOf({ env }: Command): readonly string[] {
  const values = Object.values(env ?? {}).flatMap((value) => (value instanceof Secret ? [value.reveal()] : []));
  return values.filter((value) => value !== '');
}

function masked(line: string, hidden: readonly string[]): string {
  return hidden.reduce((clean, value) => clean.replaceAll(value, '[secret]'), line);
}
