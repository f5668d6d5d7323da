/** `ffops`, `ffops env` and `ffops env list --help`: oclif's help with exit codes, and a first page people can use. */
import type { Command } from '@oclif/core/command';
import type { Config } from '@oclif/core/config';
import { CommandHelp, Help } from '@oclif/core/help';
import { wantsColour } from '../adapters/terminal.ts';
import { ExitCode } from '../errors.ts';
import { rootHelp, topicHelp } from '../views/root-help.ts';
import { styleFor } from '../views/style.ts';
import { columns } from '../views/text.ts';
import { exitMeanings } from './exit.ts';

/** `id` is a command's or a topic's, such as `env:list`; empty for the first page. */
export async function showHelp(config: Config, id: string): Promise<void> {
  if (config.commandIDs.includes(id))
    return await new FfopsHelp(config, { docopts: false, flagSortOrder: 'none' }).showHelp([id]);
  const style = styleFor(
    wantsColour({ json: false, colour: true, variables: process.env }, process.stdout.isTTY === true),
  );
  const commands = config.commands
    .filter(({ hidden }) => hidden !== true)
    .map((command) => ({ id: command.id, summary: command.summary ?? '' }));
  const input = { version: config.version, commands };
  process.stdout.write(id === '' ? rootHelp(input, style) : topicHelp(id, input, style));
}

class CommandHelpWithExits extends CommandHelp {
  override sections() {
    const exits = { header: 'EXIT CODES', generate: () => exitRows(this.command) };
    const sections = super.sections();
    const last = sections.findIndex(({ header }) => header === 'EXAMPLES');
    return [...sections.slice(0, last + 1), exits, ...sections.slice(last + 1)];
  }

  /** Without the summary, which stands at the top already. */
  override description() {
    return this.command.description === undefined ? undefined : this.wrap(this.command.description);
  }

  /** An empty list as a default says nothing. */
  override flags(flags: Parameters<CommandHelp['flags']>[0]) {
    const isEmpty = (value: unknown) => Array.isArray(value) && value.length === 0;
    return super.flags(
      flags.map((flag) => (isEmpty(flag.default) ? Object.assign({}, flag, { default: undefined }) : flag)),
    );
  }

  override defaultUsage() {
    return `${super.defaultUsage()} [FLAGS]`;
  }
}

/** Every command can be done, fail, or be refused its input; the rest is named where it can happen. */
function exitRows(command: Command.Loadable): string {
  const { exits = {} } = command as { readonly exits?: Partial<Record<ExitCode, string>> };
  const usual = {
    [ExitCode.done]: exitMeanings[0],
    [ExitCode.failed]: exitMeanings[1],
    [ExitCode.badInput]: exitMeanings[3],
  };
  return columns(Object.entries({ ...usual, ...exits }));
}

class FfopsHelp extends Help {
  override CommandHelpClass = CommandHelpWithExits;
}
