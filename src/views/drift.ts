/** What changed outside of ffops, by stack. */
import type { DriftResult } from '../usecases/drift.ts';
import { changesTable, objectsTable, problemText } from './plan.ts';
import type { Style } from './style.ts';
import { count } from './text.ts';

export function driftText(result: DriftResult, style: Style): string {
  const drifted = result.stacks.flatMap((stack) => stack.drift);
  const objects = result.stacks.flatMap((stack) => stack.objects);
  const total = drifted.length + objects.length;
  const unknown = result.stacks.filter((stack) => stack.state === 'unknown');
  return [
    changesTable(drifted, style),
    objectsTable(objects, style),
    ...unknown.map((stack) => style.dim(`${stack.stack}: not there yet (known after ${stack.until})`)),
    ...result.stacks.flatMap((stack) => (stack.problem ? [problemText(stack.problem, style)] : [])),
    style.bold(
      total === 0
        ? 'Nothing changed outside of ffops.'
        : `${count(total, 'resource')} changed outside of ffops; the next apply changes them back.`,
    ),
  ]
    .filter((part) => part !== '')
    .join('\n');
}
