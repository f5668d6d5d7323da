import { string } from '@oclif/core/args';
import type { Command } from '@oclif/core/command';
import { BaseCommand } from '../cli/base-command.ts';
import { completionTree, type CompletionCommand } from '../usecases/completion-tree.ts';
import { completionScript, shells, type Shell } from '../views/completion.ts';

export default class Autocomplete extends BaseCommand {
  static override summary = 'Print the completion script of a shell';
  static override description = 'Put the line of your shell into ~/.bashrc, ~/.zshrc or ~/.config/fish/config.fish.';
  static override examples = [
    { description: 'bash (zsh is the same with `zsh`)', command: 'source <(<%= config.bin %> autocomplete bash)' },
    { description: 'fish', command: '<%= config.bin %> autocomplete fish | source' },
  ];
  static override args = {
    shell: string({ required: true, options: [...shells], description: 'whose script' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Autocomplete);
    const context = this.open(flags);
    const shell = args.shell as Shell;
    const tree = completionTree(this.config.commands.filter(({ hidden }) => hidden !== true).map(completionOf));
    const result = { shell, script: completionScript(shell, tree) };
    this.answer(context, result, () => result.script);
  }
}

function completionOf({ id, summary = '', flags, args }: Command.Loadable): CompletionCommand {
  return {
    id,
    summary,
    choices: Object.values(args)[0]?.options ?? [],
    takesEnvironment: id.startsWith('env:') && Object.keys(args)[0] === 'name' && id !== 'env:create',
    flags: Object.values(flags).map((flag) => ({
      name: flag.name,
      ...(flag.char && { char: flag.char }),
      summary: (flag.summary ?? flag.description ?? '').split('\n')[0]!,
      takesValue: flag.type === 'option',
      options: flag.type === 'option' ? (flag.options ?? []) : [],
    })),
  };
}
