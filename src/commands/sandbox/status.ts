import { BaseCommand } from '../../cli/base-command.ts';
import { sandboxStatus } from '../../usecases/sandbox.ts';
import { sandboxStatusText } from '../../views/sandbox.ts';

export default class SandboxStatus extends BaseCommand {
  static override summary = 'Show the parts of the sandbox, their addresses and their memory';
  static override examples = [
    { description: 'What runs, and how much memory it takes', command: '<%= config.bin %> sandbox status' },
    { description: 'The same for a script', command: '<%= config.bin %> sandbox status --json' },
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(SandboxStatus);
    const context = this.open(flags);
    const { root } = await context.workspace();
    const { sandbox } = await context.hands();
    const result = await sandboxStatus(sandbox, root);
    this.answer(context, result, () => sandboxStatusText(result, context.style));
  }
}
