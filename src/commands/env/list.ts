import { BaseCommand } from '../../cli/base-command.ts';
import { listAllEnvironments } from '../../usecases/environment-list.ts';
import { environmentListText } from '../../views/environment-list.ts';

export default class EnvList extends BaseCommand {
  static override summary = 'List the environments of the workspace';
  static override examples = [
    { description: 'What is there, and which one is chosen', command: '<%= config.bin %> env list' },
    { description: 'For a script', command: '<%= config.bin %> env list --json' },
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(EnvList);
    const context = this.open(flags);
    const result = await listAllEnvironments(context.ports, await context.workspace(), flags.env);
    this.answer(context, result, () => environmentListText(result, context.style));
  }
}
