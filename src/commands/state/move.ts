import { string } from '@oclif/core/flags';
import { BaseCommand } from '../../cli/base-command.ts';
import { openTarget } from '../../cli/target.ts';
import { moveStates } from '../../usecases/state-move.ts';
import { showProgress } from '../../views/engine-progress.ts';
import { stateMoveText } from '../../views/state-move.ts';

export default class StateMove extends BaseCommand {
  static override summary = 'Move states to where the environment now wants them';
  static override description =
    'Change `state` in the environment file first. Each state is copied, read back and compared; the old one stays until then.';
  static override examples = [
    { description: 'After `state.backend: spaces`', command: '<%= config.bin %> state move -e dev' },
    { description: 'One stack only', command: '<%= config.bin %> state move -e dev --stack infra' },
  ];
  static override flags = {
    stack: string({ multiple: true, description: 'only this stack; may be repeated', helpValue: 'NAME' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(StateMove);
    const context = this.open(flags);
    const result = await moveStates(
      context.ports,
      { target: await openTarget(context), stacks: flags.stack ?? [] },
      showProgress(context.steps(), context.style),
    );
    this.answer(context, result, () => stateMoveText(result, context.style));
  }
}
