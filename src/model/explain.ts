/** Every value of the resolved environment with where it comes from: the data behind `ffops env show`. */
import { childrenOf } from './merge.ts';
import type { LoadedEnvironment } from './load.ts';
import type { Origin } from './origin.ts';
import { originOf } from './origins.ts';
import type { SourceTree } from './origins.ts';
import { childPath } from './path.ts';

export interface ExplainedValue {
  readonly path: string;
  /** A plain value, or an empty list or group. */
  readonly value: string | number | boolean | null | readonly [] | Readonly<Record<string, never>>;
  readonly origin: Origin;
}

/** In the order of the file; within each group, defaults follow what is written. */
export function explain({
  environment,
  sources,
}: Pick<LoadedEnvironment, 'environment' | 'sources'>): readonly ExplainedValue[] {
  const explained: ExplainedValue[] = [];
  const walk = (value: unknown, tree: SourceTree, path: string): void => {
    const children = childrenOf(value);
    if (children.length === 0) {
      explained.push({ path, value: value as ExplainedValue['value'], origin: originOf(tree.source, path) });
      return;
    }
    const list = Array.isArray(value);
    const byKey = new Map(children);
    for (const [key, subtree] of tree.children) {
      const child = byKey.get(key);
      if (child !== undefined) walk(child, subtree, childPath(path, list ? Number(key) : key));
    }
  };
  walk(environment, sources, '');
  return explained;
}
