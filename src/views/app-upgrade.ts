import type { AppUpgrade, AppUpgradeResult, AppUpgrades } from '../usecases/app-upgrade.ts';
import { diffText } from './app-parts.ts';
import type { Style } from './style.ts';
import { columns, wrap } from './text.ts';

/** What would change, before anybody agrees. */
export function upgradesText({ upgrades, file, diff }: AppUpgrades, style: Style): string {
  return `${[
    ...upgrades.map((upgrade) => upgradeText(upgrade, style)),
    ...(diff.length > 0 ? [diffText(file, diff, style)] : []),
  ].join('\n\n')}\n`;
}

export function appUpgradeText(result: AppUpgradeResult, environment: string, style: Style): string {
  const { upgrades, written, backups, verdict } = result;
  if (upgrades.length === 0) return `${style.green('✓')} There is nothing newer than what ${environment} has.`;
  if (verdict === 'refused') return 'Nothing was written.';
  if (!written) return `${upgradesText(result, style)}\nNothing was written: this is what would be.`;
  const next = [
    ...(backups ? [`backup create -e ${environment}`] : []),
    `plan -e ${environment}${upgrades.map(({ stack }) => ` --stack ${stack}`).join('')}`,
  ];
  return `${[
    ...upgrades.map(
      ({ id, to }) => `${style.green('✓')} ${style.bold(id)} ${to} is rendered; what runs stays until the next apply.`,
    ),
    ...upgrades.flatMap(({ id, notes }) =>
      notes.map((note) => wrap(`${style.yellow('!')} ${style.bold(id)}: ${note}`, style.width)),
    ),
    '',
    'Next:',
    ...next.map((command) => `  ${style.cyan(`ffops ${command}`)}`),
  ].join('\n')}\n`;
}

function upgradeText({ title, from, to, image, charts, notes, guide }: AppUpgrade, style: Style): string {
  const rows = [
    ['version', from === to ? to : `${from ?? 'not applied yet'} → ${to}`],
    ...(image === undefined ? [] : [['image', `${image} goes; the one of ffops comes back`]]),
    ...charts.map(({ name, from: before, to: after }) => [`chart ${name}`, `${before ?? 'new'} → ${after}`]),
    ...notes.map((note) => [style.yellow('!'), note]),
    ...(guide === undefined ? [] : [['read', style.cyan(guide)]]),
  ];
  return `${style.bold(title)}\n${columns(rows, '  ', style.width)}`;
}
