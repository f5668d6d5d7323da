import type { EnvironmentListResult } from '../usecases/environment-list.ts';
import type { Style } from './style.ts';
import { columns } from './text.ts';

export function environmentListText({ environments, chosen }: EnvironmentListResult, style: Style): string {
  if (environments.length === 0) return 'No environments yet. Make one: ffops env create prod\n';
  const rows = environments.map(({ name, platform, rootDomain, readable, chosen: isChosen }) => [
    isChosen ? style.green('*') : ' ',
    isChosen ? style.bold(name) : name,
    platform ?? '',
    rootDomain ?? '',
    readable ? '' : style.red(`not readable: ffops env show ${name}`),
  ]);
  return `${columns(rows)}\n${style.dim(
    chosenLine(
      chosen,
      environments.some((one) => one.chosen),
    ),
  )}\n`;
}

function chosenLine(chosen: EnvironmentListResult['chosen'], exists: boolean): string {
  if (chosen === undefined) return 'None is chosen: ffops env use NAME, or --env NAME.';
  if (!exists) return `${chosen.by} chooses ${chosen.name}, which does not exist.`;
  return `* chosen by ${chosen.by}`;
}
