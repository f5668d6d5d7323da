import { string as argument } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { BaseCommand } from '../cli/base-command.ts';
import { openTarget } from '../cli/target.ts';
import { output } from '../usecases/output.ts';
import { outputText } from '../views/output.ts';

export default class Output extends BaseCommand {
  static override summary = 'Show the outputs of the stacks';
  static override examples = [
    { description: 'All of prod', command: '<%= config.bin %> output -e prod' },
    { description: 'One value, bare', command: '<%= config.bin %> output cluster_endpoint -e prod' },
  ];
  static override args = { name: argument({ description: 'one output; all when absent' }) };
  static override flags = {
    stack: string({ multiple: true, description: 'only this stack; may be repeated', helpValue: 'NAME' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Output);
    const context = this.open(flags);
    const request = { target: await openTarget(context), stacks: flags.stack ?? [], name: args.name };
    const result = await output(context.ports, request);
    this.answer(context, result, () => outputText(result, args.name, context.style));
  }
}
