import { BaseCommand } from '../../cli/base-command.ts';
import { secretsRequest } from '../../cli/secrets-request.ts';
import { initSecrets } from '../../usecases/secrets.ts';
import { secretsInitText } from '../../views/secrets.ts';

export default class SecretsInit extends BaseCommand {
  static override summary = 'Make an age identity, .sops.yaml and every secret that can be made up';
  static override description = 'Leaves alone what is there. Run it again after you have added an app.';
  static override examples = [
    { description: 'Start the secrets of prod', command: '<%= config.bin %> secrets init -e prod' },
    {
      description: 'What is still to do, for a script',
      command: '<%= config.bin %> secrets init -e prod --json | jq -r .result.missing[].name',
    },
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(SecretsInit);
    const context = this.open(flags);
    const request = await secretsRequest(context);
    const result = await initSecrets(context.ports, request);
    this.answer(context, result, (width) => secretsInitText(result, context.style, width));
  }
}
