import { string } from '@oclif/core/args';
import { atDashes, passedOn } from '../cli/argv.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { openTarget } from '../cli/target.ts';
import { tofuPassthrough } from '../usecases/tofu-passthrough.ts';

export default class Tofu extends BaseCommand {
  static override summary = 'Run tofu in a stack of an environment';
  static override description =
    'Everything after `--` is for tofu. It gets the credentials, endpoints and variables that ffops would give it, by environment only.';
  static override usage = 'tofu STACK [-e NAME] -- ARGS...';
  static override examples = [
    { description: 'What the state of infra holds', command: '<%= config.bin %> tofu infra -e prod -- state list' },
    {
      description: 'Release a lock that nobody holds any more',
      command: '<%= config.bin %> tofu cloud -e prod -- force-unlock ID',
    },
  ];
  static override strict = false;
  static override args = { stack: string({ required: true, description: 'a stack of the environment' }) };

  async run(): Promise<void> {
    const { own, beyond } = atDashes(this.argv);
    const { args, argv, flags } = await this.parse(Tofu, own);
    const context = this.open(flags);
    const words = passedOn((argv as string[]).slice(1), beyond);
    const request = { target: await openTarget(context), stack: args.stack, args: words };
    process.exitCode = await tofuPassthrough(context.ports, request);
  }
}
