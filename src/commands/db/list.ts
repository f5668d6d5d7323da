import { openBackups } from '../../cli/backups.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { listDatabases } from '../../usecases/databases.ts';
import { databaseListText } from '../../views/databases.ts';

export default class DatabaseList extends BaseCommand {
  static override summary = 'List the databases: sizes, owners, connections';
  static override examples = [
    { description: 'Every database of prod', command: '<%= config.bin %> db list -e prod' },
    {
      description: 'The largest first',
      command: `<%= config.bin %> db list --json | jq '.result.databases | sort_by(-.bytes)[].name'`,
    },
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(DatabaseList);
    const context = this.open(flags);
    const result = await listDatabases(await openBackups(context));
    this.answer(context, result, () => databaseListText(result, context.style));
  }
}
