import { BaseCommand } from '../../cli/base-command.ts';
import { keepCharts } from '../../usecases/charts.ts';
import { chartsText } from '../../views/charts.ts';

export default class ChartsVendor extends BaseCommand {
  static override summary = 'Put the archives of charts into the workspace, for machines without internet';
  static override description =
    'They lie in vendor/charts and are taken from there; the digests of ffops.lock.yaml are checked.';
  static override examples = [
    { description: 'Where the internet can be reached', command: '<%= config.bin %> charts vendor && git add vendor ffops.lock.yaml' },
    { description: 'From a mirror: charts.mirror in ffops.yaml', command: '<%= config.bin %> charts vendor --json' },
  ];
  static override exits = { 1: 'the archive of a chart cannot be had, or is not the one that is locked' };

  async run(): Promise<void> {
    const { flags } = await this.parse(ChartsVendor);
    const context = this.open(flags);
    const toolchain = await (await context.hands()).toolchain();
    const request = { workspace: await context.workspace(), how: 'vendor' } as const;
    const result = await keepCharts(context.ports, toolchain, request);
    this.answer(context, result, () => chartsText(result, context.style));
  }
}
