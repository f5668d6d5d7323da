/** The real helm refuses values that a chart of ours does not know: what is misspelt would be passed over in silence. */
import { expect } from 'chai';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../support/cli.ts';
import { tempFolder } from '../../support/temp.ts';
import { runTool, toolOrSkip } from '../../support/tools.ts';

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

/** One wrong value each, of a kind that a reviewer would not see, and where it stands. */
const WRONG: Readonly<Record<string, readonly (readonly [path: string, values: object])[]>> = {
  alerts: [
    ['/parts/0', { parts: ['postgresql'] }],
    ['/nightlyBackup/retentionDays', { nightlyBackup: { retentionDays: '30' } }],
  ],
  'cluster-issuers': [
    ['/server', { server: 'acme.example.com/directory' }],
    ['/dns01/digitalocean', { dns01: { digitalocean: { name: 'token' } } }],
  ],
  dumps: [
    ['/schedule', { schedule: '03:00' }],
    ['/retentionDays', { retentionDays: 0 }],
  ],
  hello: [['/volume/size', { volume: { size: '1GB' } }]],
  mariadb: [
    ['/memory', { memory: '1G' }],
    ['/metrics/enabled', { metrics: { enabled: 'no' } }],
  ],
  'object-storage': [
    ['/server', { server: 'seaweedfs' }],
    ['/folder', { folder: 'data/dev' }],
  ],
  postgres: [
    ['/major', { major: 17 }],
    ['/image', { image: 'postgres:17' }],
    ['/volume/size', { volume: { size: 20 } }],
  ],
  valkey: [['/maxMemory', { maxMemory: '128Mi' }]],
  waf: [
    ['/engine', { engine: 'Off' }],
    ['/paranoia', { paranoia: 5 }],
    ['/exclusions/0/rules/0', { exclusions: [{ host: 'a.example', path: '^/', reason: 'so', rules: [42] }] }],
  ],
  'web-app': [['/hosts/0/paths', { hosts: [{ name: 'a.example', component: 'server', paths: '/' }] }]],
};

describe('schemas of our own charts', function () {
  this.timeout(60_000);
  const charts = join(projectRoot, 'charts');
  const folder = tempFolder();
  let helm: string;
  before(async function () {
    helm = await toolOrSkip(this, 'helm');
  });
  after(() => folder.remove());

  /** What helm says of these values; empty when it takes them. */
  const refusal = async (chart: string, values: object): Promise<string> => {
    writeFileSync(join(folder.path, 'values.json'), JSON.stringify(values));
    const args = ['template', 'x', join(charts, chart), '--values', 'values.json'];
    return await runTool(helm, args, { cwd: folder.path }).then(
      () => '',
      (error: Error) => error.message,
    );
  };

  it('are there for every chart, and wrong values for each', () => {
    expect(Object.keys(WRONG)).to.have.members(readdirSync(charts));
  });

  for (const [chart, wrong] of Object.entries(WRONG)) {
    it(`${chart}: what is misspelt is refused, in whichever group it stands`, async () => {
      const schema = JSON.parse(readFileSync(join(charts, chart, 'values.schema.json'), 'utf8')) as Schema;
      const groups: string[] = [];
      const values = misspelt(schema, schema, '', groups);
      expect(groups).to.include('');
      const said = await refusal(chart, values as object);
      for (const group of groups)
        expect(said).to.include(`at '${group}': additional properties 'misspelt' not allowed`);
    });

    for (const [path, values] of wrong) {
      it(`${chart}: ${JSON.stringify(values)} is refused`, async () => {
        expect(await refusal(chart, values)).to.include(`at '${path}':`);
      });
    }
  }
});

/** Values with one key too many in every group that the schema closes; `groups` are their places. */
function misspelt(root: Schema, schema: Schema, path: string, groups: string[]): unknown {
  const { $ref } = schema;
  if ($ref !== undefined) return misspelt(root, root.$defs![$ref.replace('#/$defs/', '')]!, path, groups);
  if (schema.items !== undefined) return [misspelt(root, schema.items, `${path}/0`, groups)];
  if (schema.properties === undefined) return undefined;
  if (schema.additionalProperties !== false) return {};
  groups.push(path);
  const inner = Object.entries(schema.properties).map(([name, one]) => [
    name,
    misspelt(root, one, `${path}/${name}`, groups),
  ]);
  return { ...Object.fromEntries(inner.filter(([, value]) => value !== undefined)), misspelt: true };
}
