import { string as argument } from '@oclif/core/args';
import { boolean, string } from '@oclif/core/flags';
import { openBackups, takeOverFlag } from '../../cli/backups.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { loseDataFlag } from '../../cli/engine-flags.ts';
import { restoreBackup } from '../../usecases/backup-restore.ts';
import { restoreText, showBackup } from '../../views/backup.ts';

export default class BackupRestore extends BaseCommand {
  static override summary = 'Put back what was backed up';
  static override description =
    'Backs up the present, stops what works with it, restores, brings it up, and compares with the backup. Databases come from the newest dump; roles keep the passwords of today. Interrupted anywhere, the same command goes on where it stands.';
  static override examples = [
    {
      description: 'The databases, and everything else in data',
      command: '<%= config.bin %> backup restore data -e prod',
    },
    {
      description: 'One database as it was in one dump',
      command: '<%= config.bin %> backup restore postgres --database shop --from 20261128T030000Z -e prod',
    },
    {
      description: 'A look at an app, beside the one that runs',
      command: '<%= config.bin %> backup restore hello --to restored -e prod',
    },
  ];
  static override exits = { 1: 'it failed, or what came back is not what was backed up' } as const;
  static override args = {
    what: argument({ required: true, description: 'data, a namespace, an app, postgres, mariadb or everything' }),
  };
  static override flags = {
    from: string({
      description: 'this backup (`backup list` shows them); the newest whole one when absent',
      helpValue: 'ID',
    }),
    of: string({ description: 'a backup of another environment, as the list calls it', helpValue: 'ENVIRONMENT' }),
    to: string({ description: 'objects and files into this new namespace', helpValue: 'NAMESPACE' }),
    database: string({ description: 'only this database', helpValue: 'NAME' }),
    keep: boolean({ description: 'back up the present first', default: true, allowNo: true }),
    abandon: boolean({ description: 'forget an unfinished restore and begin anew' }),
    ...takeOverFlag,
    ...loseDataFlag,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BackupRestore);
    const context = this.open(flags);
    const steps = context.steps();
    const request = { ...flags, what: args.what, loseData: flags['allow-data-loss'], takeOver: flags['take-over'] };
    const result = await restoreBackup(await openBackups(context), request, showBackup(steps));
    await steps.close();
    this.answer(context, result, () => restoreText(result, context.style));
  }
}
