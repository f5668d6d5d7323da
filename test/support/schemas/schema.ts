/** What a release of a provider takes, and what of a block it would not. */
import type { HclBlock } from '../hcl-blocks.ts';

export type ProviderSchema = Readonly<Record<string, BlockSchema>>;

export interface BlockSchema {
  readonly attributes: Readonly<Record<string, { readonly type: unknown; readonly required: boolean }>>;
  readonly blocks: Readonly<Record<string, BlockSchema & { readonly min: number; readonly max: number | null }>>;
}

/** What OpenTofu takes in every resource. */
const META_ATTRIBUTES = ['for_each', 'count', 'depends_on', 'provider'];
const META_BLOCKS = ['lifecycle'];

/** One sentence per flaw. */
export function flawsOf(block: HclBlock, schema: BlockSchema, where: string): readonly string[] {
  const flaws: string[] = [];
  for (const [name, value] of Object.entries(block.attributes)) {
    if (META_ATTRIBUTES.includes(name)) continue;
    const known = schema.attributes[name];
    if (known === undefined) flaws.push(`${where} has no attribute ${name}`);
    else if (!fits(value, known.type)) flaws.push(`${where}.${name} is no ${JSON.stringify(known.type)}: ${value}`);
  }
  for (const [name, { required }] of Object.entries(schema.attributes)) {
    if (required && !(name in block.attributes)) flaws.push(`${where} lacks ${name}`);
  }
  for (const inner of block.blocks) {
    if (META_BLOCKS.includes(inner.type)) continue;
    const known = schema.blocks[inner.type];
    if (known === undefined) flaws.push(`${where} has no block ${inner.type}`);
    else flaws.push(...flawsOf(inner, known, `${where}.${inner.type}`));
  }
  for (const [name, { min, max }] of Object.entries(schema.blocks)) {
    const count = block.blocks.filter(({ type }) => type === name).length;
    if (count < min || (max !== null && count > max)) flaws.push(`${where} has ${count} ${name}`);
  }
  return flaws;
}

/** Literals must have the type; references and calls are OpenTofu's to check. */
function fits(value: string, type: unknown): boolean {
  if (/^"(?:[^"\\]|\\.)*"$/.test(value)) return type === 'string';
  if (/^-?\d+(\.\d+)?$/.test(value)) return type === 'number';
  if (/^(true|false)$/.test(value)) return type === 'bool';
  if (value.startsWith('[')) return Array.isArray(type) && ['list', 'set'].includes(String(type[0]));
  if (value.startsWith('{')) return Array.isArray(type) && type[0] === 'map';
  return true;
}
