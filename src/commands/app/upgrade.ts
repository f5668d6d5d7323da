import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { appPlace, chartsLocker, renderHands } from '../../cli/app-hands.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { upgradeApps } from '../../usecases/app-upgrade.ts';
import { appUpgradeText, upgradesText } from '../../views/app-upgrade.ts';

export default class AppUpgrade extends BaseCommand {
  static override summary = 'Take the versions of apps that this ffops brings, and see what they mean before';
  static override description =
    'Shows which versions change and what is worth knowing, takes an older image out of the file, and writes the stacks; the next `apply` upgrades. Refuses to skip a version that has to be gone through, as `plan` and `apply` do, and says the way.';
  static override examples = [
    { description: 'What all newer versions would mean', command: '<%= config.bin %> app upgrade -e prod --dry-run' },
    { description: 'One app, without a question', command: '<%= config.bin %> app upgrade n8n -e prod --yes' },
  ];
  static override exits = { 6: 'you said no; nothing was written' } as const;
  static override args = { id: string({ description: 'as `app list` names it; else all that are added' }) };
  static override flags = { 'dry-run': boolean({ description: 'show what would change, and write nothing' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(AppUpgrade);
    const context = this.open(flags);
    const place = await appPlace(context);
    const request = {
      ...place,
      id: args.id,
      dryRun: flags['dry-run'],
      yes: flags.yes,
      hands: renderHands(context),
      // Sandboxes install the charts of this ffops, whatever is locked.
      lockCharts: flags.sandbox ? undefined : chartsLocker(context),
    };
    const result = await upgradeApps(context.ports, request, (upgrades) =>
      context.ports.terminal.err(upgradesText(upgrades, context.style)),
    );
    this.answer(context, result, () => appUpgradeText(result, place.environment, context.style));
  }
}
