import { string as argument } from '@oclif/core/args';
import { openBackups, takeOverFlag } from '../../cli/backups.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { drill } from '../../usecases/backup-drill.ts';
import { showBackup } from '../../views/backup.ts';
import { drillText } from '../../views/backup-drill.ts';

export default class BackupDrill extends BaseCommand {
  static override summary = 'Prove that the newest backup restores';
  static override description =
    'Restores into scratch namespaces and scratch databases, compares, measures the age of the data and the time it takes, cleans up, and keeps a dated record under docs/drills of the workspace.';
  static override examples = [
    { description: 'Everything that is backed up', command: '<%= config.bin %> backup drill -e prod' },
    {
      description: 'The databases alone, every week in a pipeline',
      command: '<%= config.bin %> backup drill postgres -e prod --json',
    },
  ];
  static override exits = { 1: 'something did not come back as it was' } as const;
  static override args = {
    what: argument({ description: 'data, a namespace, an app, postgres or mariadb; everything when absent' }),
  };

  static override flags = takeOverFlag;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BackupDrill);
    const context = this.open(flags);
    const steps = context.steps();
    const workspace = (await context.workspace()).root;
    const request = { what: args.what, workspace, takeOver: flags['take-over'] };
    const result = await drill(await openBackups(context), request, showBackup(steps));
    await steps.close();
    this.answer(context, result, () => drillText(result, context.style));
  }
}
