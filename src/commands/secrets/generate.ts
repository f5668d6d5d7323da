import { BaseCommand } from '../../cli/base-command.ts';
import { generateSecrets } from '../../usecases/secrets.ts';
import { secretGenerateText } from '../../views/secrets.ts';

export default class SecretsGenerate extends BaseCommand {
  static override summary = 'Make up every secret that nobody needs to know';
  static override description = 'Values that are there stay as they are.';
  static override examples = [
    { description: 'After adding an app', command: '<%= config.bin %> secrets generate -e prod' },
    {
      description: 'What was made, for a script',
      command: '<%= config.bin %> secrets generate -e prod --json | jq .result.generated',
    },
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(SecretsGenerate);
    const context = this.open(flags);
    const request = { hands: await (await context.hands()).environment(), wants: (await context.blueprint()).secrets };
    const result = await generateSecrets(context.ports, request);
    this.answer(context, result, () => secretGenerateText(result));
  }
}
