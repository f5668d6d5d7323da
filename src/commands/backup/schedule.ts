import { openBackups } from '../../cli/backups.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { backupSchedules } from '../../usecases/backup-schedule.ts';
import { scheduleText } from '../../views/backup.ts';

export default class BackupSchedule extends BaseCommand {
  static override summary = 'Show what is backed up when, and whether the cluster does so';
  static override examples = [
    { description: 'The schedules of prod', command: '<%= config.bin %> backup schedule -e prod' },
    {
      description: 'When the last good dump of each engine was',
      command: `<%= config.bin %> backup schedule --json | jq '.result.schedules[] | {name, lastGood}'`,
    },
  ];
  static override exits = { 2: 'the cluster has another schedule than the environment wants' } as const;

  async run(): Promise<void> {
    const { flags } = await this.parse(BackupSchedule);
    const context = this.open(flags);
    const result = await backupSchedules(await openBackups(context));
    this.answer(context, result, () => scheduleText(result, context.style));
  }
}
