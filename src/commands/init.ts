import { resolve } from 'node:path';
import { string as stringArgument } from '@oclif/core/args';
import { option, string } from '@oclif/core/flags';
import { BaseCommand } from '../cli/base-command.ts';
import { init, templates } from '../usecases/init.ts';
import { initText } from '../views/init.ts';

export default class Init extends BaseCommand {
  static override summary = 'Make a workspace: environments, an age key, first secrets';
  static override description =
    'Overwrites nothing. The age key is written outside of the workspace, readable by you alone.';
  static override examples = [
    {
      description: 'Start with production and a local environment, as small as they get',
      command: '<%= config.bin %> init shop --domain shop.be',
    },
    {
      description: 'With all that a small company may want, to cut down, in this folder',
      command: '<%= config.bin %> init . --template fullfrontend --name shop',
    },
  ];
  static override args = { dir: stringArgument({ default: '.', description: 'made when it is not there' }) };
  static override flags = {
    template: option({ options: templates, default: 'minimal' as const, description: 'what to start from' })(),
    domain: string({ description: 'what production is served under', helpValue: 'NAME' }),
    name: string({ description: 'of the workspace; the folder says it when absent', helpValue: 'NAME' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Init);
    const context = this.open(flags);
    const { tool } = await context.hands();
    const request = {
      folder: resolve(context.here, flags.workspace ?? '.', args.dir),
      template: flags.template,
      name: flags.name,
      domain: flags.domain,
      yes: flags.yes,
      version: context.version,
      tool,
    };
    const result = await init(context.ports, request);
    this.answer(context, result, () => initText(result, context.style, context.here));
  }
}
