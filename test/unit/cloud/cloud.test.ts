import { expect } from 'chai';
import { cloudHands, type Cloud } from '../../../src/cloud/cloud-hands.ts';
import type { Blueprint, StackResource } from '../../../src/model/blueprint.ts';
import { Secret } from '../../../src/model/secret.ts';
import { recordName } from '../../../src/platforms/doks/names.ts';
import type { HttpRequest } from '../../../src/ports/network.ts';
import { aBlueprint, aStack, origin } from '../../support/blueprint.ts';
import { fakePorts, revealed, type Fakes } from '../../support/fakes.ts';

const resource = (type: string, name: string): StackResource => ({
  address: `${type}.main`,
  type,
  title: name,
  origin,
  adoption: { by: 'name', name },
});
const resources = [
  resource('digitalocean_kubernetes_cluster', 'shop'),
  resource('digitalocean_vpc', 'shop'),
  resource('digitalocean_domain', 'shop.test'),
  resource('digitalocean_project', 'shop-prod'),
  resource('digitalocean_spaces_bucket', 'shop-prod-backups'),
];
const blueprint: Blueprint = aBlueprint({
  environment: 'prod',
  cluster: { kind: 'doctl', name: 'shop', stack: 'cloud' },
  stacks: [
    aStack({
      name: 'cloud',
      resources,
      credentials: { DIGITALOCEAN_TOKEN: 'token', SPACES_ACCESS_KEY_ID: 'access', SPACES_SECRET_ACCESS_KEY: 'secret' },
    }),
  ],
  buckets: [{ name: 'shop-prod-backups', region: 'ams3', purpose: 'backups', stack: 'cloud' }],
  state: {
    kind: 's3',
    bucket: 'shop-prod-state',
    region: 'ams3',
    endpoint: 'https://ams3.digitaloceanspaces.com',
    prefix: 'prod',
    credentials: { AWS_ACCESS_KEY_ID: 'access', AWS_SECRET_ACCESS_KEY: 'secret' },
  },
});

const api = 'http://127.0.0.1:1';
const storage = 'http://127.0.0.1:2';

function hands(fakes: Fakes, kind: 'real' | 'sandbox' = 'sandbox', what: Blueprint = blueprint): Cloud {
  return cloudHands({
    ...fakes.ports,
    secrets: { get: async (name) => new Secret(`canary-${name}`) },
    blueprint: what,
    surroundings: {
      kind,
      podsRun: kind === 'real',
      root: '/w/.ffops',
      secretsFile: '',
      ageKeyFile: '',
      variables: { DIGITALOCEAN_API_URL: api },
      storageUrl: storage,
      tofuVariables: {},
    },
    folder: '/w/.ffops/prod',
  });
}

type Account = Readonly<Record<string, readonly object[]>>;
const paths: Readonly<Record<string, string>> = {
  kubernetes_clusters: '/v2/kubernetes/clusters?per_page=200',
  vpcs: '/v2/vpcs?per_page=200',
  domains: '/v2/domains?per_page=200',
  projects: '/v2/projects?per_page=200',
  load_balancers: '/v2/load_balancers?per_page=200',
  volumes: '/v2/volumes?per_page=200',
  snapshots: '/v2/snapshots?resource_type=volume&per_page=200',
};

function expectAccount(fakes: Fakes, account: Account, bucket = 404): void {
  for (const [field, path] of Object.entries(paths)) {
    fakes.network.expect(`GET ${api}${path}`, { body: JSON.stringify({ [field]: account[field] ?? null, links: {} }) });
  }
  fakes.network.expect(`HEAD ${storage}/shop-prod-backups`, { status: bucket });
}

const full: Account = {
  kubernetes_clusters: [
    { id: 'c1', name: 'shop', vpc_uuid: 'v1' },
    { id: 'c2', name: 'other', vpc_uuid: 'v2' },
  ],
  vpcs: [
    { id: 'v1', name: 'shop' },
    { id: 'v2', name: 'other' },
  ],
  domains: [{ name: 'shop.test' }, { name: 'other.test' }],
  projects: [{ id: 'p1', name: 'shop-prod' }],
  load_balancers: [
    { id: 'l1', name: 'ours', vpc_uuid: 'v1' },
    { id: 'l2', name: 'theirs', vpc_uuid: 'v2', tag: null, tags: ['k8s:c2'] },
  ],
  volumes: [
    { id: 'd1', name: 'pvc-1', tags: ['k8s:c1'] },
    { id: 'd2', name: 'pvc-2', tags: ['k8s:c2'] },
    { id: 'd3', name: 'mine' },
  ],
  snapshots: [
    { id: 's1', name: 'of ours', resource_id: 'd1' },
    { id: 's2', name: 'of theirs', resource_id: 'd2' },
  ],
};

describe('the inventory of an environment', () => {
  it('holds what bears its names or belongs to its cluster, and nothing of others', async () => {
    const fakes = fakePorts();
    expectAccount(fakes, full, 200);
    const items = await hands(fakes).inventory();
    expect(items.map(({ kind, id }) => `${kind} ${id}`)).to.deep.equal([
      'cluster c1',
      'vpc v1',
      'domain shop.test',
      'project p1',
      'bucket shop-prod-backups',
      'load balancer l1',
      'volume d1',
      'snapshot s1',
    ]);
    fakes.verify();
  });

  it('still knows, once the cluster is gone, which load balancers and volumes were its own', async () => {
    const fakes = fakePorts();
    expectAccount(fakes, full);
    await hands(fakes).inventory();
    expectAccount(fakes, { load_balancers: full['load_balancers']!, volumes: full['volumes']! });
    const left = await hands(fakes).inventory();
    expect(left.map(({ kind, id }) => `${kind} ${id}`)).to.deep.equal(['load balancer l1', 'volume d1']);
  });

  it('is read page by page; the token goes nowhere but to the API', async () => {
    const fakes = fakePorts();
    const next = 'https://elsewhere.test/v2/vpcs?page=2&per_page=200';
    for (const [field, path] of Object.entries(paths)) {
      const body = field === 'vpcs' ? { vpcs: [{ id: 'v0', name: 'a' }], links: { pages: { next } } } : { [field]: [] };
      fakes.network.expect(`GET ${api}${path}`, { body: JSON.stringify(body) });
    }
    fakes.network.expect(`GET ${api}/v2/vpcs?page=2&per_page=200`, {
      body: JSON.stringify({ vpcs: [{ id: 'v1', name: 'shop' }] }),
    });
    fakes.network.expect(`HEAD ${storage}/shop-prod-backups`, { status: 403 });
    expect(await hands(fakes).inventory()).to.deep.equal([{ kind: 'vpc', id: 'v1', name: 'shop' }]);
    const authorization = (request: HttpRequest) => revealed(request.headers?.['authorization']) ?? '';
    expect(fakes.network.requests.map(authorization).filter((text) => text === 'Bearer canary-token')).to.have.length(
      8,
    );
    expect(JSON.stringify(fakes.network.requests)).not.to.contain('canary-token').and.not.to.contain('canary-secret');
  });

  it('is empty on platforms without a cloud', async () => {
    const fakes = fakePorts();
    const local = hands(fakes, 'real', aBlueprint());
    expect(await local.inventory()).to.deep.equal([]);
    expect(await local.adoptable(resources)).to.deep.equal([]);
    expect(await local.api()).to.equal(undefined);
    expect(await local.prepareStateBucket()).to.equal(undefined);
    await local.stateBucketMissing();
    expect(fakes.network.requests).to.deep.equal([]);
  });

  it('whose memory is damaged says which file it is', async () => {
    const fakes = fakePorts({ files: { '/w/.ffops/prod/cloud.json': '{"clusters":' } });
    expectAccount(fakes, full);
    const error: unknown = await hands(fakes)
      .inventory()
      .catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'cloud.badMemory' });
    expect((error as Error).message).to.contain('/w/.ffops/prod/cloud.json');
  });

  it('cannot be read with a wrong token, and says what to do', async () => {
    const fakes = fakePorts();
    for (const path of Object.values(paths)) fakes.network.expect(`GET ${api}${path}`, { status: 401 });
    fakes.network.expect(`HEAD ${storage}/shop-prod-backups`, { status: 200 });
    let error: { message?: string; problems?: unknown } = {};
    await hands(fakes)
      .inventory()
      .catch((thrown: object) => (error = thrown));
    expect(error.message).to.contain('status 401');
    expect(JSON.stringify(error.problems)).to.contain('ffops secrets set digitalocean.token');
  });
});

describe('what can be adopted', () => {
  it('waits for a cluster that is still being made', async () => {
    const fakes = fakePorts();
    const cluster = full.kubernetes_clusters?.[0];
    for (const state of ['provisioning', 'provisioning', 'running']) {
      const body = JSON.stringify({ kubernetes_clusters: [{ ...cluster, status: { state } }] });
      fakes.network.expect(`GET ${api}${paths.kubernetes_clusters}`, { body });
    }
    const found = await hands(fakes).adoptable([resource('digitalocean_kubernetes_cluster', 'shop')]);
    expect(found.map(({ kind, id }) => `${kind} ${id}`)).to.deep.equal(['cluster c1']);
  });

  it('is what exists under the name, with the id that tofu imports it by', async () => {
    const fakes = fakePorts();
    for (const field of ['kubernetes_clusters', 'vpcs', 'domains', 'projects'] as const) {
      fakes.network.expect(`GET ${api}${paths[field]}`, { body: JSON.stringify({ [field]: full[field] }) });
    }
    fakes.network.expect(`HEAD ${storage}/shop-prod-backups`, { status: 200 });
    const found = await hands(fakes).adoptable(resources);
    expect(found.map(({ kind, id, name }) => `${kind} ${name} ${id}`)).to.deep.equal([
      'cluster shop c1',
      'vpc shop v1',
      'domain shop.test shop.test',
      'project shop-prod p1',
      'bucket shop-prod-backups ams3,shop-prod-backups',
    ]);
    fakes.verify();
  });

  it('is only asked about when something would be created', async () => {
    const fakes = fakePorts();
    fakes.network.expect(`GET ${api}${paths['domains']}`, { body: '{"domains":[]}' });
    expect(await hands(fakes).adoptable([resources[2]!])).to.deep.equal([]);
    expect(await hands(fakes).adoptable([])).to.deep.equal([]);
    fakes.verify();
  });

  it('finds a record by what it says, and takes no other for it', async () => {
    const fakes = fakePorts();
    const records = [
      { id: 7, type: 'MX', name: '@', data: 'mx1.shop.test' },
      { id: 8, type: 'MX', name: '@', data: 'mx2.shop.test' },
      { id: 9, type: 'TXT', name: '@', data: 'v=spf1 -all' },
    ];
    fakes.network.expect(`GET ${api}/v2/domains/shop.test/records?per_page=200`, {
      body: JSON.stringify({ domain_records: records }),
    });
    const address = 'digitalocean_record.mx["mx2.shop.test."]';
    const name = recordName('MX', '@', 'mx2.shop.test.');
    const wanted = { ...resources[0]!, address, type: 'digitalocean_record', adoption: { by: 'name' as const, name } };
    expect(await hands(fakes).adoptable([wanted])).to.deep.equal([
      { address, id: 'shop.test,8', name: 'MX @ mx2.shop.test', kind: 'record' },
    ]);
    fakes.verify();
  });

  it('does not include a bucket of somebody else', async () => {
    const fakes = fakePorts();
    fakes.network.expect(`HEAD ${storage}/shop-prod-backups`, { status: 403 });
    expect(await hands(fakes).adoptable([resources[4]!])).to.deep.equal([]);
  });
});

describe('the bucket of the state', () => {
  const bucket = `${storage}/shop-prod-state`;
  const versioning = (status: string) =>
    `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`;

  const acl = (group: string) =>
    `<AccessControlPolicy><AccessControlList><Grant><URI>${group}</URI></Grant></AccessControlList></AccessControlPolicy>`;

  /** The object that proves locks has a name of its own each time. */
  function answerPreflight(fakes: Fakes, second: number): void {
    let puts = 0;
    const request = fakes.network.request.bind(fakes.network);
    Object.assign(fakes.network, {
      request: async (wanted: HttpRequest) => {
        if (!wanted.url.includes('ffops-preflight')) return request(wanted);
        if (wanted.method === 'DELETE') return { status: 204, headers: {}, body: new Uint8Array() };
        expect(wanted.headers).to.include({ 'if-none-match': '*' });
        puts += 1;
        return { status: puts === 1 ? 200 : second, headers: {}, body: new Uint8Array() };
      },
    });
  }

  it('is made private, keeps versions, and is proven to hold a lock', async () => {
    const fakes = fakePorts();
    answerPreflight(fakes, 412);
    fakes.network.expect(`HEAD ${bucket}`, { status: 404 });
    fakes.network.expect(`PUT ${bucket}`, {});
    fakes.network.expect(`GET ${bucket}?acl=`, { body: acl('') });
    fakes.network.expect(`GET ${bucket}?versioning=`, { body: versioning('Suspended') });
    fakes.network.expect(`PUT ${bucket}?versioning=`, {});
    fakes.network.expect(`GET ${bucket}?versioning=`, { body: versioning('Enabled') });
    expect(await hands(fakes).prepareStateBucket()).to.deep.equal({
      bucket: 'shop-prod-state',
      created: true,
      versioned: true,
      locks: true,
    });
    expect(fakes.network.requests.find(({ method, url }) => method === 'PUT' && url === bucket)?.headers).to.include({
      'x-amz-acl': 'private',
    });
    fakes.verify();
  });

  it('that lets two writers in is refused', async () => {
    const fakes = fakePorts();
    answerPreflight(fakes, 200);
    fakes.network.expect(`HEAD ${bucket}`, { status: 200 });
    fakes.network.expect(`GET ${bucket}?acl=`, { body: acl('') });
    fakes.network.expect(`GET ${bucket}?versioning=`, { body: versioning('Enabled') });
    fakes.network.expect(`GET ${bucket}?versioning=`, { body: versioning('Enabled') });
    let code = '';
    await hands(fakes)
      .prepareStateBucket()
      .catch((error: { code: string }) => (code = error.code));
    expect(code).to.equal('bucket.noLocks');
  });

  it('that strangers can read is refused before anything is kept in it', async () => {
    for (const group of ['AllUsers', 'AuthenticatedUsers']) {
      const fakes = fakePorts();
      fakes.network.expect(`HEAD ${bucket}`, { status: 200 });
      fakes.network.expect(`GET ${bucket}?acl=`, { body: acl(`http://acs.amazonaws.com/groups/global/${group}`) });
      const error: unknown = await hands(fakes)
        .prepareStateBucket()
        .catch((thrown: unknown) => thrown);
      expect(error).to.include({ code: 'bucket.public' });
      fakes.verify();
    }
  });

  it('of somebody else is not ours to use', async () => {
    const fakes = fakePorts();
    fakes.network.expect(`HEAD ${bucket}`, { status: 403 });
    let code = '';
    await hands(fakes)
      .prepareStateBucket()
      .catch((error: { code: string }) => (code = error.code));
    expect(code).to.equal('bucket.foreign');
  });

  it('that is missing is made at once in the sandbox, and asked for elsewhere', async () => {
    const real = fakePorts();
    real.network.expect(`HEAD ${bucket}`, { status: 404 });
    let problems: unknown;
    await hands(real, 'real')
      .stateBucketMissing()
      .catch((error: { problems: unknown }) => (problems = error.problems));
    expect(JSON.stringify(problems)).to.contain('ffops env bootstrap -e prod');

    const there = fakePorts();
    there.network.expect(`HEAD ${bucket}`, { status: 200 });
    await hands(there, 'real').stateBucketMissing();
    there.verify();
  });
});

describe('what lies beside the states', () => {
  const listing = (query: string) => `GET ${storage}/shop-prod-state?${query}`;
  const page = (keys: readonly string[], more = '') =>
    `<ListBucketResult>${keys.map((key) => `<Contents><Key>prod/${key}</Key><ETag>&quot;of-${key}&quot;</ETag></Contents>`).join('')}${more}</ListBucketResult>`;

  it('is listed page by page, without the prefix, with a mark of each version', async () => {
    const fakes = fakePorts();
    fakes.network.expect(listing('list-type=2&prefix=prod%2F'), {
      body: page(['base.tfstate'], '<NextContinuationToken>a b</NextContinuationToken>'),
    });
    fakes.network.expect(listing('list-type=2&prefix=prod%2F&continuation-token=a+b'), {
      body: page(['app-x&amp;y.applied']),
    });
    expect(await hands(fakes).stateObjects()).to.deep.equal([
      { name: 'base.tfstate', version: '"of-base.tfstate"' },
      { name: 'app-x&y.applied', version: '"of-app-x&y.applied"' },
    ]);
    fakes.verify();
  });

  it('is nothing while there is no bucket, and on this machine', async () => {
    const fakes = fakePorts();
    fakes.network.expect(listing('list-type=2&prefix=prod%2F'), { status: 404 });
    expect(await hands(fakes).stateObjects()).to.deep.equal([]);
    const local = hands(fakes, 'sandbox', { ...blueprint, state: { kind: 'local' } });
    expect(await local.stateObjects()).to.deep.equal([]);
  });

  it('is written, read and removed by the name of the stack', async () => {
    const fakes = fakePorts();
    const url = `${storage}/shop-prod-state/prod/base.applied`;
    fakes.network.expect(`PUT ${url}`, {});
    fakes.network.expect(`GET ${url}`, { body: 'sealed' });
    fakes.network.expect(`DELETE ${url}`, { status: 204 });
    fakes.network.expect(`GET ${url}`, { status: 404 });
    const cloud = hands(fakes);
    await cloud.writeStateObject('base.applied', 'sealed');
    expect(await cloud.readStateObject('base.applied')).to.equal('sealed');
    await cloud.removeStateObject('base.applied');
    expect(await cloud.readStateObject('base.applied')).to.equal(undefined);
    fakes.verify();
  });
});

describe('what DigitalOcean never lets go of', () => {
  it("is a network of ours that is its region's default one", async () => {
    const fakes = fakePorts();
    const vpcs = (isDefault: boolean) => ({
      body: JSON.stringify({
        vpcs: [
          { id: 'v1', name: 'shop', region: 'fra1', default: isDefault },
          { id: 'v2', name: 'default-ams3', region: 'ams3', default: true },
        ],
      }),
    });
    fakes.network.expect(`GET ${api}${paths['vpcs']}`, vpcs(true));
    const [found, ...others] = await hands(fakes).undeletable(resources);
    expect(found).to.include({ address: 'digitalocean_vpc.main', name: 'shop' });
    expect(found?.reason).to.include('fra1');
    expect(others).to.deep.equal([]);
    fakes.network.expect(`GET ${api}${paths['vpcs']}`, vpcs(false));
    expect(await hands(fakes).undeletable(resources)).to.deep.equal([]);
    expect(await hands(fakes).undeletable([resources[0]!]), 'nobody is asked about other resources').to.deep.equal([]);
    fakes.verify();
  });
});
