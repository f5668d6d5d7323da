import { BaseCommand } from '../../../cli/base-command.ts';
import { secretsRequest } from '../../../cli/secrets-request.ts';
import { listRecipients } from '../../../usecases/secrets-recipients.ts';
import { recipientsText } from '../../../views/secrets-recipients.ts';

export default class SecretsRecipientsList extends BaseCommand {
  static override summary = 'List who can open the secrets of an environment';
  static override examples = [
    { description: 'Who opens those of prod', command: '<%= config.bin %> secrets recipients list -e prod' },
    {
      description: 'For a script',
      command: '<%= config.bin %> secrets recipients list --json | jq -r .result.recipients[]',
    },
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(SecretsRecipientsList);
    const context = this.open(flags);
    const result = await listRecipients(context.ports, await secretsRequest(context));
    this.answer(context, result, () => recipientsText(result, context.style));
  }
}
