import { expect } from 'chai';
import { parse } from 'yaml';
import { eventually, openCloud, type OpenCloud } from './open-cloud.ts';

const path = '/v2/kubernetes/clusters';
const wanted = {
  name: 'prod',
  region: 'fra1',
  version: '1.35.6-do.0',
  tags: ['prod'],
  node_pools: [{ name: 'system', size: 's-2vcpu-4gb', count: 2, tags: ['terraform:default-node-pool'] }],
};

describe('clusters of the simulated DigitalOcean', () => {
  let cloud: OpenCloud;
  beforeEach(async () => {
    cloud = await openCloud();
  });
  afterEach(() => cloud.close());

  async function create(body: unknown = wanted): Promise<string> {
    const made = await cloud.call('POST', path, body);
    expect(made.status, JSON.stringify(made.body)).to.equal(201);
    return made.body.kubernetes_cluster.id;
  }
  // oxlint-disable-next-line typescript/no-explicit-any
  async function settled(id: string): Promise<any> {
    return eventually(async () => {
      const { body } = await cloud.call('GET', `${path}/${id}`);
      const cluster = body.kubernetes_cluster;
      const nodes = cluster.node_pools.flatMap((pool: { nodes: { status: { state: string } }[] }) => pool.nodes);
      return (
        cluster.status.state === 'running' &&
        nodes.every((node: { status: { state: string } }) => node.status.state === 'running') &&
        cluster
      );
    });
  }

  it('come up, from provisioning to running, with nodes that Kubernetes has', async () => {
    const { body } = await cloud.call('POST', path, wanted);
    expect(body.kubernetes_cluster.status.state).to.equal('provisioning');
    expect(body.kubernetes_cluster.endpoint).to.equal('');
    const { id } = body.kubernetes_cluster;
    const cluster = await settled(id);
    expect(cluster.endpoint).to.equal('https://127.0.0.1:6443');
    expect(cluster.tags).to.deep.equal(['prod', 'k8s', `k8s:${id}`]);
    const real = cloud.clusters.running.get(id);
    expect(real?.nodes.map((node) => node.name)).to.deep.equal(
      cluster.node_pools[0].nodes.map((node: { name: string }) => node.name),
    );
    expect(real?.nodes[0]).to.deep.include({ vcpus: 2, memoryMiB: 4096, kubeletVersion: 'v1.35.6' });
    expect(real?.nodes[0]?.labels).to.include({
      'doks.digitalocean.com/node-pool': 'system',
      'topology.kubernetes.io/region': 'fra1',
    });
  });

  it('say what is wrong with a request', async () => {
    const message = async (change: object): Promise<string> =>
      (await cloud.call('POST', path, { ...wanted, ...change })).body.message;
    expect(await message({ version: '1.12.1-do.2' })).to.equal('validation error: invalid version slug');
    expect(await message({ node_pools: [{ name: 'a', size: 'huge', count: 1 }] })).to.equal(
      'validation error: worker_node_pool_specs[0].invalid droplet size',
    );
    expect(await message({ region: 'mars1' })).to.equal('validation error: invalid region');
    expect(await message({ node_pools: [] })).to.match(/at least one node pool/);
  });

  it('take `latest` and a minor for a version', async () => {
    const newest = (await cloud.call('GET', '/v2/kubernetes/options')).body.options.versions[0].slug;
    const first = await cloud.call('POST', path, { ...wanted, version: 'latest' });
    expect(first.body.kubernetes_cluster.version).to.equal(newest);
    const second = await cloud.call('POST', path, { ...wanted, name: 'dev', version: '1.35' });
    expect(second.body.kubernetes_cluster.version).to.equal('1.35.6-do.0');
  });

  it('hand out credentials once they are up', async () => {
    const made = await cloud.call('POST', path, wanted);
    const { id } = made.body.kubernetes_cluster;
    await settled(id);
    const { body, headers } = await cloud.call('GET', `${path}/${id}/kubeconfig?expiry_seconds=600`);
    expect(headers.get('content-type')).to.equal('application/yaml');
    expect(parse(body)).to.deep.include({
      'current-context': 'do-fra1-prod',
      clusters: [
        {
          name: 'do-fra1-prod',
          cluster: { server: 'https://127.0.0.1:6443', 'certificate-authority-data': 'YXV0aG9yaXR5' },
        },
      ],
    });
    const { body: credentials } = await cloud.call('GET', `${path}/${id}/credentials?expiry_seconds=600`);
    expect(credentials.client_key_data).to.equal(Buffer.from('key').toString('base64'));
    const seconds = (Date.parse(credentials.expires_at) - Date.now()) / 1000;
    expect(seconds).to.be.within(595, 600);
  });

  it('go at once for everyone who asks, and leave their network when the machines are gone', async () => {
    const id = await create();
    const { vpc_uuid } = await settled(id);
    expect((await cloud.call('DELETE', `${path}/${id}`)).status).to.equal(204);
    expect((await cloud.call('GET', `${path}/${id}`)).status).to.equal(404);
    expect((await cloud.call('DELETE', `${path}/${id}`)).status).to.equal(404);
    await eventually(async () => (await cloud.call('GET', `/v2/vpcs/${vpc_uuid}/members`)).body.members.length === 0);
    expect(cloud.clusters.running.size).to.equal(0);
  });

  it('show the error of a Kubernetes that did not come up, and can then be deleted', async () => {
    cloud.clusters.failNext(new Error('etcd did not start'));
    const id = await create();
    const failed = await eventually(async () => {
      const { body } = await cloud.call('GET', `${path}/${id}`);
      return body.kubernetes_cluster.status.state === 'error' && body.kubernetes_cluster.status;
    });
    expect(failed.message).to.equal('etcd did not start');
    await cloud.call('DELETE', `${path}/${id}`);
    await eventually(async () => (await cloud.call('GET', '/_sandbox/inventory')).body.items.length === 0);
  });

  it('keep trying when nodes do not come or go', async () => {
    const id = await create();
    const [{ id: poolId }] = (await settled(id)).node_pools;
    cloud.clusters.failNext(new Error('the machine is busy'));
    await cloud.call('PUT', `${path}/${id}/node_pools/${poolId}`, { count: 3 });
    expect((await settled(id)).node_pools[0].nodes).to.have.length(3);
    expect(cloud.clusters.asked.filter((asked) => asked === 'setNodes 3')).to.have.length(2);
  });

  it('have names that are free again once they are gone', async () => {
    const id = await create();
    await cloud.call('DELETE', `${path}/${id}`);
    await settled(await create());
  });

  it('that are deleted while they come up leave nothing', async () => {
    const id = await create();
    await eventually(async () => cloud.clusters.asked.length === 1);
    await cloud.call('DELETE', `${path}/${id}`);
    await eventually(async () => (await cloud.call('GET', '/_sandbox/inventory')).body.items.length === 0);
    expect(cloud.clusters.asked).to.deep.equal(['create prod', 'delete']);
  });

  it('upgrade to what is offered, with new nodes, and refuse other versions', async () => {
    const id = await create();
    const before = await settled(id);
    const { body } = await cloud.call('GET', `${path}/${id}/upgrades`);
    expect(body.available_upgrade_versions.map((version: { slug: string }) => version.slug)).to.deep.equal([
      '1.36.3-do.0',
    ]);
    expect((await cloud.call('POST', `${path}/${id}/upgrade`, { version: '1.34.9-do.0' })).status).to.equal(422);
    expect((await cloud.call('POST', `${path}/${id}/upgrade`, { version: '1.36.3-do.0' })).status).to.equal(202);
    const after = await settled(id);
    expect(after.version).to.equal('1.36.3-do.0');
    expect(after.node_pools[0].id).to.equal(before.node_pools[0].id);
    const names = (cluster: typeof after): string[] =>
      cluster.node_pools[0].nodes.map((node: { name: string }) => node.name);
    expect(names(after)).to.have.length(2).and.not.to.have.any.members(names(before));
    expect(cloud.clusters.running.get(id)?.nodes.map((node) => node.kubeletVersion)).to.deep.equal([
      'v1.36.3',
      'v1.36.3',
    ]);
    expect((await cloud.call('GET', `${path}/${id}/upgrades`)).body.available_upgrade_versions).to.equal(null);
  });

  it('upgrade themselves when told to', async () => {
    const id = await create();
    await settled(id);
    const { body } = await cloud.call('POST', `/_sandbox/clusters/${id}/upgrade`, {});
    expect(body.version).to.equal('1.35.7-do.0');
    expect((await settled(id)).version).to.equal('1.35.7-do.0');
  });

  describe('node pools', () => {
    const pool = {
      name: 'apps',
      size: 's-4vcpu-8gb',
      auto_scale: true,
      min_nodes: 1,
      max_nodes: 4,
      labels: { role: 'apps' },
      taints: [{ Key: 'only', Value: 'apps', Effect: 'NoSchedule' }],
    };

    it('are added, scaled, labelled and removed', async () => {
      const id = await create();
      await settled(id);
      const { body } = await cloud.call('POST', `${path}/${id}/node_pools`, pool);
      const poolPath = `${path}/${id}/node_pools/${body.node_pool.id}`;
      expect(body.node_pool).to.deep.include({
        count: 1,
        auto_scale: true,
        taints: [{ key: 'only', value: 'apps', effect: 'NoSchedule' }],
      });
      await settled(id);
      await cloud.call('PUT', poolPath, { count: 3, labels: { role: 'web' } });
      const grown = (await settled(id)).node_pools[1];
      expect(grown.nodes).to.have.length(3);
      const nodes = cloud.clusters.running.get(id)?.nodes.filter((node) => node.poolId === body.node_pool.id);
      expect(nodes?.map((node) => node.labels['role'])).to.deep.equal(['web', 'web', 'web']);
      await cloud.call('DELETE', poolPath);
      await eventually(async () => (await cloud.call('GET', poolPath)).status === 404);
      expect(cloud.clusters.running.get(id)?.nodes).to.have.length(2);
    });

    it('scale by themselves, within their bounds', async () => {
      const id = await create({ ...wanted, node_pools: [...wanted.node_pools, pool] });
      const cluster = await settled(id);
      const scale = (count: number): ReturnType<OpenCloud['call']> =>
        cloud.call('POST', `/_sandbox/pools/${cluster.node_pools[1].id}/scale`, { count });
      expect((await scale(5)).status).to.equal(422);
      expect((await scale(4)).status).to.equal(202);
      expect((await settled(id)).node_pools[1]).to.include({ count: 4 });
      await scale(1);
      await eventually(async () => (await settled(id)).node_pools[1].nodes.length === 1);
      const [system] = cluster.node_pools;
      expect((await cloud.call('POST', `/_sandbox/pools/${system.id}/scale`, { count: 3 })).status).to.equal(422);
    });

    it('replace a node that is recycled, and drop one that is deleted', async () => {
      const id = await create();
      const [{ id: poolId, nodes }] = (await settled(id)).node_pools;
      await cloud.call('POST', `${path}/${id}/node_pools/${poolId}/recycle`, { nodes: [nodes[0].id] });
      const names = async (): Promise<string[]> =>
        (await settled(id)).node_pools[0].nodes.map((node: { name: string }) => node.name);
      expect(await names())
        .to.have.length(2)
        .and.not.to.include(nodes[0].name);
      await cloud.call('DELETE', `${path}/${id}/node_pools/${poolId}/nodes/${nodes[1].id}`);
      await eventually(async () => (await names()).length === 1);
      expect((await settled(id)).node_pools[0].count).to.equal(1);
    });
  });

  it('answer settings as they were given', async () => {
    const id = await create({
      ...wanted,
      control_plane_firewall: { enabled: true, allowed_addresses: ['192.0.2.1/32'] },
      maintenance_policy: { start_time: '04:00', day: 'sunday' },
    });
    const cluster = await settled(id);
    expect(cluster.control_plane_firewall).to.deep.equal({ enabled: true, allowed_addresses: ['192.0.2.1/32'] });
    expect(cluster.maintenance_policy).to.deep.equal({ start_time: '04:00', duration: '4h0m0s', day: 'sunday' });
  });

  it('are taken up again by the next process, whatever they were doing', async () => {
    const running = await create();
    await settled(running);
    const halfway = await create({ ...wanted, name: 'dev' });
    cloud = await cloud.restart();
    await settled(halfway);
    await settled(running);
    expect([...cloud.clusters.running.keys()]).to.have.members([running, halfway]);
  });

  describe('their controllers', () => {
    it('make load balancers and volumes that the API shows as theirs', async () => {
      const id = await create();
      await settled(id);
      const { kubernetes } = cloud.cloud;
      const active: string[] = [];
      cloud.cloud.onChange(({ kind, id: changed }) => {
        if (kind === 'load_balancer' && kubernetes.loadBalancer(changed)?.status === 'active') active.push(changed);
      });
      const request = { cluster: id, name: 'a123', ports: [{ entry: 443, target: 30443, protocol: 'tcp' }] } as const;
      const balancer = kubernetes.ensureLoadBalancer(request);
      expect(balancer).to.include({ status: 'new', ip: '' });
      expect(kubernetes.ensureLoadBalancer(request).id).to.equal(balancer.id);
      await eventually(async () => active.includes(balancer.id));
      const volume = kubernetes.ensureVolume({ cluster: id, name: 'pvc-1', sizeGigabytes: 5 });
      expect(kubernetes.ensureVolume({ cluster: id, name: 'pvc-1', sizeGigabytes: 5 }).id).to.equal(volume.id);
      kubernetes.attachVolume(volume.id, 7);
      expect(kubernetes.resizeVolume(volume.id, 9)).to.include({ sizeGigabytes: 9, dropletId: 7 });
      expect(() => kubernetes.resizeVolume(volume.id, 8)).to.throw('cannot shrink');
      const associated = await cloud.call('GET', `${path}/${id}/destroy_with_associated_resources`);
      expect(associated.body).to.deep.equal({
        volumes: [{ id: volume.id, name: 'pvc-1' }],
        volume_snapshots: [],
        load_balancers: [{ id: balancer.id, name: 'a123' }],
      });
    });

    it('leave orphans when the cluster goes alone, and none when everything is to go', async () => {
      const orphansAfter = async (name: string, suffix: string): Promise<string[]> => {
        const id = await create({ ...wanted, name });
        await settled(id);
        cloud.cloud.kubernetes.ensureVolume({ cluster: id, name: `pvc-${name}`, sizeGigabytes: 1 });
        await cloud.call('DELETE', `${path}/${id}${suffix}`);
        return eventually(async () => {
          const { items } = (await cloud.call('GET', '/_sandbox/inventory')).body;
          return (
            !items.some((item: { kind: string }) => item.kind === 'kubernetes_cluster') &&
            items.map(
              (item: { kind: string; name: string; madeBy: string }) => `${item.madeBy} ${item.kind} ${item.name}`,
            )
          );
        });
      };
      expect(await orphansAfter('one', '/destroy_with_associated_resources/dangerous')).to.deep.equal([]);
      expect(await orphansAfter('two', '')).to.deep.equal(['kubernetes volume pvc-two']);
    });
  });
});
