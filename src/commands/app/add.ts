import { string as stringArgument } from '@oclif/core/args';
import { boolean, string } from '@oclif/core/flags';
import { appPlace, renderHands } from '../../cli/app-hands.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { addApp } from '../../usecases/app-add.ts';
import { appAddText, proposalText } from '../../views/app-add.ts';

export default class AppAdd extends BaseCommand {
  static override summary = 'Add an app to an environment: its lines in the file, its secrets, its stacks';
  static override description =
    'In a terminal it asks what matters, shows what would come, and writes once you agree. Elsewhere, and with --yes, what --set does not say keeps its default. The rest of the file stays as it is, comments included.';
  static override examples = [
    { description: 'Choose one, and answer a few questions', command: '<%= config.bin %> app add -e prod' },
    {
      description: 'Without questions',
      command: '<%= config.bin %> app add hello -e prod --yes --set greeting="Good morning" --set storage=5Gi',
    },
  ];
  static override exits = { 6: 'you said no; nothing was written' } as const;
  static override args = { id: stringArgument({ description: 'as `app list` names it; else chosen from a list' }) };
  static override flags = {
    set: string({ description: 'an option of the app', helpValue: 'OPTION=VALUE', multiple: true, default: [] }),
    'dry-run': boolean({ description: 'show what would be added, and write nothing' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(AppAdd);
    const context = this.open(flags);
    const place = await appPlace(context);
    const request = {
      ...place,
      id: args.id,
      set: flags.set,
      dryRun: flags['dry-run'],
      yes: flags.yes,
      // The sandbox makes up its own.
      store: flags.sandbox ? undefined : async () => (await (await context.hands()).environment()).store,
      hands: renderHands(context),
    };
    const result = await addApp(context.ports, request, (proposal) =>
      context.ports.terminal.err(proposalText(proposal, context.style)),
    );
    this.answer(context, result, () => appAddText(result, place.environment, context.style));
  }
}
