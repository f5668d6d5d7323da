import { BaseCommand } from '../cli/base-command.ts';
import { status } from '../usecases/status.ts';
import { statusText } from '../views/status.ts';

export default class Status extends BaseCommand {
  static override summary = 'Show how an environment is: cluster, releases, certificates, names, backups';
  static override examples = [
    { description: 'One screen about prod', command: '<%= config.bin %> status -e prod' },
    {
      description: 'Releases that are not ready, for a script',
      command: `<%= config.bin %> status -e prod --json | jq -r '.result.releases[] | select(.healthy | not).release'`,
    },
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(Status);
    const context = this.open(flags);
    const hands = await context.hands();
    const result = await status(context.ports, {
      blueprint: await context.blueprint(),
      surroundings: await hands.surroundings(),
      hands: await hands.environment(),
    });
    this.answer(context, result, () => statusText(result, context.style));
  }
}
