/** Small questions about zod schemas: what lies inside, and what a group is. */
import { z } from 'zod';
import { childPath, type Segments } from './path.ts';

/** The schema without "optional" and "default" around it. */
export function bare(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while (
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault ||
    inner instanceof z.ZodNullable
  ) {
    inner = inner.unwrap() as z.ZodType;
  }
  return inner;
}

/** The schema of an option, or nothing when the path leaves what the schema describes. */
export function schemaAt(schema: z.ZodType, path: Segments): z.ZodType | undefined {
  let current: z.ZodType | undefined = bare(schema);
  for (const segment of path) {
    current = groupOf(current);
    if (current instanceof z.ZodObject) current = current.shape[String(segment)] as z.ZodType | undefined;
    else if (current instanceof z.ZodArray) current = current.element as z.ZodType;
    else if (current instanceof z.ZodRecord) current = current.valueType as z.ZodType;
    else return undefined;
    if (current === undefined) return undefined;
    current = bare(current);
  }
  return current;
}

export interface OptionRule {
  readonly path: string;
  readonly description: string;
  readonly schema: z.ZodType;
}

/** Every option of a group, those of groups in it included, in their order. */
export function optionRules(group: z.ZodObject, base = ''): readonly OptionRule[] {
  return Object.entries(group.shape).flatMap(([name, member]) => {
    const schema = member as z.ZodType;
    const path = childPath(base, name);
    const inner = bare(schema);
    if (inner instanceof z.ZodObject) return optionRules(inner, path);
    return [{ path, description: schema.description ?? inner.description ?? '', schema }];
  });
}

export function optionNames(schema: z.ZodType | undefined): string[] {
  const group = schema === undefined ? undefined : groupOf(schema);
  return group instanceof z.ZodObject ? Object.keys(group.shape) : [];
}

/** Of a choice, the form that has options of its own. */
function groupOf(schema: z.ZodType): z.ZodType {
  if (!(schema instanceof z.ZodUnion)) return schema;
  const forms = schema.options.map((form) => bare(form as z.ZodType));
  return forms.find((form) => form instanceof z.ZodObject) ?? schema;
}

/** `mail:` with nothing behind it is an empty group, not a null. Returns the data with such groups filled in. */
export function withEmptyGroups(schema: z.ZodType | undefined, data: unknown): unknown {
  const inner = schema === undefined ? undefined : bare(schema);
  if (inner instanceof z.ZodArray) {
    return Array.isArray(data) ? data.map((item) => withEmptyGroups(inner.element as z.ZodType, item)) : data;
  }
  if (!(inner instanceof z.ZodObject) && !(inner instanceof z.ZodRecord)) return data;
  if (data === null) return {};
  if (typeof data !== 'object' || Array.isArray(data)) return data;
  const inside = (key: string): z.ZodType | undefined => schemaAt(inner, [key]);
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, withEmptyGroups(inside(key), value)]));
}
