import { BaseCommand } from '../cli/base-command.ts';
import { openTarget } from '../cli/target.ts';
import { adoptFlag, loseDataFlag, selectionFlags, selectionOf } from '../cli/engine-flags.ts';
import { apply } from '../usecases/apply.ts';
import { applyText, showPlans } from '../views/apply.ts';

export default class Apply extends BaseCommand {
  static override summary = 'Make the environment what its file says';
  static override description =
    'Shows the plan, asks once, and applies exactly what it showed. A stack that can be planned only after an earlier one asks again when it would take something away. Losing data always wants --allow-data-loss.';
  static override examples = [
    { description: 'Rehearse prod on this machine', command: '<%= config.bin %> apply -e prod --sandbox' },
    {
      description: 'One stack and what it depends on, without a question',
      command: '<%= config.bin %> apply -e prod --stack infra -y',
    },
  ];
  static override flags = { ...selectionFlags, ...adoptFlag, ...loseDataFlag };

  async run(): Promise<void> {
    const { flags } = await this.parse(Apply);
    const context = this.open(flags);
    const request = {
      target: await openTarget(context),
      selection: selectionOf(flags),
      yes: flags.yes,
      loseData: flags['allow-data-loss'],
      adopt: flags.adopt,
      parallel: flags.parallel,
    };
    const result = await apply(
      context.ports,
      request,
      showPlans(context.steps(), context.ports.terminal, context.style),
    );
    this.answer(context, result, (width) => applyText(result, context.style, width));
  }
}
