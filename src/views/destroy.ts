/** How a destroy ended, what stays on purpose, and what nobody owns. */
import type { DestroyResult } from '../usecases/destroy.ts';
import { endedEarlyText, keptText, resultsText } from './apply.ts';
import type { Style } from './style.ts';
import { columns } from './text.ts';

export function destroyText(result: DestroyResult, style: Style): string {
  const early = endedEarlyText(result, style, 'destroyed');
  if (early !== undefined) return early;
  const orphans = result.orphans.map(({ kind, name, id }) => [style.red(`${kind} ${name}`), style.dim(id)]);
  return [
    resultsText(result.stacks, style, 'destroyed'),
    keptText(result.kept, style),
    ...(orphans.length > 0 ? [style.bold('Still there, and nobody owns it'), columns(orphans, '  '), ''] : []),
  ]
    .filter((part) => part !== '')
    .join('\n');
}
