import { string } from '@oclif/core/args';
import { BaseCommand } from '../../cli/base-command.ts';
import { showEnvironment } from '../../usecases/environment-show.ts';
import { environmentShowText } from '../../views/environment-show.ts';

export default class EnvShow extends BaseCommand {
  static override summary = 'Show what an environment means, and where each value comes from';
  static override description =
    'Prints valid YAML: what the file says, and every default that it leaves to the platform, to an app or to ffops.';
  static override examples = [
    { description: 'Everything that prod means', command: '<%= config.bin %> env show prod' },
    {
      description: 'One value, for a script',
      command: '<%= config.bin %> env show prod --json | jq -r .result.environment.rootDomain',
    },
  ];
  static override args = { name: string({ description: 'an environment; the chosen one when absent' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(EnvShow);
    const context = this.open(flags, args.name);
    const result = showEnvironment(await context.environment());
    this.answer(context, result, () => environmentShowText(result, context.style));
  }
}
