import { z } from 'zod';

/**
 * What people write of a resolved object: at every depth of objects, each option but the `required` ones (of the top)
 * may be missing. Elements of lists and of records are whole: half a node pool means nothing.
 */
export function written(schema: z.ZodObject, required: readonly string[] = []): z.ZodObject {
  const shape = Object.fromEntries(
    Object.entries(schema.shape).map(([key, option]) => [
      key,
      required.includes(key) ? option : optional(option as z.ZodType),
    ]),
  );
  return keepMeta(schema, z.strictObject(shape));
}

function optional(option: z.ZodType): z.ZodType {
  const inner = option instanceof z.ZodOptional ? (option.unwrap() as z.ZodType) : option;
  const shallow = inner instanceof z.ZodObject ? keepMeta(inner, written(inner)) : inner;
  return keepMeta(option, shallow instanceof z.ZodDefault ? shallow : shallow.optional());
}

function keepMeta<T extends z.ZodType>(from: z.ZodType, to: T): T {
  const meta = from.meta();
  return meta === undefined ? to : to.meta(meta);
}
