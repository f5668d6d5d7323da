import { string as stringArgument } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { BaseCommand } from '../../cli/base-command.ts';
import { environmentHosts } from '../../usecases/environment-hosts.ts';
import { hostsText } from '../../views/environment-hosts.ts';

export default class EnvHosts extends BaseCommand {
  static override summary = 'Print the /etc/hosts lines of a local environment';
  static override examples = [
    { description: 'Add them', command: '<%= config.bin %> env hosts dev | sudo tee -a /etc/hosts' },
    { description: 'For minikube', command: '<%= config.bin %> env hosts dev --address $(minikube ip)' },
  ];
  static override args = { name: stringArgument({ description: 'an environment; the chosen one when absent' }) };
  static override flags = {
    address: string({ description: 'where the ingress answers; 127.0.0.1 when absent', helpValue: 'IP' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(EnvHosts);
    const context = this.open(flags, args.name);
    const result = environmentHosts(await context.environment(), await context.blueprint(), flags.address);
    this.answer(context, result, () => hostsText(result));
  }
}
