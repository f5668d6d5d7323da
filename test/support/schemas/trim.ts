/**
 * Takes names, types and what is required out of `tofu providers schema -json`, for the resources that ffops renders:
 *
 *     node test/support/schemas/trim.ts schema.json digitalocean_vpc digitalocean_domain > test/support/schemas/NAME.json
 */
import { readFileSync } from 'node:fs';
import type { BlockSchema, ProviderSchema } from './schema.ts';

interface FullBlock {
  readonly attributes?: Record<string, { type?: unknown; required?: boolean; optional?: boolean }>;
  readonly block_types?: Record<string, { min_items?: number; max_items?: number; block: FullBlock }>;
}

const [file = '', ...types] = process.argv.slice(2);
const full = JSON.parse(readFileSync(file, 'utf8')) as {
  provider_schemas: Record<string, { resource_schemas: Record<string, { block: FullBlock }> }>;
};
const resources = Object.values(full.provider_schemas)[0]?.resource_schemas ?? {};

const trimmed: ProviderSchema = Object.fromEntries(
  types.sort().map((type) => {
    const found = resources[type];
    if (found === undefined) throw new Error(`${file} has no ${type}`);
    return [type, trim(found.block)];
  }),
);
process.stdout.write(`${JSON.stringify(trimmed, undefined, 1)}\n`);

/** Without what cannot be written, such as computed attributes. */
function trim(block: FullBlock): BlockSchema {
  const attributes = Object.entries(block.attributes ?? {}).filter(
    ([, { required, optional }]) => required === true || optional === true,
  );
  return {
    attributes: Object.fromEntries(
      attributes.map(([name, { type, required }]) => [name, { type: type ?? null, required: required === true }]),
    ),
    blocks: Object.fromEntries(
      Object.entries(block.block_types ?? {}).map(([name, { min_items = 0, max_items, block: inner }]) => [
        name,
        { min: min_items, max: max_items ?? null, ...trim(inner) },
      ]),
    ),
  };
}
