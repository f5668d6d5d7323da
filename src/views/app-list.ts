import { costsInWords } from '../usecases/app-costs.ts';
import type { AppListResult } from '../usecases/app-list.ts';
import type { Style } from './style.ts';
import { columns } from './text.ts';

export function appListText({ apps }: AppListResult, environment: string, style: Style): string {
  const command = (words: string): string => style.cyan(`ffops ${words} -e ${environment}`);
  const rows = apps.map(({ id, summary, added, version, chosen, installed, upgrade, costs }) => [
    added ? style.green('*') : ' ',
    added ? style.bold(id) : id,
    upgrade ? style.yellow(`${installed ?? chosen} → ${version}`) : version,
    costsInWords(costs),
    style.dim(summary),
  ]);
  const upgradable = apps.filter(({ upgrade }) => upgrade).map(({ id }) => id);
  const hints = [
    ...(apps.some(({ added }) => added) ? [style.dim(`* is added to ${environment}`)] : []),
    ...(upgradable.length > 0 ? [`Newer versions are there; what they mean: ${command('app upgrade')}`] : []),
    ...(apps.every(({ added }) => added) ? [] : [`Add one: ${command('app add')}`]),
  ];
  return `${columns(rows, '', style.width)}\n\n${hints.join('\n')}\n`;
}
