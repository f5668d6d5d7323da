/**
 * What every command of ffops is made of. A command parses, hands over to a use case, and shows what comes back:
 *
 *     export default class Render extends BaseCommand {
 *       static override summary = 'Write the stacks of an environment';
 *       static override examples = [
 *         { description: 'Write what changed', command: '<%= config.bin %> render -e prod' },
 *         { description: 'In CI: fail when the stacks are stale', command: '<%= config.bin %> render -e prod --check' },
 *       ];
 *       static override exits = { 1: 'with --check: the stacks are stale' };
 *       static override flags = { check: Flags.boolean({ description: 'write nothing' }) };
 *
 *       async run() {
 *         const { flags } = await this.parse(Render);
 *         const context = this.open(flags);
 *         const environment = await context.environment();
 *         const result = await render(context.ports, { environment, check: flags.check });
 *         this.answer(context, result, () => renderText(result, context.style));
 *       }
 *     }
 *
 * - `context.ports` are the real ones. Everything else in the context is found when it is asked for, once:
 *   `workspace()`, `choice()`, `environment()`, `blueprint()`, `surroundings()` (the sandbox's with `--sandbox`), and
 *   `hands()`: tools, secrets, cluster and cloud (src/cli/hands.ts). The engine's commands call `openTarget(context)`.
 *   Each throws the error that tells the user what to do.
 * - `context.steps()` shows progress on stderr: a live list on a terminal, plain lines elsewhere, nothing with
 *   `--quiet`. Turn a use case's events into its calls; `close()` it before the answer.
 * - `this.answer(context, result, text)` prints one JSON document or the text, and sets the exit code from
 *   `result.verdict`. The type of `result`, comments included, is what docs/schemas is made of: plain data, no Map.
 * - Failures are thrown, never printed: src/cli/report.ts shows any `FfopsError`, as text or as JSON. So do oclif's own.
 * - Import use cases and views at the top; import what is slow (zod, yaml, handlebars, listr2) with `await import` in
 *   the use case that needs it. test/cli/start-up.test.ts watches over `env list`.
 */
import { Command } from '@oclif/core/command';
import type { ExitCode } from '../errors.ts';
import { openContext, type Context } from './context.ts';
import { exitCodeOfResult } from './exit.ts';
import { globalFlags, type GlobalFlags } from './flags.ts';

export abstract class BaseCommand extends Command {
  static override baseFlags = globalFlags;

  /** What the exit codes mean here, where it is more than the general meaning; shown by `--help`. */
  static exits: Partial<Record<ExitCode, string>> = {};

  /** `environment` is one that was given as an argument; it stands for `--env`. */
  protected open(flags: GlobalFlags, environment?: string): Context {
    return openContext(flags, this.config.version, environment);
  }

  /** `text` is only asked for when people read it; `width` is their screen's, undefined when it is no screen. */
  protected answer(context: Context, result: object, text: (width: number | undefined) => string): void {
    const exitCode = exitCodeOfResult(result);
    if (context.flags.json) {
      const schema = `ffops.${this.id!.replaceAll(':', '.')}/v1`;
      const document = { schema, ok: exitCode === 0 || exitCode === 2, ...context.chosen(), result };
      context.ports.terminal.out(`${JSON.stringify(document, null, 2)}\n`);
    } else {
      const { terminal } = context.ports;
      const shown = text(terminal.seen ? terminal.columns : undefined);
      terminal.out(shown === '' || shown.endsWith('\n') ? shown : `${shown}\n`);
    }
    process.exitCode = exitCode;
  }
}
