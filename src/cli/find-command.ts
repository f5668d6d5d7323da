import { UserError } from '../errors.ts';
import { nearest } from '../model/nearest.ts';

/** A command with the words that are left for it, or a topic, whose help is all there is to show. */
export type Found = { readonly id: string; readonly rest: readonly string[] } | { readonly topic: string };

/** `ids` are oclif's, such as `env:list`. Throws UserError with the nearest command when there is none. */
export function findCommand(argv: readonly string[], ids: readonly string[]): Found {
  const words: string[] = [];
  for (const word of argv) {
    if (word.startsWith('-')) break;
    words.push(word);
    const id = words.join(':');
    if (ids.includes(id)) return { id, rest: argv.slice(words.length) };
    if (!ids.some((other) => other.startsWith(`${id}:`))) throw unknownCommand(words, ids);
  }
  return { topic: words.join(':') };
}

function unknownCommand(words: readonly string[], ids: readonly string[]): UserError {
  const known = ids.map((id) => id.replaceAll(':', ' '));
  const parent = words.slice(0, -1).join(' ');
  const siblings = known.filter((id) => id.startsWith(`${parent} `));
  const near = nearestCommand(words, known);
  return new UserError('usage.unknownCommand', {
    message: `There is no command \`ffops ${words.join(' ')}\`.`,
    hints: [
      ...(near === undefined ? [] : [`Did you mean \`ffops ${near}\`?`]),
      parent === '' ? '`ffops` alone lists all of them.' : `There are: ${siblings.join(', ')}.`,
    ],
  });
}

/** Below a topic its own commands are meant; elsewhere a first word, or a last word that lacks its topic (`list`). */
function nearestCommand(words: readonly string[], known: readonly string[]): string | undefined {
  const wrong = words.at(-1)!;
  const parent = words.slice(0, -1).join(' ');
  if (parent !== '') {
    const child = nearest(
      wrong,
      known.filter((id) => id.startsWith(`${parent} `)).map((id) => id.slice(parent.length + 1)),
    );
    return child && `${parent} ${child}`;
  }
  const first = nearest(wrong, new Set(known.map((id) => id.split(' ')[0]!)));
  return first ?? known.find((id) => id.endsWith(` ${wrong}`));
}
