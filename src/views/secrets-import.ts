import type { ImportResult, Left, Matched } from '../usecases/secrets-import.ts';
import type { Style } from './style.ts';
import { count } from './text.ts';

export function secretImportText(result: ImportResult, from: string, style: Style): string {
  const { imported, same, kept, unknown, unusable, unread, file } = result;
  const block = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
  const matched = ({ name, from: other }: Matched): string =>
    name === other ? name : `${name} ${style.dim(`(${other})`)}`;
  const left = ({ name, line }: Left): string => `${name} ${style.dim(`(line ${line})`)}`;
  return [
    style.bold(`${count(imported.length, 'value')} of ${from} taken over into ${file}.`),
    ...block('', imported.map(matched)).slice(1),
    ...block('There already:', same.map(matched)),
    ...block(style.yellow('Left, as another value is there (--overwrite replaces it):'), kept.map(matched)),
    ...block(
      style.yellow('Left, as nothing in this environment is called that (--as OLD=NEW says what it is):'),
      unknown.map(left),
    ),
    ...block(style.yellow('Left, as it is no text, or does not look like what is wanted:'), unusable.map(left)),
    ...(unread.length === 0 ? [] : [style.yellow(`Not understood: line ${unread.join(', ')}.`)]),
    ...(imported.length + same.length === 0 || from.endsWith('.enc')
      ? []
      : [
          style.dim(
            `${from} holds values in clear: remove it, and rotate what was ever committed (\`ffops secrets check\`).`,
          ),
        ]),
  ].join('\n');
}
