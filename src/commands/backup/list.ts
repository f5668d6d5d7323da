import { openBackups } from '../../cli/backups.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { listBackups } from '../../usecases/backup-list.ts';
import { backupListText } from '../../views/backup.ts';

export default class BackupList extends BaseCommand {
  static override summary = 'List every backup: objects and files by Velero, dumps of databases';
  static override examples = [
    { description: 'Everything there is of prod', command: '<%= config.bin %> backup list -e prod' },
    {
      description: 'What is not whole',
      command: `<%= config.bin %> backup list --json | jq '.result.backups[] | select(.state != "complete")'`,
    },
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(BackupList);
    const context = this.open(flags);
    const result = await listBackups(await openBackups(context));
    this.answer(context, result, () => backupListText(result, context.style));
  }
}
