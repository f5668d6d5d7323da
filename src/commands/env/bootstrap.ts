import { string } from '@oclif/core/args';
import { BaseCommand } from '../../cli/base-command.ts';
import { bootstrap } from '../../usecases/bootstrap.ts';
import { bootstrapText } from '../../views/bootstrap.ts';

export default class EnvBootstrap extends BaseCommand {
  static override summary = 'Make the bucket that keeps the state of an environment';
  static override description =
    'The bucket is private and keeps old versions, and it is proven that two people cannot lock a state at once. Run it again at any time.';
  static override examples = [
    { description: 'Once, before the first apply', command: '<%= config.bin %> env bootstrap prod' },
    { description: 'In a script', command: '<%= config.bin %> env bootstrap prod --json | jq -r .result.bucket' },
  ];
  static override args = { name: string({ description: 'an environment; the chosen one when absent' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(EnvBootstrap);
    const context = this.open(flags, args.name);
    const result = await bootstrap(await context.blueprint(), await (await context.hands()).environment());
    this.answer(context, result, () => bootstrapText(result, context.style));
  }
}
