import { BaseCommand } from '../../../cli/base-command.ts';
import { secretsRequest } from '../../../cli/secrets-request.ts';
import { string } from '@oclif/core/args';
import { shutRecipientOut } from '../../../usecases/secrets-recipients.ts';
import { recipientRemoveText } from '../../../views/secrets-recipients.ts';

export default class SecretsRecipientsRemove extends BaseCommand {
  static override summary = 'Shut somebody out, and list what they know';
  static override description =
    'Encrypts every value anew, as they may have kept the key of the file. What they have read they know: it is to be rotated.';
  static override examples = [
    {
      description: 'Somebody who leaves',
      command:
        '<%= config.bin %> secrets recipients remove age1pxzhs5kcdk5hm6t7l3t7n2n5m7gvglxx9rmj5mzdxq0mlmgnpu7s2f9y6c -e prod',
    },
    {
      description: 'What is to be rotated, for a script',
      command:
        '<%= config.bin %> secrets recipients remove age1pxzhs5kcdk5hm6t7l3t7n2n5m7gvglxx9rmj5mzdxq0mlmgnpu7s2f9y6c --json | jq -r .result.rotate[]',
    },
  ];
  static override args = {
    recipient: string({ required: true, description: 'as `secrets recipients list` shows it' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(SecretsRecipientsRemove);
    const context = this.open(flags);
    const result = await shutRecipientOut(context.ports, await secretsRequest(context), args.recipient);
    this.answer(context, result, () => recipientRemoveText(result, context.style));
  }
}
