/** docs/environment.md, written from the schema and from what each platform makes of an almost empty file. */
import type { Catalogue } from '../../src/model/plugs.ts';
import { explain } from '../../src/model/explain.ts';
import { environmentJsonSchema } from '../../src/model/jsonSchema.ts';
import { loadEnvironment } from '../../src/model/load.ts';

type Schema = { readonly [key: string]: unknown };
type Defaults = ReadonlyMap<string, ReadonlyMap<string, unknown>>;

const HEAD = `# The environment file

One file per environment, \`environments/<name>.yaml\`. Only \`platform\` and \`rootDomain\` must be there; on \`doks\`
\`tls.email\` too. \`ffops env show\` prints what the rest means and where each value comes from; editors complete the
options from the schema that \`ffops env schema\` publishes. Host names cannot be set: they derive from \`rootDomain\`.

This page is generated from the schema. An empty default means that there is none.
`;

export async function environmentReference(registry: Catalogue): Promise<string> {
  const schema = environmentJsonSchema(registry) as Schema;
  const platforms = [...registry.platforms.keys()];
  const defaults = new Map(
    await Promise.all(platforms.map(async (id) => [id, await defaultsOf(id, registry)] as const)),
  );
  const { apps, ...groups } = schema['properties'] as Record<string, Schema>;
  const plain = Object.entries(groups).filter(([, option]) => option['properties'] === undefined);
  const sections = Object.entries(groups).filter(([, option]) => option['properties'] !== undefined);
  return [
    HEAD,
    table(plain.flatMap(([name, option]) => rows(name, option, new Map()))),
    ...sections.map(([name, group]) => section(name, group, defaults)),
    '## apps\nOne entry per app; an app with nothing behind its name has its defaults.\n',
    ...Object.entries((apps as Schema)['properties'] as Record<string, Schema>).map(([id, app]) => appSection(id, app)),
  ].join('\n');
}

/** What an almost empty file means, without what it says itself. */
async function defaultsOf(id: string, registry: Catalogue): Promise<ReadonlyMap<string, unknown>> {
  const text = `platform: ${id}\nrootDomain: example.com\ntls: {email: ops@example.com}\n`;
  const loaded = await loadEnvironment({ file: `${id}.yaml`, text, name: 'prod', workspace: 'acme', registry });
  const unwritten = explain(loaded).filter(({ origin }) => origin.kind !== 'file');
  return new Map(unwritten.map(({ path, value }) => [path, value]));
}

function section(name: string, group: Schema, defaults: Defaults): string {
  return `## ${name}\n${String(group['description'])}\n\n${table(rows(name, group, defaults).slice(1), [...defaults.keys()])}`;
}

function appSection(id: string, app: Schema): string {
  const options = Object.entries(app['properties'] as Record<string, Schema>);
  const body = options.flatMap(([name, option]) =>
    rows(`apps.${id}.${name}`, option, new Map([['', new Map([[`apps.${id}.${name}`, option['default']]])]])),
  );
  return `### ${id}\n${String(app['description'])}.\n\n${table(body, ['default'])}`;
}

interface Row {
  readonly path: string;
  readonly kind: string;
  readonly meaning: string;
  readonly defaults: readonly string[];
}

/** The option, and below it those inside it. */
function rows(path: string, option: Schema, defaults: Defaults): Row[] {
  const inner = Object.entries((option['properties'] ?? {}) as Record<string, Schema>);
  const item = option['items'] as Schema | undefined;
  const items = Object.entries((item?.['properties'] ?? {}) as Record<string, Schema>);
  const own: Row = {
    path,
    kind: kindOf(option),
    meaning: typeof option['description'] === 'string' ? option['description'] : '',
    defaults: [...defaults.values()].map((platform) => shown(platform.get(path))),
  };
  return [
    own,
    ...inner.flatMap(([name, child]) => rows(`${path}.${name}`, child, defaults)),
    ...items.flatMap(([name, child]) =>
      rows(`${path}[].${name}`, child, new Map([...defaults.keys()].map((id) => [id, new Map()]))),
    ),
  ];
}

function kindOf(option: Schema): string {
  const values = option['enum'] as readonly string[] | undefined;
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(', ');
  const type = [option['type']].flat()[0];
  const words: Readonly<Record<string, string>> = {
    string: 'text',
    integer: 'whole number',
    number: 'number',
    boolean: '`true`, `false`',
    array: 'list',
    object: 'group',
  };
  const { minimum, maximum } = option as { readonly minimum?: number; readonly maximum?: number };
  const bounded = minimum !== undefined && maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER;
  const bounds = bounded ? `, ${minimum} to ${maximum}` : '';
  return `${words[String(type)] ?? 'choice'}${bounds}`;
}

function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? `\`${value}\`` : '';
}

function table(body: readonly Row[], defaults: readonly string[] = []): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const head = [
    'option',
    'value',
    ...defaults.map((name) => (name === 'default' ? name : `default on ${name}`)),
    'meaning',
  ];
  const cells = body.map((row) => [`\`${row.path}\``, row.kind, ...row.defaults, row.meaning.replaceAll('|', '\\|')]);
  return `${[line(head), line(head.map(() => '---')), ...cells.map(line)].join('\n')}\n`;
}
