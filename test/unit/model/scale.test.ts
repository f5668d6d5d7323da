import { expect } from 'chai';
import { z } from 'zod';
import { explain } from '../../../src/model/explain.ts';
import { loadEnvironment } from '../../../src/model/load.ts';
import type { EntryRules, Registry } from '../../../src/model/registry.ts';
import { cpuMilliseconds } from '../../support/cpu-time.ts';
import { problemsFrom, registry } from './support.ts';

const entry = (index: number): EntryRules => ({
  id: `app-${index}`,
  kind: 'app',
  title: `App ${index}`,
  options: z.strictObject({ replicas: z.int().default(1), storage: z.string().default('1Gi') }),
});

const crowd: Registry = {
  platforms: registry.platforms,
  entries: new Map(Array.from({ length: 4_000 }, (_, index) => [`app-${index}`, entry(index)])),
};

function source(apps: number, options: string) {
  const lines = Array.from({ length: apps }, (_, index) => `  app-${index}: ${options}`);
  const text = ['platform: cloud', 'rootDomain: acme.be', 'apps:', ...lines, ''].join('\n');
  return { file: 'environments/prod.yaml', text, name: 'prod', workspace: 'acme', registry: crowd };
}

/** The quickest of three. */
async function milliseconds(action: () => Promise<unknown>): Promise<number> {
  const runs: number[] = [];
  for (let run = 0; run < 3; run++) runs.push(await cpuMilliseconds(action));
  return Math.min(...runs);
}

describe('a large environment', () => {
  it('loads and is explained in time that grows with its size, not with its square', async () => {
    const load = async (apps: number): Promise<number> =>
      milliseconds(async () => explain(await loadEnvironment(source(apps, '{replicas: 2}'))));
    await load(1_000);
    const thousand = await load(1_000);
    expect(thousand).to.be.lessThan(1_000);
    expect((await load(4_000)) / thousand).to.be.lessThan(12);
  });

  it('is refused quickly too, however many mistakes it has', async () => {
    const refuse = (options: string): Promise<number> =>
      milliseconds(() => problemsFrom(() => loadEnvironment(source(1_000, options))));
    await refuse('{replica: 2}');
    expect(await refuse('{replica: 2}')).to.be.lessThan(4_000);
    expect(await refuse('{host: x}')).to.be.lessThan(4_000);
  });
});
