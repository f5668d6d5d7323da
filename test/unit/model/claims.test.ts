import { expect } from 'chai';
import { registry } from '../../../src/blueprint/registry.ts';
import { UserError } from '../../../src/errors.ts';
import { refuseSharedClaims } from '../../../src/model/claims.ts';
import { loadEnvironment, type LoadedEnvironment } from '../../../src/model/load.ts';

function load(name: string, text: string): Promise<LoadedEnvironment> {
  return loadEnvironment({ file: `environments/${name}.yaml`, text, name, workspace: 'shop', registry });
}

const doks = (name: string, domain: string, more = '') =>
  load(name, `platform: doks\nrootDomain: ${domain}\ntls: { email: ops@example.com }\n${more}`);

function refusal(one: LoadedEnvironment, others: readonly LoadedEnvironment[]): string[] {
  try {
    refuseSharedClaims(one, others);
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.problems.map(({ at, message }) => `${at?.file}:${at?.line}:${at?.column} ${message}`);
  }
}

describe('environments of one workspace', () => {
  it('may not be copies of each other: each shared name is told with both places', async () => {
    const more = 'cluster: { name: main }\nobjectStorage: { buckets: [media] }\n';
    const prod = await doks('prod', 'example.com', more);
    const twin = await doks('twin', 'example.com', more);
    expect(refusal(twin, [prod, twin])).to.deep.equal([
      'environments/twin.yaml:4:12 The cluster on doks `main` belongs to the environment prod (environments/prod.yaml:4:12).',
      'environments/twin.yaml:2:1 The domain `example.com` belongs to the environment prod (environments/prod.yaml:2:1).',
      'environments/twin.yaml:5:28 The bucket `media` belongs to the environment prod (environments/prod.yaml:5:28).',
    ]);
    expect(refusal(prod, [prod, twin])).to.have.length(3);
  });

  it('may not take a name that another has by default', async () => {
    const prod = await doks('prod', 'example.com');
    const other = await doks('stage', 'example.org', 'cluster: { name: shop-prod }\n');
    expect(refusal(other, [prod])).to.deep.equal([
      'environments/stage.yaml:4:12 The cluster on doks `shop-prod` belongs to the environment prod (environments/prod.yaml:1:1).',
    ]);
  });

  it('may share what nobody serves, and names that live on different platforms', async () => {
    const prod = await doks('prod', 'example.com', 'cluster: { name: main }\n');
    const below = await doks('stage', 'staging.example.com');
    const one = await load('one', 'platform: local\nrootDomain: example.com\ncluster: { name: main }\n');
    const two = await load('two', 'platform: local\nrootDomain: example.com\ncluster: { context: minikube }\n');
    for (const environment of [prod, below, one, two])
      expect(refusal(environment, [prod, below, one, two]), environment.name).to.deep.equal([]);
  });
});
