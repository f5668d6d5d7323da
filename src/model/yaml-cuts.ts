/**
 * Where a text of YAML can be cut so that one entry more or less is in it, and nothing is printed anew: the text is cut where the
 * parser says that things lie. Several ways are offered where one alone may mean something else; whoever asks reads the result.
 */
import {
  Document,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  visit,
  type Pair,
  type ParsedNode,
  type ToStringOptions,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

export type Group = Readonly<Record<string, unknown>>;

/** Replaces what lies between two places. */
export interface Cut {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export function cut(text: string, cuts: readonly Cut[]): string {
  return [...cuts]
    .sort((one, other) => other.from - one.from)
    .reduce((rest, { from, to, text: fresh }) => rest.slice(0, from) + fresh + rest.slice(to), text);
}

type Entry = Pair<ParsedNode, ParsedNode | null>;

/** The file with what an edit must know of it. */
interface Source {
  readonly text: string;
  readonly lineEnd: string;
  readonly root: YAMLMap.Parsed;
  /** Columns that a group is indented by. */
  readonly step: number;
}

function sourceOf(text: string): Source {
  const { contents } = parseDocument(text, { logLevel: 'silent', uniqueKeys: false });
  const root = contents as unknown as YAMLMap.Parsed;
  return { text, lineEnd: text.includes('\r\n') ? '\r\n' : '\n', root, step: stepOf(text, root) };
}

function stepOf(text: string, root: YAMLMap.Parsed): number {
  for (const { value } of root.items as Entry[]) {
    const inner = isMap(value) && !value.flow ? firstKey(value) : undefined;
    const step = inner === undefined ? 0 : columnOf(text, inner.range[0]) - columnOf(text, firstKey(root)!.range[0]);
    if (step > 0) return step;
  }
  return 2;
}

function firstKey(map: YAMLMap): ParsedNode | undefined {
  return (map.items[0] as Entry | undefined)?.key;
}

/** Of entries of a group at the top, which need not be there. */
export function* groupAdditions(text: string, name: string, fresh: Group): Generator<readonly Cut[]> {
  const source = sourceOf(text);
  const { root } = source;
  const group = entryOf(root, name);
  if (group === undefined) {
    if (root.flow) yield [insertedInFlow(root, flow({ [name]: fresh }))];
    const indent = columnOf(text, firstKey(root)?.range[0] ?? 0);
    const block = lines(source, { [name]: fresh }, indent);
    yield [onOwnLine(source, text.length, source.lineEnd + block)];
    for (const place of [text.length, afterEntry(text, root.items.at(-1) as Entry, indent)])
      yield [onOwnLine(source, place, block)];
    yield [onOwnLine(source, lineStart(text, firstKey(root)?.range[0] ?? 0), block)];
    return;
  }
  const { key, value } = group;
  const indent = columnOf(text, key.range[0]);
  const below = lines(source, fresh, indent + source.step);
  if (isMap(value) && value.items.length > 0) {
    if (value.flow) {
      yield [insertedInFlow(value, flow(fresh))];
      return;
    }
    const column = columnOf(text, firstKey(value)!.range[0]);
    const block = lines(source, fresh, column);
    const last = value.items.at(-1) as Entry;
    yield [onOwnLine(source, afterEntry(text, last, column - 1), block)];
    yield [onOwnLine(source, afterEntry(text, last, column), block)];
    yield [onOwnLine(source, lineStart(text, firstKey(value)!.range[0]), block)];
    return;
  }
  if (!root.flow) {
    const written = writtenRange(group);
    const emptied = written === undefined ? [] : [withoutSpaceBefore(text, written[0], written[1])];
    const place = lineAfter(text, written?.[1] ?? colonAfter(text, key) + 1);
    yield [...emptied, onOwnLine(source, place, below)];
  }
  yield [instead(text, group, flow(fresh))];
}

/** Of items of a list in a group at the top; neither need be there. */
export function* listAdditions(
  text: string,
  group: string,
  name: string,
  items: readonly string[],
): Generator<readonly Cut[]> {
  const source = sourceOf(text);
  const list = entryOf(entryOf(source.root, group)?.value, name);
  if (list === undefined) {
    yield* groupAdditions(text, group, { [name]: items });
    return;
  }
  const words = items.map((item) => printed(item));
  const { value } = list;
  if (!isSeq(value) || value.items.length === 0) yield [instead(text, list, `[${words.join(', ')}]`)];
  else if (value.flow) yield [insertedInFlow(value, words.join(', '))];
  else {
    const last = entryAt(value, -1)!;
    const column = columnOf(text, text.lastIndexOf('-', last.key.range[0] - 1));
    const block = words.map((word) => `${' '.repeat(column)}- ${word}${source.lineEnd}`).join('');
    yield [onOwnLine(source, afterEntry(text, last, column), block)];
  }
}

/** Of one entry of the group that lies there. */
export function* removals(text: string, path: readonly string[], name: string): Generator<readonly Cut[]> {
  const group = path.reduce<Entry | undefined>(
    (outer, inner) => (outer === undefined ? undefined : entryOf(outer.value, inner)),
    { value: sourceOf(text).root } as Entry,
  );
  const map = group?.value;
  if (group === undefined || !isMap(map)) return;
  const items = map.items as Entry[];
  const index = items.findIndex(({ key }) => isScalar(key) && key.value === name);
  const entry = items[index];
  if (entry === undefined) return;
  const [from, end] = [entry.key.range[0], endOf(entry)];
  if (map.flow) {
    const [before, after] = [items[index - 1], items[index + 1]];
    if (after !== undefined) yield [{ from, to: after.key.range[0], text: '' }];
    else if (before !== undefined) yield [{ from: endOf(before), to: end, text: '' }];
    else yield [{ from: map.range[0], to: map.range[1], text: '{}' }];
    return;
  }
  const own = { from: lineStart(text, from), to: afterEntry(text, entry, columnOf(text, from)), text: '' };
  const colon = colonAfter(text, group.key) + 1;
  yield items.length > 1 ? [own] : [own, { from: colon, to: colon, text: ' {}' }];
}

/** What stands behind a name, when anything does. */
function writtenRange({ value }: Entry): ParsedNode['range'] | undefined {
  return value === null || value.range[0] === value.range[1] ? undefined : value.range;
}

/** A value on the line of its name. */
function instead(text: string, entry: Entry, value: string): Cut {
  const written = writtenRange(entry);
  const [from, to] = written ?? [colonAfter(text, entry.key) + 1, colonAfter(text, entry.key) + 1];
  return { from, to, text: `${written === undefined ? ' ' : ''}${value}` };
}

function entryOf(map: ParsedNode | null | undefined, name: string): Entry | undefined {
  return isMap(map) ? (map.items as Entry[]).find(({ key }) => isScalar(key) && key.value === name) : undefined;
}

/** Where the next line may begin: past the entry, and past the comments below it that are indented deeper than `column`. */
function afterEntry(text: string, entry: Entry, column: number): number {
  let place = lineAfter(text, endOf(entry));
  for (let next = place; next < text.length;) {
    const [, blank = '', comment] = /^([ \t]*)(#?)/.exec(text.slice(next)) ?? [];
    const end = nextLine(text, next);
    if (comment === '#') {
      if (blank.length <= column) break;
      place = end;
    } else if (text.slice(next, end).trim() !== '') break;
    next = end;
  }
  return place;
}

/** Behind the last character that belongs to the entry's value. */
function endOf({ key, value }: Entry): number {
  if (value === null || (value.range[0] === value.range[1] && !isMap(value))) return key.range[1];
  if ('items' in value && !value.flow && value.items.length > 0) return endOf(entryAt(value, -1)!);
  return value.range[1];
}

/** An item of a list lies where an entry without a name would. */
function entryAt({ items }: YAMLMap.Parsed | YAMLSeq.Parsed, index: number): Entry | undefined {
  const item = items.at(index);
  return item === undefined || 'key' in item ? item : ({ key: item, value: item } as Entry);
}

function insertedInFlow(collection: YAMLMap.Parsed | YAMLSeq.Parsed, text: string): Cut {
  const inner = text.replace(/^\{ /, '').replace(/ \}$/, '');
  const last = entryAt(collection, -1);
  const place = last === undefined ? collection.range[0] + 1 : endOf(last);
  return { from: place, to: place, text: last === undefined ? ` ${inner} ` : `, ${inner}` };
}

function onOwnLine({ text, lineEnd }: Source, place: number, block: string): Cut {
  const begins = place === 0 || text[place - 1] === '\n' || text[place - 1] === '\uFEFF';
  return { from: place, to: place, text: begins ? block : `${lineEnd}${block.slice(0, -lineEnd.length)}` };
}

function withoutSpaceBefore(text: string, from: number, to: number): Cut {
  let start = from;
  while (text[start - 1] === ' ') start -= 1;
  return { from: start, to, text: '' };
}

function lines({ step, lineEnd }: Source, data: Group, indent: number): string {
  return printed(data, { indent: step })
    .split('\n')
    .map((line) => (line === '' ? '' : ' '.repeat(indent) + line) + lineEnd)
    .join('');
}

export function flow(data: Group): string {
  return printed(data, { collectionStyle: 'flow' });
}

/** What has line breaks in it says so in quotes, on one line: as a block of its own it would lean on its surroundings. */
function printed(data: Group | string, options: ToStringOptions = {}): string {
  const document = new Document(data);
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === 'string' && node.value.includes('\n')) node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ lineWidth: 0, doubleQuotedAsJSON: true, ...options }).replace(/\n$/, '');
}

function colonAfter(text: string, key: ParsedNode): number {
  return text.indexOf(':', key.range[1]);
}

function lineStart(text: string, place: number): number {
  return text.lastIndexOf('\n', place - 1) + 1;
}

/** A block of text ends with its line; everything else, in the middle of one. */
function lineAfter(text: string, place: number): number {
  return text[place - 1] === '\n' ? place : nextLine(text, place);
}

function nextLine(text: string, place: number): number {
  const end = text.indexOf('\n', place);
  return end < 0 ? text.length : end + 1;
}

function columnOf(text: string, place: number): number {
  const start = lineStart(text, place);
  return place - start - (text[start] === '\uFEFF' ? 1 : 0);
}
