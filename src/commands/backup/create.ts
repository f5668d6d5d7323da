import { string as argument } from '@oclif/core/args';
import { openBackups } from '../../cli/backups.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { createBackup } from '../../usecases/backup-create.ts';
import { backupCreateText, showBackup } from '../../views/backup.ts';

export default class BackupCreate extends BaseCommand {
  static override summary = 'Back up now, and wait until it is over';
  static override examples = [
    {
      description: 'Everything: databases first, then objects and files',
      command: '<%= config.bin %> backup create -e prod',
    },
    { description: 'Before an upgrade of an app', command: '<%= config.bin %> backup create nextcloud -e prod' },
  ];
  static override exits = { 1: 'a part of it failed, or is not whole' } as const;
  static override args = {
    what: argument({ description: 'data, a namespace, an app, postgres or mariadb; everything when absent' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BackupCreate);
    const context = this.open(flags);
    const steps = context.steps();
    const result = await createBackup(await openBackups(context), args.what, showBackup(steps));
    await steps.close();
    this.answer(context, result, () => backupCreateText(result, context.style));
  }
}
