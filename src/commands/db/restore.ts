import { string as argument } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { openBackups } from '../../cli/backups.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { loseDataFlag } from '../../cli/engine-flags.ts';
import { restoreDatabase } from '../../usecases/databases.ts';
import { databaseRestoreText } from '../../views/databases.ts';

export default class DatabaseRestore extends BaseCommand {
  static override summary = 'Fill a database from a file of `db dump`';
  static override examples = [
    { description: 'Back to before', command: '<%= config.bin %> db restore n8n --file before.dump -e prod' },
    {
      description: 'From production to staging, without a question',
      command: '<%= config.bin %> db restore n8n --file prod.dump -e staging --allow-data-loss n8n',
    },
  ];
  static override args = { name: argument({ required: true, description: 'a database (`db list`)' }) };
  static override flags = {
    file: string({ description: 'what `db dump` wrote', helpValue: 'FILE', required: true }),
    ...loseDataFlag,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(DatabaseRestore);
    const context = this.open(flags);
    const result = await restoreDatabase(await openBackups(context), {
      name: args.name,
      file: flags.file,
      here: context.here,
      loseData: flags['allow-data-loss'],
    });
    this.answer(context, result, () => databaseRestoreText(result));
  }
}
