import { BaseCommand } from '../../cli/base-command.ts';
import { string } from '@oclif/core/args';
import { getSecret } from '../../usecases/secrets.ts';

export default class SecretsGet extends BaseCommand {
  static override summary = 'Print the value of one secret, and nothing else';
  static override examples = [
    { description: 'The password of Grafana', command: '<%= config.bin %> secrets get grafana.admin -e prod' },
    { description: 'Into the clipboard', command: '<%= config.bin %> secrets get postgres.superuser | wl-copy' },
  ];
  static override args = { name: string({ required: true, description: 'as `secrets list` shows it' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(SecretsGet);
    const context = this.open(flags);
    const request = { hands: await (await context.hands()).environment(), wants: (await context.blueprint()).secrets };
    const result = await getSecret(request, args.name);
    this.answer(context, result, () => result.value);
  }
}
