/** Holds values of a file against a schema, and says in words what does not fit. */
import type { z } from 'zod';
import { complaintOf, flatten, withoutEchoes } from './complaints.ts';
import type { Checked, Complaint } from './complaints.ts';
import { nodeAt, toData } from './document.ts';
import type { DocumentNode, MapNode } from './document.ts';
import { environmentSchema } from './environment.ts';
import type { Segments } from './path.ts';
import type { Registry } from './registry.ts';
import { UnknownOptions, isManagedDatabase, managedDatabase } from './unknownOptions.ts';

export type Verdict =
  | { readonly fits: true; readonly value: unknown }
  | { readonly fits: false; readonly complaints: readonly Complaint[] };

export class Validation {
  readonly #root: MapNode;
  readonly #unknown: UnknownOptions;

  constructor(root: MapNode, registry: Registry) {
    this.#root = root;
    this.#unknown = new UnknownOptions(environmentSchema, registry);
  }

  /** `base` is where `data` lies in the file. */
  check(schema: z.ZodType, data: unknown, base: Segments): Verdict {
    const result = schema.safeParse(data);
    if (result.success) return { fits: true, value: result.data };
    const checked = { schema, data, base, root: nodeAt(this.#root, base) };
    const complaints = flatten(result.error.issues).flatMap((issue) => this.#complaints(issue, checked));
    return { fits: false, complaints: withoutEchoes(complaints) };
  }

  #complaints(issue: z.core.$ZodIssue, checked: Checked): Complaint[] {
    const own = issue.path.filter((segment) => typeof segment !== 'symbol');
    const path = [...checked.base, ...own];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => this.#unknown.explain([...path, key], valueAt(checked.root, [...own, key])));
    }
    if (isManagedDatabase(path, valueAt(checked.root, own))) return [managedDatabase(path)];
    return [complaintOf(issue, checked)];
  }
}

function valueAt(root: DocumentNode | undefined, path: Segments): unknown {
  const node = root === undefined ? undefined : nodeAt(root, path);
  return node === undefined ? undefined : toData(node);
}
