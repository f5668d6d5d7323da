import { BaseCommand } from '../../cli/base-command.ts';
import { checkAllSecrets } from '../../usecases/secrets.ts';
import { secretCheckText } from '../../views/secrets.ts';

export default class SecretsCheck extends BaseCommand {
  static override summary = 'Compare the secrets with what the environment needs';
  static override examples = [
    { description: 'Before an apply', command: '<%= config.bin %> secrets check -e prod' },
    {
      description: 'In CI, with the identity in SOPS_AGE_KEY',
      command: '<%= config.bin %> secrets check -e prod --json',
    },
  ];
  static override exits = { 1: 'a secret that is needed has no usable value' };

  async run(): Promise<void> {
    const { flags } = await this.parse(SecretsCheck);
    const context = this.open(flags);
    const request = { hands: await (await context.hands()).environment(), wants: (await context.blueprint()).secrets };
    const result = await checkAllSecrets(context.ports, request);
    this.answer(context, result, () => secretCheckText(result, context.style));
  }
}
