import { costsInWords } from '../usecases/app-costs.ts';
import type { AppAddResult, AppProposal } from '../usecases/app-add.ts';
import { diffText, partsText } from './app-parts.ts';
import type { Style } from './style.ts';
import { wrap } from './text.ts';

/** What would come, before anybody agrees. */
export function proposalText({ title, costs, file, diff, difference }: AppProposal, style: Style): string {
  return `${[
    `${style.bold(title)}: ${costsInWords(costs)}`,
    partsText(difference.added, '+', style),
    diffText(file, diff, style),
  ].join('\n\n')}\n`;
}

export function appAddText(result: AppAddResult, environment: string, style: Style): string {
  if (!result.written) {
    const why = result.verdict === 'refused' ? 'Nothing was written.' : 'Nothing was written: this is what would be.';
    return result.verdict === 'refused' ? why : `${proposalText(result, style)}\n${why}`;
  }
  const { id, file, secrets } = result;
  const next = (command: string): string => style.cyan(`ffops ${command} -e ${environment}`);
  const lines = [`${style.green('✓')} ${style.bold(id)} is in ${file}, and its stacks are rendered.`];
  if (secrets.generated.length > 0) lines.push(wrap(`Generated ${secrets.generated.join(', ')}.`, style.width));
  if (secrets.trouble !== undefined)
    lines.push(
      `${style.yellow('Its secrets could not be generated:')} ${secrets.trouble} Then: ${next('secrets generate')}`,
    );
  const supply = secrets.missing.map((name) => `  ${next(`secrets set ${name}`)}`);
  return `${[...lines, '', 'Next:', ...supply, `  ${next('plan')}`].join('\n')}\n`;
}
