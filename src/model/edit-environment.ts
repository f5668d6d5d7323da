/**
 * Adds an app to the text of an environment file, or takes one out, and leaves every other line as it is: comments,
 * order, quotes, line ends. The text is cut where the parser says things lie, and nothing is printed anew. What comes out is read
 * again, and must mean what was there with that one change.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  Document,
  isMap,
  isScalar,
  parseDocument,
  visit,
  type Pair,
  type ParsedNode,
  type ToStringOptions,
  type YAMLMap,
} from 'yaml';
import { UserError } from '../errors.ts';
import { readDocument, toData } from './document.ts';

export interface EnvironmentText {
  /** As people know it: `environments/prod.yaml`. */
  readonly file: string;
  readonly text: string;
}

export type AppOptions = Readonly<Record<string, unknown>>;

type Group = Readonly<Record<string, unknown>>;

/** Throws UserError when the file is written in a way that cannot be added to, with the lines to add by hand. */
export function withApp({ file, text }: EnvironmentText, id: string, options: AppOptions): string {
  const before = dataOf(file, text);
  const wanted = { ...before, apps: { ...appsOf(before), [id]: options } };
  return firstThatMeans(file, text, wanted, additions(textOf(text), id, options)) ?? refuse(file, `add`, id, options);
}

/** The same without the app. Its own lines go, a comment above them stays: nobody knows what it is about. */
export function withoutApp({ file, text }: EnvironmentText, id: string): string {
  const before = dataOf(file, text);
  const { [id]: _, ...rest } = appsOf(before);
  const { apps } = textOf(text);
  return firstThatMeans(file, text, { ...before, apps: rest }, removals(text, apps, id)) ?? refuse(file, 'remove', id);
}

/** The same without one option of the app, which has its default then. */
export function withoutOption({ file, text }: EnvironmentText, id: string, option: string): string {
  const before = dataOf(file, text);
  const apps = appsOf(before);
  const { [option]: _, ...rest } = (apps[id] ?? {}) as Group;
  const wanted = { ...before, apps: { ...apps, [id]: rest } };
  const app = entryOf(textOf(text).apps?.value, id);
  const edited = firstThatMeans(file, text, wanted, removals(text, app, option));
  if (edited !== undefined) return edited;
  throw new UserError('environment.uneditable', {
    message: `${file} is written in a way that ffops cannot take \`apps.${id}.${option}\` out of without touching the rest.`,
    hints: ['Take the line out yourself.'],
  });
}

function dataOf(file: string, text: string): Group {
  return toData(readDocument(file, text, 'environment').root) as Group;
}

function appsOf(data: Group): Group {
  return (data['apps'] ?? {}) as Group;
}

/** A group with nothing behind it and an empty one are the same to whoever reads the file. */
function firstThatMeans(
  file: string,
  text: string,
  wanted: Group,
  edits: Iterable<readonly Cut[]>,
): string | undefined {
  for (const cuts of edits) {
    const edited = cut(text, cuts);
    try {
      const data = dataOf(file, edited);
      if (isDeepStrictEqual({ ...data, apps: appsOf(data) }, wanted)) return edited;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }
  return undefined;
}

function refuse(file: string, verb: string, id: string, options?: AppOptions): never {
  const lines = options === undefined ? [] : [`Write it yourself: apps: ${flow({ [id]: options })}`];
  throw new UserError('environment.uneditable', {
    message: `${file} is written in a way that ffops cannot ${verb} \`${id}\` in without touching the rest.`,
    hints: [...lines, 'Or write `apps:` on a line of its own, and each app as an indented `name:` below it.'],
  });
}

/** Replaces what lies between two places. */
interface Cut {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

function cut(text: string, cuts: readonly Cut[]): string {
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
  readonly apps: Entry | undefined;
  /** Columns that a group is indented by. */
  readonly step: number;
}

function textOf(text: string): Source {
  const { contents } = parseDocument(text, { logLevel: 'silent', uniqueKeys: false });
  const root = contents as unknown as YAMLMap.Parsed;
  const apps = entryOf(root, 'apps');
  return { text, lineEnd: text.includes('\r\n') ? '\r\n' : '\n', root, apps, step: stepOf(text, root) };
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

function* additions(source: Source, id: string, options: AppOptions): Generator<readonly Cut[]> {
  const { text, root, apps } = source;
  const fresh = { [id]: options };
  if (apps === undefined) {
    if (root.flow) yield [insertedInFlow(root, flow({ apps: fresh }))];
    const indent = columnOf(text, firstKey(root)?.range[0] ?? 0);
    const block = lines(source, { apps: fresh }, indent);
    yield [onOwnLine(source, text.length, source.lineEnd + block)];
    for (const place of [text.length, afterEntry(text, root.items.at(-1) as Entry, indent)])
      yield [onOwnLine(source, place, block)];
    yield [onOwnLine(source, lineStart(text, firstKey(root)?.range[0] ?? 0), block)];
    return;
  }
  const { key, value } = apps;
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
  const written = value === null || value.range[0] === value.range[1] ? undefined : value.range;
  if (!root.flow) {
    const emptied = written === undefined ? [] : [withoutSpaceBefore(text, written[0], written[1])];
    const place = lineAfter(text, written?.[1] ?? colonAfter(text, key) + 1);
    yield [...emptied, onOwnLine(source, place, below)];
  }
  const [from, to] = written ?? [colonAfter(text, key) + 1, colonAfter(text, key) + 1];
  yield [{ from, to, text: `${written === undefined ? ' ' : ''}${flow(fresh)}` }];
}

function entryOf(map: ParsedNode | null | undefined, name: string): Entry | undefined {
  return isMap(map) ? (map.items as Entry[]).find(({ key }) => isScalar(key) && key.value === name) : undefined;
}

/** Of one entry of a group. */
function* removals(text: string, group: Entry | undefined, name: string): Generator<readonly Cut[]> {
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
  if ('items' in value && !value.flow && value.items.length > 0) {
    const last = value.items.at(-1) as Entry | ParsedNode;
    return 'key' in last ? endOf(last) : endOf({ key: last, value: last } as Entry);
  }
  return value.range[1];
}

function insertedInFlow(map: YAMLMap.Parsed, text: string): Cut {
  const inner = text.replace(/^\{ /, '').replace(/ \}$/, '');
  const last = map.items.at(-1);
  const place = last === undefined ? map.range[0] + 1 : endOf(last);
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

function flow(data: Group): string {
  return printed(data, { collectionStyle: 'flow' });
}

/** What has line breaks in it says so in quotes, on one line: as a block of its own it would lean on its surroundings. */
function printed(data: Group, options: ToStringOptions): string {
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
