/** What a drill found, on a terminal. */
import type { DrillResult } from '../usecases/backup-drill.ts';
import { drillWords, duration } from '../usecases/drill-page.ts';
import type { Style } from './style.ts';
import { columns } from './text.ts';

export function drillText(result: DrillResult, style: Style): string {
  const colour = { verified: style.green, different: style.red, failed: style.red, notRun: style.yellow };
  const header = ['WHAT', 'RESULT', 'AGE', 'TOOK', 'BACKUP'].map((word) => style.dim(word));
  const rows = result.parts.map((part) => [
    part.part,
    colour[part.state](`${drillWords[part.state]}${part.bytes === 'none' ? ', no bytes' : ''}`),
    part.rpoSeconds === undefined ? '-' : duration(part.rpoSeconds),
    part.rtoSeconds === undefined ? '-' : duration(part.rtoSeconds),
    part.backup,
  ]);
  const differences = result.parts.flatMap(({ part, differences: lines }) => lines.map((line) => `  ${part}: ${line}`));
  return [
    columns([header, ...rows]),
    ...differences,
    result.verdict === 'done'
      ? style.green('What was tried came back as it was.')
      : style.red('Not everything came back as it was.'),
    ...result.records.map((path) => style.dim(path)),
  ].join('\n');
}
