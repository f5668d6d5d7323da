/** Rendering grows with the number of apps, and no faster. */
import { expect } from 'chai';
import { registry } from '../../../src/blueprint/registry.ts';
import type { AppEntry, CatalogueEntry } from '../../../src/model/plugs.ts';
import { renderEnvironment } from '../../../src/render/environment.ts';
import { blueprintOf, renderInputs } from '../../support/example.ts';
import { cpuMilliseconds } from '../../support/cpu-time.ts';

/** The same app under many names. */
function manyApps(count: number): ReadonlyMap<string, CatalogueEntry> {
  const hello = registry.entries.get('hello');
  if (hello?.kind !== 'app') throw new Error('no hello');
  const copy = (id: string): AppEntry => ({
    ...hello,
    id,
    contribute: (request) => {
      const environment = { ...request.environment, apps: { hello: request.environment.apps[id] ?? {} } };
      const brings = hello.contribute({ ...request, environment });
      return { ...brings, releases: brings.releases.map((release) => ({ ...release, name: id, entry: id })) };
    },
  });
  return new Map([
    ...registry.entries,
    ...Array.from({ length: count }, (_, index): [string, CatalogueEntry] => [`app${index}`, copy(`app${index}`)]),
  ]);
}

describe('a thousand apps', function () {
  this.timeout(60_000);

  it('take less than three seconds and a stack each', async () => {
    const count = 1_000;
    const apps = Array.from({ length: count }, (_, index) => `  app${index}: {}\n`).join('');
    const text = `platform: doks\nrootDomain: example.com\ntls: { email: ops@example.com }\napps:\n${apps}`;
    const catalogue = { ...registry, entries: manyApps(count) };
    const inputs = await renderInputs();
    const took = await cpuMilliseconds(async () => {
      const blueprint = await blueprintOf(text, 'prod', catalogue);
      expect(blueprint.stacks.length).to.equal(count + ['base', 'cloud', 'infra', 'metrics'].length);
      expect(renderEnvironment(blueprint, inputs).size).to.be.greaterThan(6 * count);
    });
    expect(took, `${Math.round(took)} ms`).to.be.lessThan(3_000);
  });
});
