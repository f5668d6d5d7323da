import { string as argument } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { openBackups } from '../../cli/backups.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { dumpDatabase } from '../../usecases/databases.ts';
import { databaseDumpText } from '../../views/databases.ts';

export default class DatabaseDump extends BaseCommand {
  static override summary = 'Write a database to a file on this machine';
  static override description =
    'PostgreSQL in its custom format, MariaDB as SQL. Readable by whoever has the file: backups, which are encrypted, are `backup create`.';
  static override examples = [
    { description: 'The database of an app', command: '<%= config.bin %> db dump nextcloud -e prod' },
    {
      description: 'To a file of that name',
      command: '<%= config.bin %> db dump postgres/n8n --file before.dump -e prod',
    },
  ];
  static override args = { name: argument({ required: true, description: 'a database (`db list`)' }) };
  static override flags = { file: string({ description: '`<name>.dump` when absent', helpValue: 'FILE' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(DatabaseDump);
    const context = this.open(flags);
    const file = flags.file ?? `${args.name.split('/').at(-1)}.dump`;
    const result = await dumpDatabase(await openBackups(context), args.name, file, context.here);
    this.answer(context, result, () => databaseDumpText(result));
  }
}
