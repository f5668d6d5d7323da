import { BaseCommand } from '../../cli/base-command.ts';
import { listSecrets } from '../../usecases/secrets.ts';
import { secretListText } from '../../views/secrets.ts';

export default class SecretsList extends BaseCommand {
  static override summary = 'List the names of secrets, and which of them have no value';
  static override description = 'Opens nothing, so it needs no key.';
  static override examples = [
    { description: 'What prod needs and has', command: '<%= config.bin %> secrets list -e prod' },
    {
      description: 'Names without a value',
      command: `<%= config.bin %> secrets list --json | jq -r '.result.secrets[] | select(.state == "missing").name'`,
    },
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(SecretsList);
    const context = this.open(flags);
    const request = { hands: await (await context.hands()).environment(), wants: (await context.blueprint()).secrets };
    const result = await listSecrets(request);
    this.answer(context, result, () => secretListText(result, context.style));
  }
}
