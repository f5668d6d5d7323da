import { string } from '@oclif/core/args';
import { BaseCommand } from '../../cli/base-command.ts';
import { useEnvironment } from '../../usecases/environment-use.ts';
import { environmentUseText } from '../../views/environment-use.ts';

export default class EnvUse extends BaseCommand {
  static override summary = 'Choose the environment that commands mean from now on';
  static override description =
    'The choice is kept in the workspace, and not committed. --env, FFOPS_ENV and APP_ENV come before it.';
  static override examples = [
    { description: 'Work on dev', command: '<%= config.bin %> env use dev' },
    { description: 'In a workspace elsewhere', command: '<%= config.bin %> env use prod --workspace ~/shop' },
  ];
  static override args = { name: string({ required: true, description: 'an environment of the workspace' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(EnvUse);
    const context = this.open(flags, args.name);
    const result = await useEnvironment(context.ports, await context.workspace(), args.name);
    this.answer(context, result, () => environmentUseText(result, context.style));
  }
}
