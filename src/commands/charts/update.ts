import { BaseCommand } from '../../cli/base-command.ts';
import { keepCharts } from '../../usecases/charts.ts';
import { chartsText } from '../../views/charts.ts';

export default class ChartsUpdate extends BaseCommand {
  static override summary = 'Lock the versions of charts that this ffops installs';
  static override description =
    'Each ffops goes with one version of a chart; after an update of ffops, plans stop until the new ones are locked.';
  static override examples = [
    { description: 'After an update of ffops', command: '<%= config.bin %> charts update && ffops plan' },
    { description: 'What changed, for a script', command: '<%= config.bin %> charts update --json | jq ".result.charts[] | select(.before)"' },
  ];
  static override exits = { 1: 'the archive of a chart cannot be had, or is not the one that is locked' };

  async run(): Promise<void> {
    const { flags } = await this.parse(ChartsUpdate);
    const context = this.open(flags);
    const toolchain = await (await context.hands()).toolchain();
    const request = { workspace: await context.workspace(), how: 'update' } as const;
    const result = await keepCharts(context.ports, toolchain, request);
    this.answer(context, result, () => chartsText(result, context.style));
  }
}
