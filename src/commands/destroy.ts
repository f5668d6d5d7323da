import { BaseCommand } from '../cli/base-command.ts';
import { openTarget } from '../cli/target.ts';
import { loseDataFlag, selectionFlags, selectionOf } from '../cli/engine-flags.ts';
import { destroy } from '../usecases/destroy.ts';
import { showPlans } from '../views/apply.ts';
import { destroyText } from '../views/destroy.ts';

export default class Destroy extends BaseCommand {
  static override summary = 'Take an environment down';
  static override description =
    'Destroys the stacks, last one first. What outlives a cluster (stack base: domain, buckets) stays unless it is named with --stack, and data stays unless it is named with --allow-data-loss. At the end it says what is still there, and what nobody owns.';
  static override examples = [
    { description: 'Everything but what outlives a cluster', command: '<%= config.bin %> destroy -e dev' },
    {
      description: 'One app and its data, in the sandbox, without a question',
      command: '<%= config.bin %> destroy -e prod --sandbox --stack app-hello --allow-data-loss hello-files -y',
    },
  ];
  static override flags = { ...selectionFlags, ...loseDataFlag };

  async run(): Promise<void> {
    const { flags } = await this.parse(Destroy);
    const context = this.open(flags);
    const request = {
      target: await openTarget(context),
      selection: selectionOf(flags),
      yes: flags.yes,
      loseData: flags['allow-data-loss'],
      parallel: flags.parallel,
    };
    const result = await destroy(
      context.ports,
      request,
      showPlans(context.steps(), context.ports.terminal, context.style),
    );
    this.answer(context, result, () => destroyText(result, context.style));
  }
}
