/** How a destroy ended, what stays on purpose, and what nobody owns. */
import type { DestroyResult } from '../usecases/destroy.ts';
import { resultsText } from './apply.ts';
import type { Style } from './style.ts';
import { columns } from './text.ts';

export function destroyText(result: DestroyResult, style: Style): string {
  if (result.plan.stacks.some(({ state }) => state === 'failed'))
    return `${style.red('Nothing was destroyed: the plan failed.')}\n`;
  const kept = result.kept.map(({ kind, name, reason }) => [style.green(`${kind} ${name}`), style.dim(reason)]);
  const orphans = result.orphans.map(({ kind, name, id }) => [style.red(`${kind} ${name}`), style.dim(id)]);
  return [
    resultsText(result.stacks, style, 'destroyed'),
    ...(kept.length > 0 ? [style.bold('Still there, on purpose'), columns(kept, '  '), ''] : []),
    ...(orphans.length > 0 ? [style.bold('Still there, and nobody owns it'), columns(orphans, '  '), ''] : []),
  ].join('\n');
}
