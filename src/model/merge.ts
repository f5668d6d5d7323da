/** Lays what the file says over the defaults, and remembers for every value which of the two it came from. */
import type { Place } from '../errors.ts';
import type { DocumentNode, MapEntry } from './document.ts';
import type { Source, SourceTree } from './origins.ts';

export interface Merged {
  readonly value: unknown;
  readonly sources: SourceTree;
}

/** Groups are merged option by option; a list or a plain value of the file replaces the default as a whole. */
export function merge(
  written: unknown,
  node: DocumentNode | undefined,
  at: Place,
  defaults: unknown,
  source: Source,
): Merged {
  if (written === undefined) return { value: defaults, sources: sourcesOf(defaults, source) };
  const own: Source = { kind: 'file', place: at };
  if (!isGroup(written) || !isGroup(defaults)) return { value: written, sources: writtenSources(written, node, own) };

  const value: Record<string, unknown> = {};
  const children = new Map<string, SourceTree>();
  for (const key of [...Object.keys(written), ...Object.keys(defaults).filter((key) => !Object.hasOwn(written, key))]) {
    const fallback = Object.hasOwn(defaults, key) ? defaults[key] : undefined;
    if (written[key] === undefined && fallback === undefined) continue;
    const entry = entryOf(node, key);
    const merged = merge(written[key], entry?.value, entry?.keyAt ?? at, fallback, source);
    value[key] = merged.value;
    children.set(key, merged.sources);
  }
  return { value, sources: { source: own, children } };
}

/** Adds to the tree what a schema's own defaults added to the value. */
export function completeSources(tree: SourceTree, value: unknown, source: Source): void {
  for (const [key, child] of childrenOf(value)) {
    if (child === undefined) continue;
    const known = tree.children.get(key);
    if (known === undefined) tree.children.set(key, sourcesOf(child, source));
    else completeSources(known, child, source);
  }
}

export function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The options of a group or the items of a list; nothing for plain values. */
export function childrenOf(value: unknown): [string, unknown][] {
  if (Array.isArray(value)) return value.map((item, index) => [String(index), item]);
  return isGroup(value) ? Object.entries(value) : [];
}

function sourcesOf(value: unknown, source: Source): SourceTree {
  return { source, children: new Map(childrenOf(value).map(([key, child]) => [key, sourcesOf(child, source)])) };
}

function writtenSources(value: unknown, node: DocumentNode | undefined, own: Source): SourceTree {
  const children = childrenOf(value).map(([key, child]): [string, SourceTree] => {
    const entry = entryOf(node, key);
    const place = entry?.keyAt ?? itemOf(node, key)?.at;
    return [
      key,
      writtenSources(child, entry?.value ?? itemOf(node, key), place === undefined ? own : { kind: 'file', place }),
    ];
  });
  return { source: own, children: new Map(children) };
}

function entryOf(node: DocumentNode | undefined, key: string): MapEntry | undefined {
  return node?.kind === 'map' ? node.entries.get(key) : undefined;
}

function itemOf(node: DocumentNode | undefined, index: string): DocumentNode | undefined {
  return node?.kind === 'list' ? node.items[Number(index)] : undefined;
}
