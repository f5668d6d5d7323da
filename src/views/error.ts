import type { FfopsError, Place, Problem } from '../errors.ts';
import type { Style } from './style.ts';
import { wrap } from './text.ts';

export interface ErrorDocument {
  readonly schema: 'ffops.error/v1';
  readonly ok: false;
  readonly error: ErrorDetails;
}

export interface ErrorDetails {
  /** A stable word, such as `environment.invalid`. */
  readonly code: string;
  readonly message: string;
  readonly at?: Place;
  readonly hints: readonly string[];
  /** Everything that is wrong; the first one is the headline above. */
  readonly problems: readonly { readonly message: string; readonly at?: Place; readonly hints: readonly string[] }[];
}

export function errorDocument(error: FfopsError): ErrorDocument {
  const problems = error.problems.map(({ message, at, hints }) => ({ message, ...(at && { at }), hints: hints ?? [] }));
  const [headline = { message: error.message, hints: [] }] = problems;
  return { schema: 'ffops.error/v1', ok: false, error: { code: error.code, ...headline, problems } };
}

/** A file that a problem points into. */
export interface Source {
  /** As the user would type it where they stand. */
  readonly shownAs: string;
  readonly lines: readonly string[];
}

/** Undefined when it cannot be read. */
export type SourceOf = (file: string) => Source | undefined;

export function errorText(problems: readonly Problem[], style: Style, sourceOf: SourceOf, width: number): string {
  const blocks = problems.map((problem) => problemText(problem, style, sourceOf, width));
  const shown = blocks.join('\n');
  return problems.length > 1 ? `${shown}\n${style.bold(`${problems.length} problems`)}\n` : shown;
}

export function warningText(problems: readonly Problem[], style: Style): string {
  return problems
    .map(({ message, at, hints }) => {
      const place = at ? style.dim(` (${at.file}:${at.line}:${at.column})`) : '';
      return [
        `${style.yellow('Warning:')} ${harmless(message)}${place}`,
        ...(hints ?? []).map((hint) => hintLine(hint, style)),
        '',
      ].join('\n');
    })
    .join('');
}

function hintLine(hint: string, style: Style, width = Infinity): string {
  const text = harmless(hint);
  const indent = '    ';
  // Broken between words only, so that a command in it can be copied.
  const lines = indent.length + text.length > width ? wrap(text, width, indent) : indent + text;
  return `  ${style.cyan('→')} ${lines.trimStart()}`;
}

function problemText(problem: Problem, style: Style, sourceOf: SourceOf, width: number): string {
  // What a tool said may have several lines.
  const message = harmless(problem.message).replace(/\n/g, '\n  ');
  const lines = [`${style.bold(style.red('Error:'))} ${style.bold(message)}`];
  if (problem.at) {
    const source = sourceOf(problem.at.file);
    lines.push(style.dim(`  at ${source?.shownAs ?? problem.at.file}:${problem.at.line}:${problem.at.column}`));
    if (source) lines.push(...codeFrame(source.lines, problem.at, style, width));
  }
  for (const hint of problem.hints ?? []) lines.push(hintLine(hint, style, width));
  return `${lines.join('\n')}\n`;
}

/** The line in question with its neighbours above, and a mark below the column. */
function codeFrame(source: readonly string[], at: Place, style: Style, width: number): readonly string[] {
  const text = source[at.line - 1];
  if (text === undefined) return [];
  const gutter = String(at.line).length;
  const room = Math.max(20, width - gutter - 6);
  // A long line is shown around the column.
  const start = at.column > room - 10 ? at.column - Math.floor(room / 2) : 0;
  const row = (number: number) =>
    `  ${style.dim(`${String(number).padStart(gutter)} │`)} ${printable(source[number - 1] ?? '').slice(start, start + room)}`;
  const first = Math.max(1, at.line - 2);
  const rows = Array.from({ length: at.line - first + 1 }, (_, index) => row(first + index).trimEnd());
  const mark = `  ${' '.repeat(gutter)} ${style.dim('│')} ${' '.repeat(Math.max(0, at.column - 1 - start))}${style.red('^')}`;
  return [...rows, mark];
}

/** One column for each character. */
function printable(line: string): string {
  return harmless(line.replace(/\t/g, ' '));
}

/** Messages quote files and tools: nothing in them that a terminal would obey. */
function harmless(text: string): string {
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
}
