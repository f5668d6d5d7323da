import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { eventually } from '../../unit/sandbox-digitalocean/open-cloud.ts';
import { openBench, type Bench } from './bench.ts';

describe('the real doctl against the simulated DigitalOcean', function () {
  this.timeout(60_000);
  let bench: Bench;
  let cluster: string;
  before(async () => {
    bench = await openBench();
    await bench.call('POST', '/v2/domains', { name: 'shop.example' });
    const { body } = await bench.call('POST', '/v2/kubernetes/clusters', {
      name: 'shop-prod',
      region: 'fra1',
      version: '1.35',
      node_pools: [{ name: 'system', size: 's-2vcpu-4gb', count: 2 }],
    });
    cluster = body.kubernetes_cluster.id;
    await eventually(
      async () =>
        (await bench.call('GET', `/v2/kubernetes/clusters/${cluster}`)).body.kubernetes_cluster.status.state ===
        'running',
    );
    bench.cloud.kubernetes.ensureLoadBalancer({
      cluster,
      name: 'a1',
      ports: [{ entry: 80, target: 30080, protocol: 'tcp' }],
    });
    bench.cloud.kubernetes.ensureVolume({ cluster, name: 'pvc-1', sizeGigabytes: 5 });
    await eventually(
      async () => (await bench.call('GET', '/v2/load_balancers')).body.load_balancers[0].status === 'active',
    );
  });
  after(() => bench.close());

  // oxlint-disable-next-line typescript/no-explicit-any
  async function json(...args: readonly string[]): Promise<any> {
    const ran = await bench.doctl(...args, '--output', 'json');
    expect(ran.exitCode, ran.stderr + ran.stdout).to.equal(0);
    return JSON.parse(ran.stdout);
  }
  // oxlint-disable-next-line typescript/no-explicit-any
  const one = async (...args: readonly string[]): Promise<any> => {
    const found = await json(...args);
    return Array.isArray(found) ? found[0] : found;
  };

  it('knows the account', async () => {
    expect(await one('account', 'get')).to.include({ status: 'active', email_verified: true });
  });

  it('finds clusters by list, by id and by name', async () => {
    expect((await one('kubernetes', 'cluster', 'list')).id).to.equal(cluster);
    expect((await one('kubernetes', 'cluster', 'get', cluster)).name).to.equal('shop-prod');
    expect((await one('kubernetes', 'cluster', 'get', 'shop-prod')).id).to.equal(cluster);
    expect((await one('kubernetes', 'cluster', 'node-pool', 'list', 'shop-prod')).nodes).to.have.length(2);
  });

  it('shows and saves a kubeconfig', async () => {
    const shown = await bench.doctl(
      'kubernetes',
      'cluster',
      'kubeconfig',
      'show',
      'shop-prod',
      '--expiry-seconds',
      '600',
    );
    expect(parse(shown.stdout)['current-context']).to.equal('do-fra1-shop-prod');
    const saved = await bench.doctl(
      'kubernetes',
      'cluster',
      'kubeconfig',
      'save',
      'shop-prod',
      '--expiry-seconds',
      '600',
    );
    expect(saved.exitCode, saved.stderr).to.equal(0);
    const file = parse(fs.readFileSync(path.join(bench.folder, 'home', '.kube', 'config'), 'utf8'));
    expect(file.contexts[0].name).to.equal('do-fra1-shop-prod');
    expect(file.clusters[0].cluster.server).to.equal('https://127.0.0.1:6443');
  });

  it('lists load balancers, volumes and what belongs to a cluster', async () => {
    expect(await one('compute', 'load-balancer', 'list')).to.deep.include({
      name: 'a1',
      status: 'active',
      tags: [`k8s:${cluster}`],
    });
    expect(await one('compute', 'volume', 'list')).to.include({ name: 'pvc-1', size_gigabytes: 5 });
    const associated = await one('kubernetes', 'cluster', 'list-associated-resources', 'shop-prod');
    expect([associated.volumes[0].name, associated.load_balancers[0].name]).to.deep.equal(['pvc-1', 'a1']);
    expect(await json('compute', 'droplet', 'list')).to.have.length(2);
  });

  it('lists projects, domains, records, networks and versions', async () => {
    expect(await one('projects', 'list')).to.include({ is_default: true });
    const { id } = await one('projects', 'get', 'default');
    const urns = (await json('projects', 'resources', 'list', id)).map((resource: { urn: string }) => resource.urn);
    expect(urns).to.include.members(['do:domain:shop.example', `do:kubernetes:${cluster}`]);
    expect(await one('compute', 'domain', 'list')).to.include({ name: 'shop.example' });
    expect(await json('compute', 'domain', 'records', 'list', 'shop.example')).to.have.length(4);
    expect(await one('vpcs', 'list')).to.include({ default: true, region: 'fra1' });
    expect((await json('kubernetes', 'options', 'versions')).length).to.be.greaterThan(2);
    expect((await one('kubernetes', 'cluster', 'get-upgrades', 'shop-prod')).slug).to.match(/^1\.36\./);
  });

  it('reads through pages', async () => {
    for (let n = 0; n < 250; n += 1) await bench.call('POST', '/v2/domains', { name: `d${n}.example` });
    expect(await json('compute', 'domain', 'list')).to.have.length(251);
  });

  it('tries again after a rate limit and after server errors', async () => {
    await bench.call('POST', '/_sandbox/faults', { kind: 'rate-limit', path: '/v2/account', retryAfterSeconds: 0 });
    await bench.call('POST', '/_sandbox/faults', { kind: 'error', path: '/v2/account', status: 502 });
    expect(await one('account', 'get')).to.include({ status: 'active' });
    const { body } = await bench.call('GET', '/_sandbox/calls');
    const statuses = body.calls
      .filter((call: { path: string }) => call.path === '/v2/account')
      .map((call: { status: number }) => call.status);
    expect(statuses.slice(-3)).to.deep.equal([429, 502, 200]);
  });

  it('hears that a token is not known', async () => {
    const ran = await bench.doctl('account', 'get', '--access-token', 'dop_v1_wrong');
    expect(ran.exitCode).to.equal(1);
    expect(ran.stderr + ran.stdout)
      .to.contain('401')
      .and.to.contain('Unable to authenticate you');
  });

  it('deletes a cluster with all that belongs to it', async () => {
    const ran = await bench.doctl(
      'kubernetes',
      'cluster',
      'delete',
      'shop-prod',
      '--dangerous',
      '--force',
      '--update-kubeconfig=false',
    );
    expect(ran.exitCode, ran.stderr).to.equal(0);
    await eventually(
      async () => !(await bench.inventory()).some((item) => /cluster|volume|load_balancer|droplet/.test(item)),
    );
  });
});
