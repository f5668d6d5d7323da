import { string as argument } from '@oclif/core/args';
import { openBackups } from '../../cli/backups.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { databaseShell } from '../../usecases/databases.ts';

export default class DatabaseShell extends BaseCommand {
  static override summary = 'Open the SQL shell of a database, as its administrator';
  static override examples = [
    { description: 'The database of an app', command: '<%= config.bin %> db shell nextcloud -e prod' },
    {
      description: 'When both engines have one of that name',
      command: '<%= config.bin %> db shell mariadb/shop -e prod',
    },
  ];
  static override args = { name: argument({ required: true, description: 'a database (`db list`)' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(DatabaseShell);
    process.exitCode = await databaseShell(await openBackups(this.open(flags)), args.name);
  }
}
