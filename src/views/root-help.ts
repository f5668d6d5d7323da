import type { Style } from './style.ts';
import { columns } from './text.ts';

export interface RootHelpInput {
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
  env: 'environments: list, use, show, create, hosts, schema',
  app: 'the catalogue: list, info, add, remove, upgrade',
  secrets: 'encrypted values: init, edit, get, set, list, rotate',
  charts: 'versions and digests of Helm charts',
  backup: 'backups: list, create, restore, drill',
  db: 'databases: list, shell, dump, restore',
  sandbox: 'the embedded cloud: start, stop, status',
  state: 'move the state of resources',
  toolchain: 'the pinned tools: list, install',
};

export function rootHelp({ version, commands }: RootHelpInput, style: Style): string {
  const rows = firstWords(commands);
  const grouped = new Set(groups.flatMap(([, names]) => names));
  const rest = [...rows.keys()].filter((name) => !grouped.has(name));
  const sections = [...groups, ['More', rest] as const].map(([title, names]) => section(title, names, rows, style));
  return [
    `${style.bold('ffops')} ${style.dim(version)}  one typed file per environment; the rest is derived, shown, applied and rehearsed`,
    '',
    style.bold('First steps'),
    columns(
      [
        [style.cyan('$ ffops init shop'), 'a workspace with two environments'],
        [style.cyan('$ cd shop && ffops render -e dev'), 'the OpenTofu modules and Helm values it means'],
        [style.cyan('$ ffops plan -e dev'), 'what would change, before anything does'],
      ],
      '  ',
    ),
    '',
    ...sections.filter((text) => text !== '').flatMap((text) => [text, '']),
    `${style.dim('Help for a command:')} ffops COMMAND --help   ${style.dim('Try without risk:')} add --sandbox`,
  ].join('\n');
}

/** One row for a command, one for a topic and all that is below it. */
function firstWords(commands: RootHelpInput['commands']): Map<string, string> {
  const rows = new Map<string, string>();
  for (const { id, summary } of commands) {
    const [word = '', second] = id.split(':');
    if (second === undefined || !rows.has(word)) rows.set(word, topics[word] ?? summary);
  }
  return rows;
}

function section(title: string, names: readonly string[], rows: ReadonlyMap<string, string>, style: Style): string {
  const known = names.filter((name) => rows.has(name));
  if (known.length === 0) return '';
  return `${style.bold(title)}\n${columns(known.map((name) => [style.cyan(name.padEnd(12)), rows.get(name)!]), '  ')}`;
}
