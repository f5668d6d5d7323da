import { BaseCommand } from '../../cli/base-command.ts';
import { secretsRequest } from '../../cli/secrets-request.ts';
import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { getSecret } from '../../usecases/secrets.ts';

export default class SecretsGet extends BaseCommand {
  static override summary = 'Print the value of one secret, and nothing else';
  static override examples = [
    { description: 'The password of Grafana', command: '<%= config.bin %> secrets get grafana.admin -e prod' },
    { description: 'Into the clipboard', command: '<%= config.bin %> secrets get postgres.superuser --copy' },
  ];
  static override description = 'On a screen it asks first, as others may look on; a pipe gets it at once.';
  static override args = { name: string({ required: true, description: 'as `secrets list` shows it' }) };
  static override flags = { copy: boolean({ description: 'into the clipboard, and nowhere else' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(SecretsGet);
    const context = this.open(flags);
    const request = { ...(await secretsRequest(context)), name: args.name, copy: flags.copy, yes: flags.yes };
    const result = await getSecret(context.ports, request);
    this.answer(context, result, () => result.value ?? `Copied ${result.name}.`);
  }
}
