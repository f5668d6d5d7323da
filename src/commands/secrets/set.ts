import { BaseCommand } from '../../cli/base-command.ts';
import { secretsRequest } from '../../cli/secrets-request.ts';
import { string } from '@oclif/core/args';
import { setSecret } from '../../usecases/secrets.ts';
import { secretSetText } from '../../views/secrets.ts';

export default class SecretsSet extends BaseCommand {
  static override summary = 'Set one secret, typed unseen or piped in';
  static override description =
    'The value is never an argument: those stay in the shell history, and every user of the machine can read them.';
  static override examples = [
    { description: 'Type it when asked', command: '<%= config.bin %> secrets set digitalocean.token -e prod' },
    {
      description: 'From a file, such as a private key',
      command: '<%= config.bin %> secrets set mail.dkim.mail -e prod < dkim.pem',
    },
  ];
  static override args = { name: string({ required: true, description: 'as `secrets list` shows it' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(SecretsSet);
    const context = this.open(flags);
    const request = await secretsRequest(context);
    const result = await setSecret(context.ports, request, args.name);
    this.answer(context, result, () => secretSetText(result, context.style));
  }
}
