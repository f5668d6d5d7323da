import { boolean } from '@oclif/core/flags';
import { BaseCommand } from '../cli/base-command.ts';
import { openTarget } from '../cli/target.ts';
import { adoptFlag, loseDataFlag, selectionFlags, selectionOf } from '../cli/engine-flags.ts';
import { plan } from '../usecases/plan.ts';
import { showProgress } from '../views/engine-progress.ts';
import { planText } from '../views/plan.ts';

export default class Plan extends BaseCommand {
  static override summary = 'Show what would change, over all stacks';
  static override examples = [
    { description: 'What an apply would do to prod', command: '<%= config.bin %> plan -e prod' },
    {
      description: 'In CI: exit 2 when something would change',
      command: '<%= config.bin %> plan -e prod --detailed-exitcode --json',
    },
  ];
  static override exits = { 2: 'with --detailed-exitcode: changes are pending' };
  static override flags = {
    ...selectionFlags,
    ...adoptFlag,
    ...loseDataFlag,
    destroy: boolean({ description: 'show what a destroy would do' }),
    'detailed-exitcode': boolean({ description: 'exit 2 when changes are pending' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Plan);
    const context = this.open(flags);
    const request = {
      target: await openTarget(context),
      selection: selectionOf(flags),
      destroy: flags.destroy,
      adopt: flags.adopt,
      loseData: flags['allow-data-loss'],
      parallel: flags.parallel,
      detailedExitCode: flags['detailed-exitcode'],
    };
    const result = await plan(context.ports, request, showProgress(context.steps(), context.style));
    this.answer(context, result, () => planText(result, context.style));
  }
}
