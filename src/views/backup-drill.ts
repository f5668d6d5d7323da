/** What a drill found, on a terminal and as the dated page of the workspace. */
import type { DrillPart, DrillResult } from '../usecases/backup-drill.ts';
import type { Style } from './style.ts';
import { columns, count } from './text.ts';

const words: Readonly<Record<DrillPart['state'], string>> = {
  verified: 'verified',
  different: 'different',
  failed: 'failed',
  notRun: 'not run',
};

export function drillText(result: DrillResult, style: Style): string {
  const colour = { verified: style.green, different: style.red, failed: style.red, notRun: style.yellow };
  const rows = result.parts.map((part) => [
    part.part,
    colour[part.state](words[part.state]),
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

export function drillMarkdown(result: DrillResult): string {
  const rows = result.parts.map(
    (part) =>
      `| ${part.part} | ${part.backup || '-'} | ${words[part.state]}${part.bytes === 'none' ? ', no bytes' : ''} | ${part.rpoSeconds === undefined ? '-' : duration(part.rpoSeconds)} | ${part.rtoSeconds === undefined ? '-' : duration(part.rtoSeconds)} | ${part.compared} |`,
  );
  const differences = result.parts.flatMap(({ part, differences: lines }) =>
    lines.map((line) => `- ${part}: ${line.replaceAll('\n', ' ')}`),
  );
  return [
    `# Restore drill of ${result.what}, ${result.environment}`,
    '',
    `${result.at}: ${result.verdict === 'done' ? 'verified' : 'not verified'}.`,
    '',
    '| what | backup | result | age of data | time to restore | compared |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    ...(differences.length === 0 ? [] : [`${count(differences.length, 'remark')}:`, '', ...differences, '']),
  ].join('\n');
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 360) / 10} h`;
}
