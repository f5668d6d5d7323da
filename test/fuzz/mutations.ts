/** Small damage to a text file, chosen by a seeded generator: what hands, editors, merges and disks do to one. */

export interface Dice {
  /** A whole number from 0 up to, and without, the bound. */
  below(bound: number): number;
  pick<T>(items: readonly T[]): T;
}

/** mulberry32: small, and the same on every machine. */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return { below, pick: (items) => items[below(items.length)] as (typeof items)[number] };
}

type Mutation = (text: string, dice: Dice) => string;

const TOKENS = [
  ': ',
  ':',
  '- ',
  '[',
  ']',
  '{',
  '}',
  ',',
  '#',
  '&a ',
  '*a',
  '!x ',
  '!!str ',
  '|',
  '>',
  '"',
  "'",
  '%',
  '@',
  '`',
  '?',
  '<<: ',
  '---\n',
  '...\n',
  '\t',
  '\r',
  '\r\n',
  '\n',
  ' ',
  '\0',
  '\uFEFF',
  '\u2028',
  '\u00A0',
  'é',
  '😀',
  '\\',
  '$' + '{x}',
  '~',
  'null',
  'true',
  'no',
  '0',
  '-1',
  '1e999',
  '.nan',
  '0x1F',
  '1_000',
  '9999999999999999999999',
  'managed',
  'bitnami/redis',
  'host',
  'hostname: x',
  '__proto__',
  'constructor',
  'toString',
  'apps',
  'platform',
  'local',
  'doks',
  'co.uk',
  '2001-01-01',
  '03:00',
  '""',
  '{}',
  '[]',
  'x'.repeat(300),
  'ａ',
];

const MUTATIONS: readonly Mutation[] = [
  onBytes((bytes, dice) => {
    bytes[dice.below(bytes.length)] = dice.below(256);
    return bytes;
  }),
  onBytes((bytes, dice) => {
    const at = dice.below(bytes.length);
    bytes.splice(at, 1 + dice.below(4));
    return bytes;
  }),
  onBytes((bytes, dice) => {
    const at = dice.below(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << dice.below(8));
    return bytes;
  }),
  onBytes((bytes, dice) => {
    bytes.splice(dice.below(bytes.length), 0, dice.below(256));
    return bytes;
  }),
  onBytes((bytes, dice) => bytes.slice(0, dice.below(bytes.length))),
  onLines((lines, dice) => {
    lines.splice(dice.below(lines.length), 1);
    return lines;
  }),
  onLines((lines, dice) => {
    const at = dice.below(lines.length);
    lines.splice(at, 0, lines[at] as string);
    return lines;
  }),
  onLines((lines, dice) => {
    const [line] = lines.splice(dice.below(lines.length), 1);
    lines.splice(dice.below(lines.length + 1), 0, line as string);
    return lines;
  }),
  onLines((lines, dice) => {
    const at = dice.below(lines.length);
    lines[at] = `${dice.pick([' ', '  ', '\t', '    '])}${lines[at]}`;
    return lines;
  }),
  onLines((lines, dice) => {
    const at = dice.below(lines.length);
    lines[at] = (lines[at] as string).replace(/^ {1,2}/, '');
    return lines;
  }),
  onLines((lines, dice) => {
    const at = dice.below(lines.length);
    lines[at] = `${lines[at]}${lines[dice.below(lines.length)]}`;
    return lines;
  }),
  onLines((lines, dice) => {
    const at = dice.below(lines.length);
    lines.splice(at, 0, '<<<<<<< HEAD', ...lines.slice(at, at + 2), '=======', '>>>>>>> other');
    return lines;
  }),
  (text, dice) => insert(text, dice.below(text.length + 1), dice.pick(TOKENS)),
  replaceToken(/[A-Za-z0-9_.-]+/g, (_, dice) => dice.pick(TOKENS)),
  replaceToken(/[A-Za-z]{3,}/g, (word, dice) => {
    const at = dice.below(word.length - 1);
    return word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2);
  }),
  replaceToken(/[A-Za-z]{3,}(?=:)/g, (word, dice) => word + dice.pick(['s', '_', 'X', '-name'])),
  replaceToken(/(?<=: )[^\n]+/g, (_, dice) => dice.pick(TOKENS)),
  replaceToken(/(?<=: )[^\n]+/g, () => ''),
  replaceToken(/\d+/g, (digits, dice) =>
    dice.pick(['-1', '0', `${digits}.5`, `${digits}${digits}${digits}`, `"${digits}"`, `0${digits}`]),
  ),
  replaceToken(/"/g, () => ''),
];

/** Mostly one mutation, sometimes several on top of each other. */
export function mutate(text: string, dice: Dice): string {
  let mutated = text;
  for (let count = dice.pick([1, 1, 1, 2, 4]); count > 0 && mutated.length > 0; count--) {
    mutated = dice.pick(MUTATIONS)(mutated, dice);
  }
  return mutated;
}

/** On the bytes of UTF-8, read back as a file would be. */
function onBytes(change: (bytes: number[], dice: Dice) => number[]): Mutation {
  return (text, dice) => Buffer.from(change([...Buffer.from(text)], dice)).toString('utf8');
}

function onLines(change: (lines: string[], dice: Dice) => string[]): Mutation {
  return (text, dice) => change(text.split('\n'), dice).join('\n');
}

function replaceToken(pattern: RegExp, change: (token: string, dice: Dice) => string): Mutation {
  return (text, dice) => {
    const tokens = [...text.matchAll(pattern)];
    if (tokens.length === 0) return text;
    const token = dice.pick(tokens);
    return text.slice(0, token.index) + change(token[0], dice) + text.slice(token.index + token[0].length);
  };
}

function insert(text: string, at: number, token: string): string {
  return text.slice(0, at) + token + text.slice(at);
}
