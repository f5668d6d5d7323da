/** The origin of every value, kept as a tree beside the resolved environment. */
import type { Place } from '../errors.ts';
import type { Origin, Origins } from './origin.ts';
import { parsePath } from './path.ts';
import type { Segments } from './path.ts';

export type Source =
  | { readonly kind: 'file'; readonly place: Place }
  | { readonly kind: 'platform'; readonly platform: string }
  | { readonly kind: 'catalogue'; readonly entry: string }
  | { readonly kind: 'ffops' };

export interface SourceTree {
  readonly source: Source;
  /** By key, or by index as text; in the order the file writes them, defaults behind. */
  readonly children: Map<string, SourceTree>;
}

export function originsOf(tree: SourceTree): Origins {
  return { of: (path) => originOf(nearestSource(tree, parsePath(path)), path) };
}

function nearestSource(tree: SourceTree, path: Segments): Source {
  let node = tree;
  for (const segment of path) {
    const child = node.children.get(String(segment));
    if (child === undefined) break;
    node = child;
  }
  return node.source;
}

export function originOf(source: Source, path: string): Origin {
  if (source.kind === 'file') return { kind: 'file', path, ...source.place };
  return { ...source, path };
}
