/** A YAML file as a tree in which every key and every value knows its line and column. */
import { Composer, LineCounter, Parser, isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { ParsedNode, YAMLMap, YAMLSeq } from 'yaml';
import { UserError } from '../errors.ts';
import type { Place, Problem } from '../errors.ts';
import { childPath } from './path.ts';
import type { Segments } from './path.ts';

export interface Document {
  readonly file: string;
  readonly root: MapNode;
  /** Text that other YAML readers understand differently; never fatal. */
  readonly warnings: readonly Trap[];
}

export interface Trap {
  readonly path: string;
  readonly problem: Problem;
}

export type DocumentNode = ScalarNode | MapNode | ListNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly at: Place;
  readonly value: string | number | boolean | null;
  /** As it stands in the file, without quotes: `1.30` where the value is 1.3. */
  readonly source: string;
}

export interface MapNode {
  readonly kind: 'map';
  readonly at: Place;
  readonly entries: ReadonlyMap<string, MapEntry>;
}

export interface MapEntry {
  readonly keyAt: Place;
  readonly value: DocumentNode;
}

export interface ListNode {
  readonly kind: 'list';
  readonly at: Place;
  readonly items: readonly DocumentNode[];
}

const MAX_DEPTH = 50;
const MAX_CHARACTERS = 4_000_000;
const MAX_SYNTAX_PROBLEMS = 5;

/** Throws UserError with every syntax problem; `what` names the file to people, such as "environment". */
export function readDocument(file: string, text: string, what: string): Document {
  const start: Place = { file, line: 1, column: 1 };
  refuseUnreadable(text, start);
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const lines = new LineCounter();
  const problems: Problem[] = [];
  const documents = parse(source, lines);
  const document = documents[0];
  const placeOf = (offset: number): Place => placeAt(file, lines, offset);

  for (const found of documents) {
    for (const error of [...found.errors, ...found.warnings]) {
      problems.push({ ...syntaxProblem(error.code, error.message), at: placeOf(error.pos[0]) });
    }
  }
  if (problems.length > 0) throw new UserError('file.syntax', firstOfEachLine(problems));
  if (document === undefined || isEmpty(document.contents)) {
    throw new UserError('file.empty', {
      message: `The ${what} file is empty.`,
      at: start,
      hints: [
        `Write its options, or start again from a template: ffops ${what === 'workspace' ? 'init' : 'env create'}.`,
      ],
    });
  }
  const second = documents[1];
  if (second !== undefined) {
    throw new UserError('file.documents', {
      message: `The file holds ${documents.length} YAML documents; one file describes one ${what}.`,
      at: placeOf(second.range[0]),
      hints: ['Remove the `---` line, or move what follows to a file of its own.'],
    });
  }
  const reader = new TreeReader(placeOf);
  const root = reader.read(document.contents, '', 0);
  if (root.kind !== 'map' && reader.problems.length === 0) {
    reader.problems.push({
      message: `The ${what} file must hold options, one \`name: value\` per line.`,
      at: root.at,
      hints: [`It holds ${describeNode(root)} instead.`],
    });
  }
  if (reader.problems.length > 0) throw new UserError('file.syntax', reader.problems);
  return { file, root: root as MapNode, warnings: reader.warnings };
}

/** The same values without positions. */
export function toData(node: DocumentNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toData);
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, toData(entry.value)]));
}

export function nodeAt(root: DocumentNode, path: Segments): DocumentNode | undefined {
  let node: DocumentNode | undefined = root;
  for (const segment of path) node = node === undefined ? undefined : childOf(node, segment);
  return node;
}

/** The place of an option's key or value; when it is not written, the key of the nearest ancestor that is. */
export function nearestPlace(root: MapNode, path: Segments, about: 'key' | 'value'): Place | undefined {
  let node: DocumentNode = root;
  let place: Place | undefined;
  for (const [depth, segment] of path.entries()) {
    const child = childOf(node, segment);
    if (child === undefined) return place;
    const last = depth === path.length - 1;
    const key = node.kind === 'map' ? node.entries.get(String(segment))?.keyAt : undefined;
    place = key === undefined || (last && about === 'value') ? child.at : key;
    node = child;
  }
  return place;
}

export function describeNode(node: DocumentNode): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a group of options';
  if (node.value === null) return 'nothing';
  if (typeof node.value === 'boolean') return String(node.value);
  if (typeof node.value === 'number') return `the number ${shorten(node.source)}`;
  return `the text "${shorten(node.value)}"`;
}

/** One line of at most 60 characters. */
export function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}

function childOf(node: DocumentNode, segment: string | number): DocumentNode | undefined {
  if (node.kind === 'map') return node.entries.get(String(segment))?.value;
  if (node.kind === 'list') return typeof segment === 'number' ? node.items[segment] : undefined;
  return undefined;
}

function refuseUnreadable(text: string, at: Place): void {
  if (text.includes('\0')) {
    throw new UserError('file.encoding', {
      message: 'The file is not UTF-8 text.',
      at,
      hints: ['Save it again as UTF-8 in your editor.'],
    });
  }
  if (text.length > MAX_CHARACTERS) {
    throw new UserError('file.size', { message: 'The file is larger than 4 MB: this cannot be what you meant.', at });
  }
}

function parse(source: string, lines: LineCounter) {
  const composer = new Composer({
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'silent',
    merge: false,
  });
  return [...composer.compose(new Parser(lines.addNewLine).parse(source))];
}

function isEmpty(contents: unknown): boolean {
  return contents === null || (isScalar(contents) && contents.value === null);
}

function placeAt(file: string, lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** One slip makes the parser complain several times about the same line. */
function firstOfEachLine(problems: readonly Problem[]): Problem[] {
  const byLine = new Map<number, Problem>();
  for (const problem of problems) {
    const line = problem.at?.line ?? 0;
    if (!byLine.has(line)) byLine.set(line, problem);
  }
  return [...byLine.values()].slice(0, MAX_SYNTAX_PROBLEMS);
}

function syntaxProblem(code: string, message: string): Problem {
  const slip = SLIPS.find((candidate) => candidate.code === code && message.includes(candidate.says ?? ''));
  if (slip !== undefined) return { message: slip.message, hints: [slip.hint] };
  const reason = (message.split('\n')[0] as string).replace(/\.$/, '');
  return {
    message: `This is not valid YAML: ${reason}.`,
    hints: ['Check the quotes, colons and indentation around it.'],
  };
}

interface Slip {
  readonly code: string;
  /** Part of the parser's own message, where one code stands for several slips. */
  readonly says?: string;
  readonly message: string;
  readonly hint: string;
}

const NO_ALIASES = 'Write the value itself; put it between quotes if it starts with an asterisk.';

const SLIPS: readonly Slip[] = [
  {
    code: 'TAB_AS_INDENT',
    message: 'A tab indents this line; YAML allows spaces only.',
    hint: 'Replace the tab by two spaces.',
  },
  {
    code: 'BAD_INDENT',
    says: 'Flow',
    message: 'A { or a [ above this line is not closed.',
    hint: 'Close it, or put the value between quotes.',
  },
  {
    code: 'BAD_INDENT',
    message: 'This line is not indented like its neighbours.',
    hint: 'Options of one group start in the same column.',
  },
  {
    code: 'MISSING_CHAR',
    says: 'quote',
    message: 'A quote is not closed.',
    hint: 'Close it, or start the value with the other kind of quote.',
  },
  {
    code: 'MISSING_CHAR',
    says: 'map values',
    message: 'There is no colon on this line: an option is `name: value`.',
    hint: 'Add `: ` after the name, or indent the line if it belongs to the value above.',
  },
  { code: 'MISSING_CHAR', message: 'Something is missing here: a bracket, a comma or a colon.', hint: 'Add it.' },
  {
    code: 'MULTILINE_IMPLICIT_KEY',
    message: 'This line has no `name: value`, or the one above is not finished.',
    hint: 'Look for a missing colon or quote.',
  },
  {
    code: 'BLOCK_AS_IMPLICIT_KEY',
    message: 'A second `name:` starts inside this value.',
    hint: 'Start it on a line of its own, in the column of its neighbours, or put the value between quotes.',
  },
  {
    code: 'UNEXPECTED_TOKEN',
    says: 'block-seq',
    message: 'A list starts on the line below its name.',
    hint: 'Move the hyphen to the next line.',
  },
  { code: 'UNEXPECTED_TOKEN', says: 'flow-', message: 'This bracket closes nothing.', hint: 'Remove it.' },
  {
    code: 'BAD_SCALAR_START',
    message: 'A plain value cannot start with this character.',
    hint: 'Put the value between quotes.',
  },
  {
    code: 'BAD_DQ_ESCAPE',
    message: 'This backslash escape does not exist.',
    hint: 'Use single quotes, or write \\\\ for a backslash.',
  },
  {
    code: 'TAG_RESOLVE_FAILED',
    message: 'ffops does not know this YAML tag (`!…`).',
    hint: 'Remove it; quote the value if it starts with an exclamation mark.',
  },
  { code: 'BAD_ALIAS', message: 'An asterisk starts an alias, and ffops reads none.', hint: NO_ALIASES },
  { code: 'ALIAS_PROPS', message: 'An asterisk starts an alias, and ffops reads none.', hint: NO_ALIASES },
  {
    code: 'RESOURCE_EXHAUSTION',
    message: 'The file nests values too deeply to be read.',
    hint: 'Look for a run of [ or {.',
  },
];

/** Turns the parser's nodes into ours, and collects what we refuse although YAML allows it. */
class TreeReader {
  readonly problems: Problem[] = [];
  readonly warnings: Trap[] = [];
  readonly #placeOf: (offset: number) => Place;

  constructor(placeOf: (offset: number) => Place) {
    this.#placeOf = placeOf;
  }

  read(node: ParsedNode | null, path: string, depth: number, fallback?: Place): DocumentNode {
    const at = node === null ? (fallback as Place) : this.#placeOf(node.range[0]);
    const nothing: ScalarNode = { kind: 'scalar', at, value: null, source: '' };
    if (node === null) return nothing;
    if (depth > MAX_DEPTH) {
      this.problems.push({ message: 'The file nests values too deeply.', at, hints: ['No option lies this deep.'] });
      return nothing;
    }
    if (isAlias(node)) {
      this.problems.push({
        message: `ffops reads no aliases (\`*${node.source}\`).`,
        at,
        hints: [NO_ALIASES],
      });
      return nothing;
    }
    if (isMap(node)) return this.#readMap(node, path, depth, at);
    if (isSeq(node)) return this.#readList(node, path, depth, at);
    return this.#readScalar(node.value, node.source, node.type, path, at);
  }

  #readMap(map: YAMLMap.Parsed, path: string, depth: number, at: Place): MapNode {
    const entries = new Map<string, MapEntry>();
    for (const pair of map.items) {
      const key = pair.key as ParsedNode | null;
      const keyAt = key === null ? at : this.#placeOf(key.range[0]);
      const name = this.#readKey(key, keyAt, path);
      if (name === undefined) continue;
      const first = entries.get(name);
      if (first !== undefined) {
        this.problems.push({
          message: `\`${childPath(path, name)}\` is written twice; the first is on line ${first.keyAt.line}.`,
          at: keyAt,
          hints: ['Keep one of them.'],
        });
        continue;
      }
      entries.set(name, {
        keyAt,
        value: this.read(pair.value, childPath(path, name), depth + 1, keyAt),
      });
    }
    return { kind: 'map', at, entries };
  }

  #readKey(key: ParsedNode | null, at: Place, path: string): string | undefined {
    if (isScalar(key) && typeof key.value === 'string') {
      if (key.value === '<<') {
        this.problems.push({
          message: 'ffops reads no merge keys (`<<`).',
          at,
          hints: ['Write the options themselves, so that each has one place.'],
        });
        return undefined;
      }
      if (key.value !== '__proto__') return key.value;
    }
    const where = path === '' ? '' : ` in \`${path}\``;
    const shown = isScalar(key) && key.value !== null ? `\`${shorten(String(key.source ?? key.value))}\`` : 'This';
    this.problems.push({
      message: `${shown}${where} cannot be the name of an option: names are text.`,
      at,
      hints: ['If it really is a name, put it between quotes.'],
    });
    return undefined;
  }

  #readList(list: YAMLSeq.Parsed, path: string, depth: number, at: Place): ListNode {
    const items = list.items.map((item, index) =>
      this.read(item as ParsedNode | null, childPath(path, index), depth + 1, at),
    );
    return { kind: 'list', at, items };
  }

  #readScalar(value: unknown, source: string, type: unknown, path: string, at: Place): ScalarNode {
    if (type === 'PLAIN') this.#warnOfTraps(value, source, path, at);
    const known =
      value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    return { kind: 'scalar', at, value: known ? value : source, source };
  }

  #warnOfTraps(value: unknown, source: string, path: string, at: Place): void {
    if (typeof value === 'string' && /^(y|n|yes|no|on|off)$/i.test(value)) {
      this.#warn(path, {
        message: `\`${path}\` is the text "${value}" here, yet many YAML readers take it for true or false.`,
        at,
        hints: ['Write true or false, or put the text between quotes.'],
      });
    }
    if (typeof value === 'number' && /^[-+]?0\d/.test(source)) {
      this.#warn(path, {
        message: `\`${path}\` is the number ${value} here, yet many YAML readers take ${source} for an octal one.`,
        at,
        hints: ['Remove the leading zero, or put the text between quotes.'],
      });
    }
  }

  #warn(path: string, problem: Problem): void {
    this.warnings.push({ path, problem });
  }
}
