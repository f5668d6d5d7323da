import { BaseCommand } from '../cli/base-command.ts';
import { openTarget } from '../cli/target.ts';
import { selectionFlags, selectionOf } from '../cli/engine-flags.ts';
import { drift } from '../usecases/drift.ts';
import { driftText } from '../views/drift.ts';
import { showProgress } from '../views/engine-progress.ts';

export default class Drift extends BaseCommand {
  static override summary = 'Show what was changed outside of ffops';
  static override description =
    'Compares what OpenTofu last saw with what is there now. What the environment leaves to others (autoscaled pools, automatic upgrades) is no drift.';
  static override examples = [
    { description: 'Every stack of prod', command: '<%= config.bin %> drift -e prod' },
    {
      description: 'Only the network and the cluster, for a machine',
      command: '<%= config.bin %> drift -e prod --stack cloud --only --json',
    },
  ];
  static override exits = { 2: 'something was changed outside' };
  static override flags = { ...selectionFlags };

  async run(): Promise<void> {
    const { flags } = await this.parse(Drift);
    const context = this.open(flags);
    const request = { target: await openTarget(context), selection: selectionOf(flags), parallel: flags.parallel };
    const result = await drift(context.ports, request, showProgress(context.steps(), context.style));
    this.answer(context, result, () => driftText(result, context.style));
  }
}
