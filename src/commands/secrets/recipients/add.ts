import { BaseCommand } from '../../../cli/base-command.ts';
import { secretsRequest } from '../../../cli/secrets-request.ts';
import { string } from '@oclif/core/args';
import { letRecipientIn } from '../../../usecases/secrets-recipients.ts';
import { recipientsText } from '../../../views/secrets-recipients.ts';

export default class SecretsRecipientsAdd extends BaseCommand {
  static override summary = 'Let somebody open the secrets';
  static override description =
    'Writes them into .sops.yaml and encrypts every file of the same rule for them too; the values stay as they are.';
  static override examples = [
    {
      description: 'A colleague, by what `secrets init` showed them',
      command:
        '<%= config.bin %> secrets recipients add age1pxzhs5kcdk5hm6t7l3t7n2n5m7gvglxx9rmj5mzdxq0mlmgnpu7s2f9y6c -e prod',
    },
    {
      description: 'A pipeline, without a word',
      command:
        '<%= config.bin %> secrets recipients add age1pxzhs5kcdk5hm6t7l3t7n2n5m7gvglxx9rmj5mzdxq0mlmgnpu7s2f9y6c --quiet',
    },
  ];
  static override args = {
    recipient: string({ required: true, description: 'the public half of an identity: age1…' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(SecretsRecipientsAdd);
    const context = this.open(flags);
    const result = await letRecipientIn(context.ports, await secretsRequest(context), args.recipient);
    this.answer(context, result, () => recipientsText(result, context.style));
  }
}
