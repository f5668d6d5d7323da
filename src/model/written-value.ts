/** What a person types for an option, on the command line or at a question, as the value that the file would hold. */
import { z } from 'zod';
import { parse } from 'yaml';
import { bare } from './schemas.ts';

/**
 * Text where the option is text, and otherwise as YAML reads it; of a list, commas between the items are enough. What does not fit is
 * left for the check of the whole file to tell.
 */
export function writtenValue(schema: z.ZodType | undefined, typed: string): unknown {
  const inner = schema === undefined ? undefined : bare(schema);
  if (inner === undefined || inner instanceof z.ZodString || inner instanceof z.ZodEnum) return typed;
  const value = fromYaml(typed);
  if (!(inner instanceof z.ZodArray) || typeof value === 'object') return value;
  return typed.split(',').map((item) => writtenValue(inner.element as z.ZodType, item.trim()));
}

function fromYaml(typed: string): unknown {
  try {
    return parse(typed, { logLevel: 'silent' }) as unknown;
  } catch {
    return typed;
  }
}

/** `options` with one more, at a path such as `s3.enabled`; groups on the way are made. */
export function withOption(
  options: Readonly<Record<string, unknown>>,
  path: readonly (string | number)[],
  value: unknown,
): Readonly<Record<string, unknown>> {
  const [first, ...rest] = path;
  const key = String(first);
  if (rest.length === 0) return { ...options, [key]: value };
  const inner = options[key];
  const group = typeof inner === 'object' && inner !== null ? (inner as Readonly<Record<string, unknown>>) : {};
  return { ...options, [key]: withOption(group, rest, value) };
}
