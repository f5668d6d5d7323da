import type { AppRemoval, AppRemoveResult } from '../usecases/app-remove.ts';
import { diffText, partsText } from './app-parts.ts';
import type { Style } from './style.ts';
import { wrap } from './text.ts';

/** What would go and what would stay, before anybody agrees. */
export function removalText({ title, file, diff, difference, kept }: AppRemoval, style: Style): string {
  return `${[
    `${style.bold(title)} goes from this environment with the next apply:`,
    partsText({ ...difference.removed, volumes: [], databases: [], buckets: [], secrets: [] }, '-', style),
    ...keptText(kept, style),
    diffText(file, diff, style),
  ].join('\n\n')}\n`;
}

export function appRemoveText(result: AppRemoveResult, environment: string, style: Style): string {
  const { id, file, kept, written, verdict } = result;
  if (verdict === 'refused') return 'Nothing was written.';
  if (!written) return `${removalText(result, style)}\nNothing was written: this is what would be.`;
  return `${[
    `${style.green('✓')} ${style.bold(id)} is out of ${file}; it runs until the next apply.`,
    ...keptText(kept, style),
    `Next:\n  ${style.cyan(`ffops plan -e ${environment}`)}`,
  ].join('\n\n')}\n`;
}

/** Commands stand alone on their lines: they are copied. */
function keptText(kept: AppRemoval['kept'], style: Style): readonly string[] {
  if (kept.length === 0) return [];
  const lines = [...Map.groupBy(kept, ({ kind, deletedBy }) => `${kind} ${deletedBy}`).values()].flatMap((alike) => {
    const { kind, first, deletedBy } = alike[0]!;
    const names = alike.map(({ name }) => style.bold(name)).join(', ');
    const what =
      alike.length === 1
        ? [`  ${style.green(`= ${kind}`)} ${names}`]
        : [`  ${style.green(`= ${kind}s`)}`, wrap(names, style.width, '    ')];
    const before = first === undefined ? [] : [style.dim(wrap(first, style.width, '    '))];
    return [...what, ...before, style.dim(`      ${deletedBy}`)];
  });
  return [['These stay, also after the apply; each is deleted by its command alone:', ...lines].join('\n')];
}
