import { appPlace } from '../../cli/app-hands.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { listApps } from '../../usecases/app-list.ts';
import { appListText } from '../../views/app-list.ts';

export default class AppList extends BaseCommand {
  static override summary = 'List the apps there are: which are added, in which version, and what each takes';
  static override examples = [
    { description: 'What prod has, and what it could have', command: '<%= config.bin %> app list -e prod' },
    {
      description: 'Which of them a newer version is there for',
      command: `<%= config.bin %> app list --json | jq '.result.apps[] | select(.upgrade) | .id'`,
    },
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(AppList);
    const context = this.open(flags);
    const place = await appPlace(context);
    const result = await listApps(context.ports, place);
    this.answer(context, result, () => appListText(result, place.environment, context.style));
  }
}
