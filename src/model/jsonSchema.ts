/** The JSON Schema of what people write, for editors: `# yaml-language-server: $schema=…`. */
import { z } from 'zod';
import type { JsonObject } from './blueprint.ts';
import { writtenEnvironmentSchema } from './environment.ts';
import { parsePath } from './path.ts';
import type { PlatformRules, Registry } from './registry.ts';

type Schema = { [key: string]: unknown };

/** Draft 2020-12. Pure: the same registry gives the same document. */
export function environmentJsonSchema(registry: Registry): JsonObject {
  const schema = schemaOf(writtenEnvironmentSchema);
  const properties = schema['properties'] as Record<string, Schema>;
  const platforms = [...registry.platforms.values()];
  const apps = [...registry.entries.values()].filter((entry) => entry.kind === 'app');

  properties['platform'] = { ...properties['platform'], enum: platforms.map((platform) => platform.id) };
  properties['apps'] = {
    ...withoutKeys(properties['apps'] as Schema, ['additionalProperties', 'propertyNames']),
    properties: Object.fromEntries(apps.map((app) => [app.id, { description: app.title, ...schemaOf(app.options) }])),
    additionalProperties: false,
  };
  for (const group of Object.values(properties)) allowEmptyGroups(group);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'An environment of ffops',
    ...withoutKeys(schema, ['$schema']),
    allOf: platforms.map(platformRules),
  } as JsonObject;
}

/** What holds on one platform only: its closed lists, and the options it has no use for. */
function platformRules(platform: PlatformRules): Schema {
  const rules: Schema[] = [
    ...Object.entries(platform.choices ?? {}).map(([pattern, choices]) => nested(pattern, { enum: choices })),
    ...Object.entries(platform.unsupported ?? {}).map(([pattern, instead]) =>
      nested(pattern, { not: {}, description: instead }),
    ),
  ];
  return {
    if: { properties: { platform: { const: platform.id } }, required: ['platform'] },
    then: rules.length === 0 ? {} : { allOf: rules },
  };
}

/** A schema of the whole file that speaks of one option only. */
function nested(pattern: string, inner: Schema): Schema {
  return parsePath(pattern.replaceAll('[]', '[0]')).reduceRight<Schema>(
    (schema, segment) => (typeof segment === 'number' ? { items: schema } : { properties: { [segment]: schema } }),
    inner,
  );
}

function schemaOf(schema: z.ZodType): Schema {
  return withoutKeys(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), ['$schema']);
}

/** `mail:` with nothing behind it means an empty group. */
function allowEmptyGroups(schema: Schema): void {
  if (schema['type'] === 'object') schema['type'] = ['object', 'null'];
  for (const inner of [
    ...Object.values((schema['properties'] ?? {}) as Record<string, Schema>),
    schema['items'] as Schema | undefined,
  ]) {
    if (inner !== undefined) allowEmptyGroups(inner);
  }
}

function withoutKeys(schema: Schema, keys: readonly string[]): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !keys.includes(key)));
}
