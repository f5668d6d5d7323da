import { expect } from 'chai';
import { eventually, openCloud, type Answer, type OpenCloud } from './open-cloud.ts';

describe('resources of the simulated DigitalOcean', () => {
  let cloud: OpenCloud;
  beforeEach(async () => {
    cloud = await openCloud();
  });
  afterEach(() => cloud.close());
  const post = (path: string, body: unknown): Promise<Answer> => cloud.call('POST', path, body);

  describe('domains', () => {
    it('come with name servers, and with an address when one is given', async () => {
      const made = await post('/v2/domains', { name: 'Example.COM', ip_address: '192.0.2.1' });
      expect(made.status).to.equal(201);
      expect(made.body.domain.name).to.equal('example.com');
      const { body } = await cloud.call('GET', '/v2/domains/example.com/records');
      expect(body.domain_records.map((record: { type: string }) => record.type)).to.deep.equal([
        'SOA',
        'NS',
        'NS',
        'NS',
        'A',
      ]);
    });

    it('exist once', async () => {
      await post('/v2/domains', { name: 'example.com' });
      const again = await post('/v2/domains', { name: 'example.com' });
      expect(again.status).to.equal(422);
      expect(again.body.message).to.equal("domain 'example.com': name already exists");
    });

    it('take their records with them', async () => {
      await post('/v2/domains', { name: 'example.com' });
      const { body } = await post('/v2/domains/example.com/records', { type: 'A', name: 'www', data: '192.0.2.1' });
      expect((await cloud.call('DELETE', '/v2/domains/example.com')).status).to.equal(204);
      await post('/v2/domains', { name: 'example.com' });
      expect((await cloud.call('GET', `/v2/domains/example.com/records/${body.domain_record.id}`)).status).to.equal(
        404,
      );
    });
  });

  describe('records', () => {
    beforeEach(async () => {
      await post('/v2/domains', { name: 'example.com' });
    });
    const record = (body: unknown): Promise<Answer> => post('/v2/domains/example.com/records', body);

    it('answer host names without their final dot', async () => {
      const { body } = await record({ type: 'MX', name: '@', data: 'mail.example.net.', priority: 10 });
      expect(body.domain_record).to.include({
        type: 'MX',
        name: '@',
        data: 'mail.example.net',
        priority: 10,
        ttl: 1800,
        port: null,
      });
    });

    it('want that dot', async () => {
      const answer = await record({ type: 'CNAME', name: 'www', data: 'example.net' });
      expect(answer.status).to.equal(422);
      expect(answer.body.message).to.equal('Data needs to end with a dot (.)');
    });

    it('refuse a CNAME beside others', async () => {
      await record({ type: 'A', name: 'www', data: '192.0.2.1' });
      const answer = await record({ type: 'CNAME', name: 'www', data: '@' });
      expect(answer.body.message).to.equal('CNAME records cannot share a name with other records');
    });

    it('can be found by type and by full name', async () => {
      await record({ type: 'TXT', name: '_acme-challenge', data: 'one' });
      await record({ type: 'TXT', name: '@', data: 'two' });
      const { body } = await cloud.call(
        'GET',
        '/v2/domains/example.com/records?type=TXT&name=_acme-challenge.example.com',
      );
      expect(body.domain_records.map((found: { data: string }) => found.data)).to.deep.equal(['one']);
    });

    it('change in part and keep the rest', async () => {
      const { body } = await record({ type: 'CNAME', name: 'www', data: 'example.net.', ttl: 60 });
      const changed = await cloud.call('PUT', `/v2/domains/example.com/records/${body.domain_record.id}`, { ttl: 90 });
      expect(changed.body.domain_record).to.deep.equal({ ...body.domain_record, ttl: 90 });
    });

    it('write a full name as a relative one', async () => {
      const { body } = await record({ type: 'A', name: 'www.example.com.', data: '192.0.2.1' });
      expect(body.domain_record.name).to.equal('www');
    });
  });

  describe('projects', () => {
    it('hold what is put into them, and the default one the rest', async () => {
      await post('/v2/domains', { name: 'one.example' });
      await post('/v2/domains', { name: 'two.example' });
      const { body } = await post('/v2/projects', {
        name: 'prod',
        purpose: 'Web Application',
        environment: 'production',
      });
      expect(body.project).to.include({ environment: 'Production', is_default: false });
      const assigned = await post(`/v2/projects/${body.project.id}/resources`, {
        resources: ['do:domain:one.example', 'do:domain:gone.example'],
      });
      expect(assigned.body.resources.map((resource: { status: string }) => resource.status)).to.deep.equal([
        'assigned',
        'not_found',
      ]);
      const urns = async (id: string): Promise<string[]> =>
        (await cloud.call('GET', `/v2/projects/${id}/resources`)).body.resources.map(
          (resource: { urn: string }) => resource.urn,
        );
      expect(await urns(body.project.id)).to.deep.equal(['do:domain:one.example']);
      expect(await urns('default')).to.deep.equal(['do:domain:two.example']);
    });

    it('cannot go while they hold something', async () => {
      await post('/v2/domains', { name: 'one.example' });
      const { body } = await post('/v2/projects', { name: 'prod', purpose: 'IoT' });
      await post(`/v2/projects/${body.project.id}/resources`, { resources: ['do:domain:one.example'] });
      const refused = await cloud.call('DELETE', `/v2/projects/${body.project.id}`);
      expect([refused.status, refused.body.message]).to.deep.equal([412, 'cannot delete a project with resources']);
      await post('/v2/projects/default/resources', { resources: ['do:domain:one.example'] });
      expect((await cloud.call('DELETE', `/v2/projects/${body.project.id}`)).status).to.equal(204);
    });

    it('have names of their own', async () => {
      await post('/v2/projects', { name: 'prod', purpose: 'IoT' });
      const again = await post('/v2/projects', { name: 'prod', purpose: 'IoT' });
      expect([again.status, again.body.message]).to.deep.equal([409, 'name is already in use']);
    });
  });

  describe('networks', () => {
    it('keep to private ranges that nobody has', async () => {
      const made = await post('/v2/vpcs', { name: 'prod', region: 'fra1', ip_range: '10.10.0.0/16' });
      expect(made.body.vpc).to.include({
        name: 'prod',
        ip_range: '10.10.0.0/16',
        default: false,
        urn: `do:vpc:${made.body.vpc.id}`,
      });
      const overlapping = await post('/v2/vpcs', { name: 'other', region: 'fra1', ip_range: '10.10.16.0/20' });
      expect([overlapping.status, overlapping.body.message]).to.satisfy(
        ([status, message]: [number, string]) => status === 422 && message.startsWith('This range/size overlaps'),
      );
      expect((await post('/v2/vpcs', { name: 'public', region: 'fra1', ip_range: '8.8.0.0/16' })).status).to.equal(422);
      const free = await post('/v2/vpcs', { name: 'free', region: 'fra1' });
      expect(free.body.vpc.ip_range).to.match(/^10\.\d+\.\d+\.0\/20$/);
    });

    it('stay while something lives in them, and the default one always', async () => {
      const { body } = await post('/v2/vpcs', { name: 'prod', region: 'fra1' });
      await post('/v2/load_balancers', {
        name: 'lb',
        region: 'fra1',
        vpc_uuid: body.vpc.id,
        forwarding_rules: [{ entry_protocol: 'tcp', entry_port: 80, target_protocol: 'tcp', target_port: 80 }],
      });
      const refused = await cloud.call('DELETE', `/v2/vpcs/${body.vpc.id}`);
      expect([refused.status, refused.body.message]).to.deep.equal([403, 'Can not delete VPC with members']);
      const members = await cloud.call('GET', `/v2/vpcs/${body.vpc.id}/members`);
      expect(members.body.members.map((member: { name: string }) => member.name)).to.deep.equal(['lb']);
      const { body: all } = await cloud.call('GET', '/v2/vpcs');
      const standard = all.vpcs.find((vpc: { default: boolean }) => vpc.default);
      expect((await cloud.call('DELETE', `/v2/vpcs/${standard.id}`)).status).to.equal(403);
    });
  });

  describe('networks of a new account', () => {
    it('become the default one of their region, the first of each, and then stay', async () => {
      await cloud.call('PUT', '/_sandbox/account', { isNew: true });
      const first = (await post('/v2/vpcs', { name: 'first', region: 'ams3' })).body.vpc;
      const second = (await post('/v2/vpcs', { name: 'second', region: 'ams3' })).body.vpc;
      expect([first.default, second.default]).to.deep.equal([true, false]);
      const refused = await cloud.call('DELETE', `/v2/vpcs/${first.id}`);
      expect([refused.status, refused.body.message]).to.deep.equal([403, 'Can not delete default VPCs']);
      expect((await cloud.call('DELETE', `/v2/vpcs/${second.id}`)).status).to.equal(204);
    });
  });

  describe('volumes', () => {
    const volume = { name: 'data', region: 'fra1', size_gigabytes: 10 };

    it('attach, grow and go, and never shrink', async () => {
      const { body } = await post('/v2/volumes', volume);
      const path = `/v2/volumes/${body.volume.id}`;
      const attached = await post(`${path}/actions`, { type: 'attach', droplet_id: 7 });
      expect(attached.body.action).to.include({ type: 'attach_volume', status: 'in-progress' });
      expect((await cloud.call('DELETE', path)).body.message).to.match(
        /^A volume that's attached to a Droplet cannot be deleted/,
      );
      expect((await post(`${path}/actions`, { type: 'resize', size_gigabytes: 5 })).status).to.equal(422);
      await post(`${path}/actions`, { type: 'resize', size_gigabytes: 20 });
      expect((await cloud.call('GET', path)).body.volume).to.deep.include({ size_gigabytes: 20, droplet_ids: [7] });
      await post(`${path}/actions`, { type: 'detach' });
      expect((await cloud.call('DELETE', path)).status).to.equal(204);
    });

    it('have actions that complete after a while', async () => {
      const { body } = await post('/v2/volumes', volume);
      const { body: started } = await post(`/v2/volumes/${body.volume.id}/actions`, { type: 'attach', droplet_id: 7 });
      const completed = await eventually(async () => {
        const { action } = (await cloud.call('GET', `/v2/actions/${started.action.id}`)).body;
        return action.status === 'completed' && action;
      });
      expect(completed.completed_at).to.be.a('string');
    });

    it('are found by name and region, and have snapshots', async () => {
      const { body } = await post('/v2/volumes', volume);
      expect((await post('/v2/volumes', volume)).status).to.equal(409);
      await post('/v2/volumes', { ...volume, region: 'ams3' });
      expect((await cloud.call('GET', '/v2/volumes?name=data&region=fra1')).body.volumes).to.have.length(1);
      const { body: made } = await post(`/v2/volumes/${body.volume.id}/snapshots`, { name: 'before' });
      expect((await cloud.call('GET', '/v2/snapshots?resource_type=volume')).body.snapshots[0]).to.deep.equal(
        made.snapshot,
      );
      expect((await cloud.call('GET', '/v2/snapshots?resource_type=droplet')).body.snapshots).to.deep.equal([]);
    });
  });

  it('load balancers get their address once they are active', async () => {
    const rules = [{ entry_protocol: 'tcp', entry_port: 443, target_protocol: 'tcp', target_port: 30443 }];
    const { body, status } = await post('/v2/load_balancers', { name: 'lb', region: 'fra1', forwarding_rules: rules });
    expect(status).to.equal(202);
    expect(body.load_balancer).to.include({ status: 'new', ip: '' });
    const active = await eventually(async () => {
      const { load_balancer } = (await cloud.call('GET', `/v2/load_balancers/${body.load_balancer.id}`)).body;
      return load_balancer.status === 'active' && load_balancer;
    });
    expect(active.ip).to.match(/^203\.0\.113\.\d+$/);
  });

  it('a Spaces key tells its secret once', async () => {
    const { body } = await post('/v2/spaces/keys', {
      name: 'velero',
      grants: [{ bucket: 'backups', permission: 'readwrite' }],
    });
    expect(body.key.secret_key).to.have.length.greaterThan(30);
    const { body: later } = await cloud.call('GET', `/v2/spaces/keys/${body.key.access_key}`);
    expect(later.key).to.not.have.property('secret_key');
    const mixed = await post('/v2/spaces/keys', {
      name: 'x',
      grants: [{ permission: 'fullaccess' }, { bucket: 'b', permission: 'read' }],
    });
    expect(mixed.status).to.equal(400);
  });

  it('tags exist by being made or by being used, and leave what they were on', async () => {
    await post('/v2/tags', { name: 'made' });
    const { body } = await post('/v2/volumes', { name: 'data', region: 'fra1', size_gigabytes: 1, tags: ['used'] });
    const tags = async (): Promise<string[]> =>
      (await cloud.call('GET', '/v2/tags')).body.tags.map((tag: { name: string }) => tag.name);
    expect(await tags()).to.deep.equal(['made', 'used']);
    expect((await cloud.call('GET', '/v2/tags/used')).body.tag.resources).to.deep.equal({
      count: 1,
      droplets: { count: 0 },
      volumes: { count: 1 },
    });
    await cloud.call('DELETE', '/v2/tags/used');
    expect((await cloud.call('GET', `/v2/volumes/${body.volume.id}`)).body.volume.tags).to.deep.equal([]);
    expect(await tags()).to.deep.equal(['made']);
  });
});
