/** Backups of a local environment, rehearsed: a real Velero finds a place for them. */
import { expect } from 'chai';
import { openProduct, type Product } from '../../support/product.ts';

const DEV = `platform: local
rootDomain: example.kube
cluster: { context: docker-desktop }
backups: { enabled: true }
apps:
  hello: {}
`;

describe('backups of a local environment', function () {
  this.timeout(300_000);
  let product: Product;
  before(() => void (product = openProduct(DEV)));
  after(() => product.close());

  it('have a server and a bucket from the first apply on, and the next plan is empty', async () => {
    await product.ffops(['apply', '--yes']);
    const location = ['backupstoragelocation/default', '-n', 'infra'];
    const available = '--for=jsonpath={.status.phase}=Available';
    await product.ffops(['kube', '--', 'wait', available, '--timeout=90s', ...location]);
    const ready = '{.status.readyReplicas}';
    const server = ['kube', '--', 'get', 'deployment', 'object-storage', '-n', 'infra', '-o', `jsonpath=${ready}`];
    expect((await product.ffops(server)).stdout.trim()).to.equal('1');
    await product.ffops(['plan', '--detailed-exitcode'], 0);
    // They lie behind the cluster's own service: nobody is told that there are none.
    expect((await product.ffops(['backup', 'list'], 1)).stderr).to.include(
      'ffops kube -- get backups.velero.io -n infra',
    );
  });
});
