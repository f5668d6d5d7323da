import { costsInWords } from '../usecases/app-costs.ts';
import type { AppInfoResult } from '../usecases/app-info.ts';
import { partsText } from './app-parts.ts';
import type { Style } from './style.ts';
import { columns } from './text.ts';

export function appInfoText(info: AppInfoResult, environment: string, style: Style): string {
  const { id, title, summary, added, version, chosen, installed, stops, guide, costs, options, brings } = info;
  const state = added
    ? style.green(`added to ${environment}`)
    : `not added: ${style.cyan(`ffops app add ${id} -e ${environment}`)}`;
  const facts = [
    ['state', state],
    ['version', versionText(version, installed, chosen)],
    ...(stops === undefined ? [] : [['upgrades', `older ones go through ${stops.join(', ')} first`]]),
    ...(guide === undefined ? [] : [['', style.cyan(guide)]]),
    ['takes', costsInWords(costs)],
  ];
  const rows = options.map(({ path, value, origin, description }) => [
    style.bold(path),
    value === undefined ? style.dim('not set') : origin.kind === 'file' ? shown(value) : style.dim(shown(value)),
    style.dim(description),
  ]);
  return `${[
    `${style.bold(title)}\n${summary}`,
    columns(facts, '  ', style.width),
    rows.length === 0 ? 'It has no options.' : `Options, below \`apps.${id}\`\n${columns(rows, '  ', style.width)}`,
    `${added ? 'It brings' : 'It would bring'}\n${partsText(brings, '·', style)}`,
  ].join('\n\n')}\n`;
}

function versionText(version: string, installed: string | undefined, chosen: string | undefined): string {
  return [
    installed ?? chosen ?? version,
    ...(chosen === undefined || chosen === (installed ?? chosen) ? [] : [`the file asks for ${chosen}`]),
    ...((installed ?? chosen ?? version) === version ? [] : [`ffops brings ${version}`]),
  ].join('; ');
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
