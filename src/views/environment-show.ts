import type { Origin } from '../model/origin.ts';
import { parsePath } from '../model/path.ts';
import type { EnvironmentShowResult } from '../usecases/environment-show.ts';
import type { Style } from './style.ts';
import { pad, widthOf } from './text.ts';

type Value = EnvironmentShowResult['values'][number];

/** YAML that could be the file itself, with the origin of each value in a comment; defaults are dim. */
export function environmentShowText({ name, file, values }: EnvironmentShowResult, style: Style): string {
  const lines = values.flatMap((value, index) => linesOf(value, values[index - 1]?.path));
  const width = Math.min(44, Math.max(...lines.map(({ text }) => widthOf(text))));
  const body = lines.map(({ text, origin }) => {
    if (origin === undefined) return text;
    const isWritten = origin.kind === 'file';
    return `${isWritten ? pad(text, width) : style.dim(pad(text, width))}  ${(isWritten ? style.cyan : style.dim)(`# ${originText(origin)}`)}`;
  });
  return `${style.bold(`# ${name}: ${file}, and what it leaves to defaults`)}\n${body.join('\n')}\n`;
}

interface Line {
  readonly text: string;
  readonly origin?: Origin;
}

/** The lines of the groups that open before this value, then its own. */
function linesOf({ path, value, origin }: Value, previous: string | undefined): Line[] {
  const keys = parsePath(path);
  const before = previous === undefined ? [] : parsePath(previous);
  let common = 0;
  while (common < keys.length - 1 && keys[common] === before[common]) common += 1;

  const lines: Line[] = [];
  let start = '';
  for (let depth = common; depth < keys.length; depth++) {
    const key = keys[depth]!;
    const indent = '  '.repeat(depth);
    if (typeof key === 'number') {
      // What belongs to a list's element starts on the line of its dash.
      start = `${'  '.repeat(depth)}- `;
      if (depth === keys.length - 1) lines.push({ text: `${start}${scalar(value)}`, origin });
      continue;
    }
    const prefix = start === '' ? indent : start;
    start = '';
    if (depth === keys.length - 1) lines.push({ text: `${prefix}${quoted(key)}: ${scalar(value)}`, origin });
    else lines.push({ text: `${prefix}${quoted(key)}:` });
  }
  return lines;
}

function originText(origin: Origin): string {
  switch (origin.kind) {
    case 'file':
      return `line ${origin.line}`;
    case 'platform':
      return `default of ${origin.platform}`;
    case 'catalogue':
      return `default of ${origin.entry}`;
    case 'ffops':
      return 'default';
  }
}

function scalar(value: Value['value']): string {
  if (Array.isArray(value)) return '[]';
  if (typeof value === 'object' && value !== null) return '{}';
  return typeof value === 'string' ? quoted(value) : String(value);
}

/** Plain where every YAML reader takes it for text; JSON's quotes are YAML's too. */
function quoted(text: string): string {
  const isWord =
    /^[A-Za-z_/][\w./@+-]*( [\w./@+-]+)*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);
  const isSize = /^\d+[KMGT]i$/.test(text);
  return isWord || isSize ? text : JSON.stringify(text);
}
