import { BaseCommand } from '../../cli/base-command.ts';
import { lockFileOf } from '../../cli/toolchain-lock.ts';
import { listToolchain } from '../../usecases/toolchain.ts';
import { toolchainListText } from '../../views/toolchain.ts';

export default class ToolchainList extends BaseCommand {
  static override summary = 'List the pinned tools, providers and charts: which are there, from where, and why';
  static override examples = [
    { description: 'What is there and what is missing', command: '<%= config.bin %> toolchain list' },
    { description: 'The file of each tool, for a script', command: '<%= config.bin %> toolchain list --json' },
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(ToolchainList);
    const context = this.open(flags);
    const result = await listToolchain(context.ports, { lockFile: await lockFileOf(context) });
    this.answer(context, result, () => toolchainListText(result, context.style));
  }
}
