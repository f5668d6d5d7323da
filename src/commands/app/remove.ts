import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { appPlace, renderHands } from '../../cli/app-hands.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { removeApp } from '../../usecases/app-remove.ts';
import { appRemoveText, removalText } from '../../views/app-remove.ts';

export default class AppRemove extends BaseCommand {
  static override summary = 'Take an app out of an environment; its data stays';
  static override description =
    'Edits the file and writes the stacks; the next `apply` takes the app away. Says what stays, and how to delete that too.';
  static override examples = [
    { description: 'See what it would mean', command: '<%= config.bin %> app remove hello -e prod --dry-run' },
    {
      description: 'What stays, for a script',
      command: `<%= config.bin %> app remove hello -e prod --yes --json | jq '.result.kept'`,
    },
  ];
  static override exits = { 6: 'you said no; nothing was written' } as const;
  static override args = { id: string({ required: true, description: 'as `app list` names it' }) };
  static override flags = { 'dry-run': boolean({ description: 'show what would change, and write nothing' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(AppRemove);
    const context = this.open(flags);
    const place = await appPlace(context);
    const request = {
      ...place,
      id: args.id,
      dryRun: flags['dry-run'],
      yes: flags.yes,
      hands: renderHands(context),
    };
    const result = await removeApp(context.ports, request, (removal) =>
      context.ports.terminal.err(removalText(removal, context.style)),
    );
    this.answer(context, result, () => appRemoveText(result, place.environment, context.style));
  }
}
