import { BaseCommand } from '../../cli/base-command.ts';
import { keepCharts } from '../../usecases/charts.ts';
import { chartsText } from '../../views/charts.ts';

export default class ChartsLock extends BaseCommand {
  static override summary = 'Record the version and the digest of every chart in ffops.lock.yaml';
  static override description =
    'Of all environments of the workspace. What is recorded stays: an archive with another digest stops plan, apply and render.';
  static override examples = [
    { description: 'After an app was added', command: '<%= config.bin %> charts lock' },
    { description: 'Which charts, for a script', command: '<%= config.bin %> charts lock --json | jq -r ".result.charts[].name"' },
  ];
  static override exits = { 1: 'the archive of a chart cannot be had, or is not the one that is locked' };

  async run(): Promise<void> {
    const { flags } = await this.parse(ChartsLock);
    const context = this.open(flags);
    const toolchain = await (await context.hands()).toolchain();
    const request = { workspace: await context.workspace(), how: 'lock' } as const;
    const result = await keepCharts(context.ports, toolchain, request);
    this.answer(context, result, () => chartsText(result, context.style));
  }
}
