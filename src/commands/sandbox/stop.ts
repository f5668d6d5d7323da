import { boolean } from '@oclif/core/flags';
import { BaseCommand } from '../../cli/base-command.ts';
import { sandboxStop } from '../../usecases/sandbox.ts';
import { sandboxStopText } from '../../views/sandbox.ts';

export default class SandboxStop extends BaseCommand {
  static override summary = 'Stop the sandbox and remove everything it made';
  static override examples = [
    { description: 'End every process, remove every file', command: '<%= config.bin %> sandbox stop' },
    {
      description: 'Free the memory, and go on tomorrow where it was',
      command: '<%= config.bin %> sandbox stop --keep',
    },
  ];
  static override flags = {
    keep: boolean({ description: 'keep the cloud, its clusters and buckets for the next start' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(SandboxStop);
    const context = this.open(flags);
    const { root } = await context.workspace();
    const { sandbox } = await context.hands();
    const result = await sandboxStop(sandbox, root, { keep: flags.keep });
    this.answer(context, result, () => sandboxStopText(result));
  }
}
