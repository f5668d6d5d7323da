import { BaseCommand } from '../../cli/base-command.ts';
import { secretsRequest } from '../../cli/secrets-request.ts';
import { listSecrets } from '../../usecases/secrets-list.ts';
import { secretListText } from '../../views/secrets.ts';

export default class SecretsList extends BaseCommand {
  static override summary = 'List the secrets: which have a value, of which kind, how old, and who uses them';
  static override description = 'Opens nothing, so it needs no key. The age of a value is what git says of its line.';
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
    const request = await secretsRequest(context);
    const result = await listSecrets(context.ports, request);
    this.answer(context, result, (width) => secretListText(result, context.style, width));
  }
}
