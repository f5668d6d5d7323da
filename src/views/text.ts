import { stripVTControlCharacters } from 'node:util';

/** Columns on a terminal, colours not counted. */
export function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

/** What a last column needs to be worth reading. */
const NARROWEST = 16;

/** Rows as aligned columns, two spaces apart; the last one is left ragged, and goes on below itself where it would not fit. */
export function columns(rows: readonly (readonly string[])[], indent = '', width = Infinity): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, widthOf(cell))));
  return rows
    .map(
      (row) =>
        indent +
        row
          .map((cell, index) => {
            if (index < row.length - 1) return pad(cell, widths[index]!);
            const start = widths.slice(0, index).reduce((sum, one) => sum + one + 2, widthOf(indent));
            const room = width - start;
            if (room < NARROWEST || widthOf(cell) <= room) return pad(cell, widths[index]!);
            return wrap(cell, room).replaceAll('\n', `\n${' '.repeat(start)}`);
          })
          .join('  ')
          .trimEnd(),
    )
    .join('\n');
}

export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Words in lines no wider than `width`; each line starts with `indent`. */
export function wrap(text: string, width: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && widthOf(indent + line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((one) => indent + one).join('\n');
}

export function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount} ${amount === 1 ? one : many}`;
}
