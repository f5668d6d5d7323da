import { string as stringArgument } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { BaseCommand } from '../../cli/base-command.ts';
import { createEnvironment } from '../../usecases/environment-create.ts';
import { environmentCreateText } from '../../views/environment-create.ts';

export default class EnvCreate extends BaseCommand {
  static override summary = 'Write the file of a new environment';
  static override description =
    'About ten lines: what a person has to decide. Asks for what is not given. An environment that exists is left alone.';
  static override examples = [
    { description: 'Answer two questions', command: '<%= config.bin %> env create staging' },
    {
      description: 'Without questions',
      command: '<%= config.bin %> env create prod --platform doks --domain example.com',
    },
  ];
  static override args = { name: stringArgument({ required: true, description: 'such as prod, dev or staging' }) };
  static override flags = {
    platform: string({ description: 'where it runs: doks or local', helpValue: 'ID' }),
    domain: string({ description: 'what its host names end with', helpValue: 'NAME' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(EnvCreate);
    const context = this.open(flags);
    const workspace = await context.workspace();
    const request = { workspace, name: args.name, platform: flags.platform, rootDomain: flags.domain };
    const result = await createEnvironment(context.ports, request);
    this.answer(context, result, () => environmentCreateText(result, context.style));
  }
}
