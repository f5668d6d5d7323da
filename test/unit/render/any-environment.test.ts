/** Whatever a valid environment says, its modules can be read and hold exactly what the blueprint lists. */
import { expect } from 'chai';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { REGIONS, SIZES, VERSIONS } from '../../../src/platforms/doks/offering.ts';
import { renderEnvironment, type RenderInputs } from '../../../src/render/environment.ts';
import { SEED, awkwardText } from '../../support/awkward-text.ts';
import { ed25519Key, rsaKey } from '../../support/dkim-keys.ts';
import { blueprintOf, renderInputs } from '../../support/example.ts';
import { blocksBehind, readHcl } from '../../support/hcl-blocks.ts';

const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/).filter((text) => text !== 'system');
const bucket = fc.stringMatching(/^[a-z0-9][a-z0-9-]{2,10}[a-z0-9]$/);
const host = name.map((label) => `${label}.example.org`);
const unique = <T>(item: fc.Arbitrary<T>, key: (item: T) => unknown): fc.Arbitrary<T[]> =>
  fc.uniqueArray(item, { maxLength: 5, selector: key });
const optional = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(item, { nil: undefined });

const pool = fc.tuple(
  fc.record({ name, size: fc.constantFrom(...SIZES), labels: fc.dictionary(name, name, { maxKeys: 3 }) }),
  fc.oneof(
    fc.integer({ min: 1, max: 9 }).map((count) => ({ count })),
    fc.integer({ min: 0, max: 4 }).map((min) => ({ autoscale: { min, max: min + 1 } })),
  ),
);

const environment = fc.record({
  platform: fc.constant('doks'),
  rootDomain: fc.constantFrom('example.com', 'a.example.co.uk'),
  cluster: fc.record({
    name,
    region: fc.constantFrom(...REGIONS),
    version: fc.constantFrom(...VERSIONS, `${VERSIONS[0]}.3-do.0`),
    autoUpgrade: fc.boolean(),
    highAvailability: fc.boolean(),
    nodePools: unique(
      pool.map(([fixed, nodes]) => ({ ...fixed, ...nodes })),
      (one) => one.name,
    ),
  }),
  ingress: fc.record({ waf: fc.constantFrom('off', 'detect', 'block'), replicas: fc.integer({ min: 1, max: 3 }) }),
  tls: fc.constantFrom(
    { issuer: 'none' },
    { issuer: 'letsencrypt', email: 'ops@example.com' },
    { issuer: 'letsencrypt-staging', email: '"a\\b"@example.com' },
  ),
  mail: fc.record({
    mx: unique(fc.record({ host, priority: fc.integer({ min: 0, max: 99 }) }), (one) => one.host),
    spf: optional(awkwardText.map((text) => `v=spf1 ${text}`)),
    dkim: unique(
      fc.record({ selector: name, publicKey: fc.constantFrom(undefined, rsaKey(2048), ed25519Key().bare) }),
      (one) => one.selector,
    ),
    dmarc: optional(awkwardText.map((text) => `v=DMARC1; ${text}`)),
  }),
  objectStorage: fc.record({ buckets: unique(bucket, (one) => one) }),
  backups: fc.record({ enabled: fc.boolean(), retentionDays: fc.integer({ min: 1, max: 400 }) }),
  metrics: fc.record({ enabled: fc.boolean() }),
  apps: fc.constantFrom({}, { hello: {} }),
});

describe('any environment', function () {
  this.timeout(120_000);
  let inputs: RenderInputs;
  before(async () => {
    inputs = await renderInputs();
  });

  it(`renders to modules that hold what the blueprint lists (seed ${SEED})`, async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(environment, async (written) => {
        const blueprint = await blueprintOf(stringify(written)).catch(() => undefined);
        if (blueprint === undefined) {
          refused += 1;
          return;
        }
        const tree = renderEnvironment(blueprint, inputs);
        for (const stack of blueprint.stacks) {
          const blocks = [...tree]
            .filter(([path]) => path.startsWith(`stacks/${stack.name}/`) && path.endsWith('.tf'))
            .flatMap(([, text]) => [...readHcl(text)]);
          const declared = blocks.filter(({ type }) => type === 'resource').map(({ labels }) => labels.join('.'));
          expect(new Set(declared).size).to.equal(declared.length);
          expect(declared.sort()).to.deep.equal(blocksBehind(stack.resources));
        }
      }),
      { numRuns: 300, seed: SEED },
    );
    expect(refused, 'nearly all of them are valid').to.be.lessThan(60);
  });
});
