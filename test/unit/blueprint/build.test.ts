import { expect } from 'chai';
import { z } from 'zod';
import { registry } from '../../../src/blueprint/registry.ts';
import type { Blueprint, Stack } from '../../../src/model/blueprint.ts';
import type { Catalogue, CatalogueEntry, Contribution, EntryRequest, Home } from '../../../src/model/plugs.ts';
import { blueprintOf, exampleBlueprint } from '../../support/example.ts';

const PROD = `platform: doks
rootDomain: example.com
tls: { email: ops@example.com }
`;

const SMALL = `${PROD}cluster: { name: main }\napps: { hello: {} }\n`;
const SMALL_LOCAL = 'platform: local\nrootDomain: example.kube\napps: { hello: {} }\n';

const stack = (blueprint: Blueprint, name: string): Stack => {
  const found = blueprint.stacks.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no stack ${name}`);
  return found;
};
const releases = (one: Stack): string[] => one.releases.map(({ name }) => name);

/** An entry that installs one release and nothing else. */
function entry(id: string, home: Home, more: Partial<Contribution> = {}): CatalogueEntry {
  const rules = { id, title: `The ${id}`, options: z.strictObject({}) };
  const contribute = ({ namespace, origins }: EntryRequest): Contribution => ({
    releases: [
      {
        name: id,
        namespace,
        entry: id,
        chart: { kind: 'first-party', name: 'hello' },
        context: {},
        timeoutSeconds: 60,
        after: ['absent'],
        reads: [],
        origin: origins.of(home === 'app' ? `apps.${id}` : 'platform'),
        workloads: true,
      },
    ],
    ...more,
  });
  const shown = { summary: 'For tests', version: '1.0.0', questions: [], costs: () => ({ memoryMi: 0, diskGi: 0 }) };
  return home === 'app'
    ? { ...rules, ...shown, kind: 'app', home, contribute }
    : { ...rules, kind: 'system', home, wanted: () => true, contribute };
}

function withEntries(...more: CatalogueEntry[]): Catalogue {
  return {
    ...registry,
    entries: new Map([...registry.entries, ...more.map((one): [string, CatalogueEntry] => [one.id, one])]),
  };
}

describe('the blueprint', () => {
  it('orders stacks: what outlives clusters, the cloud, what apps need, apps', async () => {
    const blueprint = await blueprintOf(SMALL);
    expect(blueprint.stacks.map(({ name, dependsOn }) => [name, dependsOn])).to.deep.equal([
      ['base', []],
      ['cloud', ['base']],
      ['infra', ['cloud']],
      ['metrics', ['infra']],
      ['app-hello', ['infra']],
    ]);
    expect(blueprint.stacks.map(({ keptByDestroy }) => keptByDestroy)).to.deep.equal([
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(blueprint.stacks.map(({ needsCluster }) => needsCluster)).to.deep.equal([false, false, true, true, true]);
  });

  it('puts databases and measurements between infra and apps, without changing the machinery', async () => {
    const catalogue = withEntries(entry('postgres', 'data'), entry('prometheus', 'metrics'), entry('shop', 'app'));
    const blueprint = await blueprintOf(`${PROD}apps: { shop: {}, hello: {} }\n`, 'prod', catalogue);
    expect(blueprint.stacks.map(({ name, dependsOn }) => [name, dependsOn])).to.deep.equal([
      ['base', []],
      ['cloud', ['base']],
      ['infra', ['cloud']],
      ['data', ['infra']],
      ['metrics', ['infra']],
      ['app-shop', ['infra', 'data']],
      ['app-hello', ['infra', 'data']],
    ]);
    expect(blueprint.namespaces.map(({ name, stack: owner }) => [name, owner])).to.deep.equal([
      ['infra', 'infra'],
      ['data', 'data'],
      ['metrics', 'metrics'],
      ['apps-shop', 'app-shop'],
      ['apps-hello', 'app-hello'],
    ]);
    expect(blueprint.schedules[0]?.namespaces).to.deep.equal(['apps-hello', 'apps-shop', 'data']);
    expect(stack(blueprint, 'app-shop').releases[0]?.after, 'what is not installed is not waited for').to.deep.equal(
      [],
    );
  });

  it('starts with the first release on a cluster that is there already', async () => {
    const blueprint = await blueprintOf(SMALL_LOCAL, 'dev');
    expect(blueprint.stacks.map(({ name, dependsOn }) => [name, dependsOn])).to.deep.equal([
      ['infra', []],
      ['app-hello', ['infra']],
    ]);
    expect(blueprint.cluster).to.deep.equal({ kind: 'context', context: 'docker-desktop' });
    expect(blueprint.state).to.deep.equal({ kind: 'local' });
    expect(releases(stack(blueprint, 'infra'))).to.deep.equal(['traefik']);
    expect([blueprint.buckets, blueprint.schedules]).to.deep.equal([[], []]);
  });

  it('dumps the databases of a cluster that is there already to its own server, which all who write there agree on', async () => {
    const blueprint = await blueprintOf(
      'platform: local\nrootDomain: example.kube\nbackups: { enabled: true }\napps: { n8n: {} }\n',
      'dev',
    );
    const storage = {
      bucket: 'fullfrontend-dev-backups',
      region: 'us-east-1',
      endpoint: 'http://object-storage.infra.svc:9000',
      service: { namespace: 'infra', name: 'object-storage', port: 9000 },
    };
    expect(blueprint.backupStorage).to.deep.equal(storage);
    const all = blueprint.stacks.flatMap((one) => one.releases);
    const written = (name: string) => all.find((one) => one.name === name)?.context;
    expect(written('dumps')).to.include({ bucket: storage.bucket, region: storage.region });
    expect(written('velero')).to.include({ bucket: storage.bucket, region: storage.region });
    expect(written('object-storage')).to.deep.include({
      bucket: storage.bucket,
      clients: [{ namespace: 'data', labels: { 'app.kubernetes.io/name': 'dumps' } }],
    });
    const urls = blueprint.stacks.flatMap(({ variables }) => variables).filter(({ name }) => name.endsWith('_s3_url'));
    expect(urls.map((one) => [one.name, one.default])).to.have.deep.members([
      ['velero_s3_url', storage.endpoint],
      ['dumps_s3_url', storage.endpoint],
    ]);
    expect(blueprint.schedules.map(({ name }) => name)).to.have.members(['velero-daily', 'postgres-dump']);
  });

  it('brings no ingress controller to minikube, which has one', async () => {
    const blueprint = await blueprintOf(
      'platform: local\nrootDomain: example.kube\ncluster: { context: minikube }\napps: { hello: {} }\n',
      'dev',
    );
    expect(blueprint.stacks.map(({ name, dependsOn }) => [name, dependsOn])).to.deep.equal([['app-hello', []]]);
  });

  it('installs the systems that the environment asks for, Prometheus’ definitions first', async () => {
    const all = await blueprintOf(`${PROD}ingress: { waf: block }\n`);
    const order = ['prometheus-crds', 'traefik', 'waf', 'cert-manager', 'cluster-issuers', 'external-dns', 'velero'];
    expect(releases(stack(all, 'infra'))).to.deep.equal(order);
    const few = await blueprintOf(
      `${PROD.replace('tls: { email: ops@example.com }\n', '')}tls: { issuer: none }\ndns: { provider: none }\nbackups: { enabled: false }\nmetrics: { enabled: false }\ningress: { waf: off }\n`,
    );
    expect(releases(stack(few, 'infra'))).to.deep.equal(['traefik']);
    expect(stack(few, 'infra').releases[0]?.after).to.deep.equal([]);
  });

  it('derives every host from the root domain', async () => {
    const blueprint = await blueprintOf(SMALL);
    expect(blueprint.hosts.map(({ name }) => name)).to.deep.equal(['grafana.example.com', 'hello.example.com']);
    for (const { name } of blueprint.hosts)
      expect(name === blueprint.rootDomain || name.endsWith(`.${blueprint.rootDomain}`)).to.equal(true);
  });

  it('says which resources hold data, by the name that consents to their loss', async () => {
    const blueprint = await blueprintOf(SMALL);
    const held = blueprint.stacks.flatMap(({ resources }) =>
      resources.flatMap(({ address, holdsData }) => (holdsData === undefined ? [] : [[address, holdsData.name]])),
    );
    expect(held).to.deep.equal([
      ['digitalocean_domain.root', 'example.com'],
      ['digitalocean_spaces_bucket.fullfrontend_prod_backups', 'fullfrontend-prod-backups'],
      ['digitalocean_kubernetes_cluster.main', 'main'],
      ['helm_release.kube_prometheus_stack', 'grafana'],
      ['helm_release.hello', 'hello-files'],
    ]);
  });

  it('knows the line of the environment that each resource comes from', async () => {
    const blueprint = await blueprintOf(
      `${PROD}cluster:\n  nodePools:\n    - { name: one, size: s-2vcpu-4gb, count: 1 }\n    - { name: two, size: s-2vcpu-4gb, count: 1 }\nmail:\n  spf: v=spf1 -all\napps:\n  hello: {}\n`,
    );
    const line = (address: string): unknown => {
      const origin = blueprint.stacks
        .flatMap(({ resources }) => resources)
        .find((resource) => resource.address === address)?.origin;
      return origin?.kind === 'file' ? [origin.path, origin.line] : origin?.kind;
    };
    expect(line('digitalocean_domain.root')).to.deep.equal(['rootDomain', 2]);
    expect(line('digitalocean_kubernetes_node_pool.two')).to.deep.equal(['cluster.nodePools[1]', 7]);
    expect(line('digitalocean_record.spf')).to.deep.equal(['mail.spf', 9]);
    expect(line('helm_release.hello')).to.deep.equal(['apps.hello', 11]);
    expect(line('helm_release.velero')).to.equal('platform');
  });

  it('wants every secret it uses, once, and uses every secret it wants', async () => {
    for (const name of ['prod', 'dev']) {
      const blueprint = await exampleBlueprint(name);
      const wanted = blueprint.secrets.map((secret) => secret.name);
      expect(new Set(wanted).size).to.equal(wanted.length);
      const used = [
        'state.passphrase',
        ...(blueprint.state.kind === 's3' ? Object.values(blueprint.state.credentials) : []),
        ...blueprint.stacks.flatMap(({ credentials }) => Object.values(credentials)),
        ...blueprint.kubernetesSecrets.flatMap(({ data }) =>
          Object.values(data)
            .flat()
            .flatMap((part) => ('secret' in part ? [part.secret] : [])),
        ),
        ...blueprint.secrets.flatMap(({ supply }) => (supply.kind === 'derived' ? [supply.from] : [])),
      ];
      expect([...new Set(used)].sort()).to.deep.equal([...wanted].sort());
      for (const secret of wanted) expect(secret).to.match(/^[a-z][a-zA-Z0-9]*\.[a-z][a-zA-Z0-9]*$/);
    }
  });

  it('puts no key of the whole account into the cluster', async () => {
    const { kubernetesSecrets, stacks, state } = await exampleBlueprint('prod');
    const ofTheAccount = [...stacks.map(({ credentials }) => credentials), state.kind === 's3' ? state.credentials : {}]
      .flatMap((credentials) => Object.values(credentials))
      .sort();
    expect(new Set(ofTheAccount)).to.deep.equal(
      new Set(['digitalocean.token', 'spaces.accessKey', 'spaces.secretKey']),
    );
    const inTheCluster = kubernetesSecrets.flatMap(({ data }) =>
      Object.values(data)
        .flat()
        .flatMap((part) => ('secret' in part ? [part.secret] : [])),
    );
    expect(inTheCluster).to.include.members(['dns.token', 'backups.accessKey', 'backups.secretKey']);
    for (const name of inTheCluster) expect(ofTheAccount).not.to.include(name);
  });

  it('says which module variables the values of a release read', async () => {
    const { stacks } = await exampleBlueprint('prod');
    for (const { variables, releases: list } of stacks) {
      const declared = variables.map(({ name }) => name);
      for (const { variables: read } of list) expect(declared).to.include.members([...(read ?? [])]);
      for (const { default: value } of variables)
        expect(value, 'production’s value is the default').not.to.equal(undefined);
    }
  });

  it('makes the buckets that people and systems want, and the state elsewhere', async () => {
    const blueprint = await blueprintOf(`${PROD}objectStorage: { region: fra1, buckets: [example-media] }\n`);
    expect(blueprint.buckets).to.deep.equal([
      { name: 'fullfrontend-prod-backups', region: 'fra1', purpose: 'backups', stack: 'base' },
      { name: 'example-media', region: 'fra1', purpose: 'your own files', stack: 'base' },
    ]);
    expect(blueprint.state).to.include({
      kind: 's3',
      bucket: 'fullfrontend-prod-state',
      region: 'fra1',
      endpoint: 'https://fra1.digitaloceanspaces.com',
      prefix: 'prod',
    });
  });

  it('keeps under its address what an app has left to the environment, and says of the app’s own how it stays', async () => {
    const bucket = async (text: string) => {
      const { stacks, buckets } = await blueprintOf(`${PROD}${text}`);
      const name = 'fullfrontend-prod-twenty';
      const resources = stacks.flatMap((stack) => stack.resources).filter(({ adoption }) => adoption?.name === name);
      expect([resources.length, buckets.filter((one) => one.name === name).length]).to.deep.equal([1, 1]);
      return resources[0]!;
    };
    const own = 'objectStorage: { buckets: [fullfrontend-prod-twenty] }\n';
    const [of, left, back] = [
      await bucket('apps: { twenty: { files: s3 } }\n'),
      await bucket(own),
      await bucket(`${own}apps: { twenty: { files: s3 } }\n`),
    ];
    expect([left.address, back.address]).to.deep.equal([of.address, of.address]);
    expect(of.holdsData?.keep).to.include('objectStorage.buckets');
    expect(left.holdsData).to.deep.equal({ name: 'fullfrontend-prod-twenty', what: 'the bucket of your own files' });
    expect(back.origin).to.deep.include({ path: 'apps.twenty.files' });
  });

  it('leaves the bucket of backups to the environment once there are none', async () => {
    const own = 'objectStorage: { buckets: [fullfrontend-prod-backups] }\nbackups: { enabled: false }\n';
    const { buckets } = await blueprintOf(`${PROD}${own}`);
    expect(buckets.map(({ name, purpose }) => [name, purpose])).to.deep.equal([
      ['fullfrontend-prod-backups', 'your own files'],
    ]);
  });

  it('can be sent as JSON, and is the same every time', async () => {
    const blueprint = await exampleBlueprint('prod');
    expect(JSON.parse(JSON.stringify(blueprint))).to.deep.equal(blueprint);
    expect(await exampleBlueprint('prod')).to.deep.equal(blueprint);
  });
});
