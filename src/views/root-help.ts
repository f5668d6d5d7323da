/** The first page of help, and the page of a topic. Both are made of the commands that are there. */
import type { Style } from './style.ts';
import { columns, wrap } from './text.ts';

export interface HelpInput {
  readonly version: string;
  /** Ids as oclif writes them, such as `env:list`. */
  readonly commands: readonly { readonly id: string; readonly summary: string }[];
}

/** By what people want to do, most frequent first; a topic stands for all its commands. */
const groups: readonly (readonly [title: string, names: readonly string[]])[] = [
  ['Start', ['init', 'env', 'app', 'secrets', 'doctor']],
  ['Change', ['render', 'plan', 'apply', 'destroy', 'drift', 'charts']],
  ['Look', ['status', 'output', 'logs', 'diagram', 'cost']],
  ['Keep data', ['backup', 'db']],
  ['Rehearse', ['rehearse', 'sandbox']],
  ['By hand', ['kube', 'tofu', 'state']],
];

const topics: Readonly<Record<string, string>> = {
  env: 'environments',
  app: 'the catalogue of apps',
  secrets: 'encrypted values',
  charts: 'versions of Helm charts',
  backup: 'backups',
  db: 'databases',
  sandbox: 'a cloud on this machine',
  state: 'the state of stacks',
  toolchain: 'the pinned tools',
};

const width = 80;
const nameWidth = 14;

export function rootHelp({ version, commands }: HelpInput, style: Style): string {
  const rows = firstWords(commands);
  const grouped = new Set(groups.flatMap(([, names]) => names));
  const rest = [...rows.keys()].filter((name) => !grouped.has(name));
  const sections = [...groups, ['More', rest] as const].map(([title, names]) => section(title, names, rows, style));
  const steps = [
    ['ffops init shop', 'a workspace with two environments'],
    ['cd shop && ffops env show dev', 'what an environment means, defaults included'],
    ['ffops plan -e dev --sandbox', 'what would change, without a cloud'],
  ].map(([command = '', why = '']) => [`${style.dim('$')} ${style.cyan(command)}`, why]);
  return [
    `${style.bold('ffops')} ${style.dim(version)}`,
    'One typed file per environment; ffops derives, shows and applies the rest.',
    '',
    style.bold('First steps'),
    columns(steps, '  '),
    '',
    ...sections.filter((text) => text !== '').flatMap((text) => [text, '']),
    `${style.cyan('ffops COMMAND --help')} explains a command; ${style.cyan('--sandbox')} tries it without risk.`,
    '',
  ].join('\n');
}

export function topicHelp(topic: string, { commands }: HelpInput, style: Style): string {
  const rows = commands
    .filter(({ id }) => id.startsWith(`${topic}:`))
    .map(({ id, summary }) => ({ name: `ffops ${id.replaceAll(':', ' ')}`, summary }));
  const column = Math.max(...rows.map(({ name }) => name.length)) + 2;
  const title = topics[topic] ?? '';
  return [
    `${style.bold(`ffops ${topic}`)}${title === '' ? '' : `: ${title}`}`,
    '',
    ...rows.map(({ name, summary }) => namedRow(name, summary, column, style)),
    '',
    `${style.cyan(`ffops ${topic} COMMAND --help`)} explains one of them.`,
    '',
  ].join('\n');
}

/** One row for a command, one for a topic and all that is below it. */
function firstWords(commands: HelpInput['commands']): ReadonlyMap<string, string> {
  const rows = new Map<string, string>();
  for (const { id, summary } of commands) {
    const [word = '', second] = id.split(':');
    if (second === undefined) {
      rows.set(word, summary);
    } else if (!rows.has(word)) {
      const verbs = new Set(
        commands.filter((other) => other.id.startsWith(`${word}:`)).map((other) => other.id.split(':')[1]),
      );
      rows.set(word, `${topics[word] ?? word}: ${[...verbs].join(', ')}`);
    }
  }
  return rows;
}

function section(title: string, names: readonly string[], rows: ReadonlyMap<string, string>, style: Style): string {
  const known = names.filter((name) => rows.has(name));
  if (known.length === 0) return '';
  return [style.bold(title), ...known.map((name) => namedRow(name, rows.get(name)!, nameWidth, style))].join('\n');
}

/** A name, and what it does in lines of its own column. */
function namedRow(name: string, text: string, column: number, style: Style): string {
  return `  ${style.cyan(name.padEnd(column))}${wrap(text, width, ' '.repeat(column + 2)).trimStart()}`;
}
