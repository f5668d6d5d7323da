/** What the model expects of every platform and every entry, those of tomorrow included. */
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { z } from 'zod';
import { registry } from '../../../src/blueprint/registry.ts';
import { environmentSchema } from '../../../src/model/environment.ts';
import { loadEnvironment } from '../../../src/model/load.ts';
import { parsePath } from '../../../src/model/path.ts';
import { bare, schemaAt } from '../../../src/model/schemas.ts';
import { problemsFrom, told } from './support.ts';

const load = (text: string, name = 'prod') =>
  loadEnvironment({ file: `environments/${name}.yaml`, text, name, workspace: 'acme', registry });
const refusal = async (text: string): Promise<string> => told(await problemsFrom(() => load(text))).join('\n');

const START: Readonly<Record<string, string>> = {
  doks: 'platform: doks\nrootDomain: acme.be\ntls:\n  email: ops@acme.be\n',
  local: 'platform: local\nrootDomain: acme.kube\n',
};

describe('every platform', () => {
  for (const platform of registry.platforms.values()) {
    it(`${platform.id} gives a default to all that is not written`, async () => {
      const { environment, warnings } = await load(START[platform.id] as string);
      expect(environment.platform).to.equal(platform.id);
      expect(warnings).to.deep.equal([]);
    });

    it(`${platform.id} speaks of options that exist`, () => {
      for (const pattern of [...Object.keys(platform.choices ?? {}), ...Object.keys(platform.unsupported ?? {})]) {
        expect(schemaAt(environmentSchema, parsePath(pattern.replaceAll('[]', '[0]'))), pattern).to.not.equal(
          undefined,
        );
      }
    });

    it(`${platform.id} chooses defaults from its own lists`, async () => {
      for (const [pattern, choices] of Object.entries(platform.choices ?? {})) {
        const { environment } = await load(START[platform.id] as string);
        const value = parsePath(pattern.replaceAll('[]', '[0]')).reduce<unknown>(
          (group, segment) => (group as Record<string | number, unknown> | undefined)?.[segment],
          environment,
        );
        if (value !== undefined) expect(choices, pattern).to.include(value);
      }
    });
  }
});

describe('every app', () => {
  for (const entry of registry.entries.values()) {
    if (entry.kind !== 'app') continue;
    it(`${entry.id} installs with no option at all`, async () => {
      const { environment } = await load(`${START['doks']}apps:\n  ${entry.id}:\n`);
      expect(environment.apps[entry.id]).to.be.an('object');
    });

    it(`${entry.id} refuses options it does not know, and describes those it does`, () => {
      expect(entry.options.safeParse({ surelyNotAnOption: 1 }).success).to.be.false;
      for (const [name, option] of Object.entries(entry.options.shape)) {
        const described = (option as z.ZodType).description ?? bare(option as z.ZodType).description;
        expect(described, `${entry.id}.${name}`).to.be.a('string');
      }
    });
  }
});

describe('the example environments', () => {
  for (const name of ['prod', 'dev']) {
    it(`${name} loads without a warning`, async () => {
      const text = await readFile(
        new URL(`../../../examples/fullfrontend/environments/${name}.yaml`, import.meta.url),
        'utf8',
      );
      expect((await load(text, name)).warnings).to.deep.equal([]);
    });
  }

  it('could be as small as ten lines', async () => {
    const smallest = `${START['doks']}apps:\n  hello:\n`;
    expect(smallest.trim().split('\n').length).to.be.at.most(10);
    expect((await load(smallest)).environment.cluster.nodePools).to.not.be.empty;
  });
});

describe('DigitalOcean Kubernetes, asked for what it does not have', () => {
  it('refuses a region, a size and a version', async () => {
    expect(await refusal(`${START['doks']}cluster: {region: ams9}\n`)).to.match(
      /^5:19 DigitalOcean Kubernetes does not offer `cluster\.region: ams9`.*Did you mean `ams3`/,
    );
    expect(await refusal(`${START['doks']}cluster: {systemPool: {size: s-2vcpu-4bg}}\n`)).to.match(
      /Did you mean `s-2vcpu-4gb`/,
    );
    expect(await refusal(`${START['doks']}cluster: {version: "1.12"}\n`)).to.match(
      /^5:20 DigitalOcean does not offer Kubernetes `1\.12`/,
    );
  });

  it('refuses a managed database, and says that OVH differs', async () => {
    expect(await refusal(`${START['doks']}databases: {postgres: {managed: true}}\n`)).to.match(
      /^5:24 .*no managed database.*OVH/,
    );
  });

  it('refuses names that derive from nothing but wishes', async () => {
    expect(await refusal(`${START['doks']}apps: {hello: {host: hi.acme.be}}\n`)).to.match(
      /^5:16 .*derives from `rootDomain`/,
    );
  });
});
