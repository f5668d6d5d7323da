/** The dated page that a drill leaves in the workspace, beside its JSON. Pure. */
import type { DrillPart, DrillResult } from './backup-drill.ts';

export const drillWords: Readonly<Record<DrillPart['state'], string>> = {
  verified: 'verified',
  different: 'different',
  failed: 'failed',
  notRun: 'not run',
};

export function drillMarkdown(result: DrillResult): string {
  const rows = result.parts.map(
    (part) =>
      `| ${part.part} | ${part.backup || '-'} | ${drillWords[part.state]}${part.bytes === 'none' ? ', no bytes' : ''} | ${part.rpoSeconds === undefined ? '-' : duration(part.rpoSeconds)} | ${part.rtoSeconds === undefined ? '-' : duration(part.rtoSeconds)} | ${part.compared} |`,
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
    ...(differences.length === 0 ? [] : ['Remarks:', '', ...differences, '']),
  ].join('\n');
}

export function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 360) / 10} h`;
}
