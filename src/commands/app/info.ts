import { string } from '@oclif/core/args';
import { appPlace } from '../../cli/app-hands.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { appInfo } from '../../usecases/app-info.ts';
import { appInfoText } from '../../views/app-info.ts';

export default class AppInfo extends BaseCommand {
  static override summary = 'Tell all about an app: its options, and what it brings or would bring';
  static override examples = [
    { description: 'Before adding it', command: '<%= config.bin %> app info hello -e prod' },
    {
      description: 'Its options, for a script',
      command: `<%= config.bin %> app info hello --json | jq '.result.options[].path'`,
    },
  ];
  static override args = { id: string({ required: true, description: 'as `app list` names it' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(AppInfo);
    const context = this.open(flags);
    const place = await appPlace(context);
    const result = await appInfo(context.ports, place, args.id);
    this.answer(context, result, () => appInfoText(result, place.environment, context.style));
  }
}
