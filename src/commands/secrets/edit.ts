import { BaseCommand } from '../../cli/base-command.ts';
import { secretsRequest } from '../../cli/secrets-request.ts';
import { editSecrets } from '../../usecases/secrets.ts';
import { secretEditText } from '../../views/secrets.ts';

export default class SecretsEdit extends BaseCommand {
  static override summary = 'Open all secrets in your editor';
  static override description =
    'Uses VISUAL or EDITOR through sops. The clear text lies in a folder in memory while the editor is open, where the system has one.';
  static override examples = [
    { description: 'Change several values', command: '<%= config.bin %> secrets edit -e prod' },
    { description: 'With another editor', command: 'EDITOR=nano <%= config.bin %> secrets edit -e prod' },
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(SecretsEdit);
    const context = this.open(flags);
    const request = await secretsRequest(context);
    const result = await editSecrets(request);
    this.answer(context, result, () => secretEditText(result));
  }
}
