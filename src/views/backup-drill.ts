/** What a drill found, on a terminal. */
import type { DrillResult } from '../usecases/backup-drill.ts';
import { drillWords, duration } from '../usecases/drill-page.ts';
import type { Style } from './style.ts';
import { columns } from './text.ts';

export function drillText(result: DrillResult, style: Style): string {
  const colour = { verified: style.green, different: style.red, failed: style.red, notRun: style.yellow };
  const rows = result.parts.map((part) => [
    part.part,
    colour[part.state](drillWords[part.state]),
    part.backup,
    part.rpoSeconds === undefined ? '' : `data ${duration(part.rpoSeconds)} old`,
    part.rtoSeconds === undefined ? '' : `back in ${duration(part.rtoSeconds)}`,
    part.bytes === 'none' ? 'bytes: none' : '',
  ]);
  const differences = result.parts.flatMap(({ part, differences: lines }) => lines.map((line) => `  ${part}: ${line}`));
  return [
    columns(rows),
    ...differences,
    result.verdict === 'done'
      ? style.green('What was tried came back as it was.')
      : style.red('Not everything came back as it was.'),
    ...result.records.map((path) => style.dim(path)),
  ].join('\n');
}
