/** Rendered manifests, made comparable: one entry per object, keys in order, Secret data out of sight. Pure. */
import { createHash } from 'node:crypto';
import { CORE_SCHEMA, dump, loadAll } from 'js-yaml';
import { z } from 'zod';

const objectSchema = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});

/** By `Kind namespace/name`; text that two renderings share is equal. */
export function readManifests(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const document of loadAll(text, { schema: CORE_SCHEMA })) {
    const parsed = objectSchema.safeParse(document);
    if (!parsed.success) continue;
    const object = parsed.data;
    const { name, namespace } = object.metadata;
    const title = `${object.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
    found.set(title, dump(object.kind === 'Secret' ? masked(object) : object, { sortKeys: true, lineWidth: -1 }));
  }
  return found;
}

/** Says that a value changed, not what it is; short enough that nobody can look it up. */
function masked(secret: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const result: Record<string, unknown> = { ...secret };
  for (const field of ['data', 'stringData']) {
    const data = secret[field];
    if (typeof data !== 'object' || data === null) continue;
    result[field] = Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, `[secret ${fingerprint(String(value))}]`]),
    );
  }
  return result;
}

function fingerprint(value: string): string {
  return createHash('sha256').update(value).digest('hex').slice(0, 4);
}
