import type { Check } from '../usecases/doctor/check.ts';
import type { DoctorResult } from '../usecases/doctor/doctor.ts';
import type { Style } from './style.ts';
import { count, wrap } from './text.ts';

const WIDTH = 80;

const titles: Readonly<Record<Check['about'], string>> = {
  machine: 'Machine',
  tools: 'Tools',
  workspace: 'Workspace',
  secrets: 'Secrets',
  environment: 'Environment',
};

/** Marks differ in shape, not only in colour. */
const marks: Readonly<Record<Check['state'], string>> = { fine: '✔', note: '!', wrong: '✖' };

export function doctorText({ checks }: DoctorResult, style: Style): string {
  const sections = (Object.keys(titles) as Check['about'][]).flatMap((about) => {
    const own = checks.filter((check) => check.about === about);
    return own.length === 0 ? [] : [`${style.bold(titles[about])}\n${checkRows(own, style)}`];
  });
  return `${sections.join('\n\n')}\n\n${summary(checks, style)}\n`;
}

function checkRows(checks: readonly Check[], style: Style): string {
  const colours = { fine: style.green, note: style.yellow, wrong: style.red };
  const width = Math.max(...checks.map(({ title }) => title.length));
  return checks
    .map(({ title, state, detail, cures }) => {
      const indent = ' '.repeat(width + 7);
      const lines = wrap(detail, WIDTH, indent)
        .split('\n')
        .map((line) => line.slice(indent.length))
        .map((line) => (state === 'fine' ? style.dim(line) : line));
      const first = `  ${colours[state](marks[state])}  ${title.padEnd(width)}  ${lines[0]}`;
      return [
        first,
        ...lines.slice(1).map((line) => indent + line),
        ...cures.map((cure) => `${' '.repeat(width + 6)} ${style.cyan('→')} ${cure}`),
      ].join('\n');
    })
    .join('\n');
}

function summary(checks: readonly Check[], style: Style): string {
  const wrong = checks.filter(({ state }) => state === 'wrong').length;
  const notes = checks.filter(({ state }) => state === 'note').length;
  if (wrong > 0) return style.red(`${count(wrong, 'thing')} to put right${notes > 0 ? `, ${notes} to know` : ''}.`);
  return notes > 0 ? `Nothing is wrong; ${count(notes, 'thing')} to know.` : style.green('Everything is in place.');
}
