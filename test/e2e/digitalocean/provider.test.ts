import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { eventually } from '../../unit/sandbox-digitalocean/open-cloud.ts';
import { openBench, type Bench, type Ran } from './bench.ts';

/** What changes between the first and the second module. */
interface Wishes {
  readonly project: string;
  readonly mailHost: string;
  readonly network: string;
  readonly clusterTag: string;
  readonly nodes: number;
  readonly role: string;
  readonly keepDays: number;
}

const first: Wishes = {
  project: 'first',
  mailHost: 'mail.example.net.',
  network: 'first',
  clusterTag: 'one',
  nodes: 1,
  role: 'apps',
  keepDays: 7,
};
const second: Wishes = {
  project: 'second',
  mailHost: 'mx.example.net.',
  network: 'second',
  clusterTag: 'two',
  nodes: 2,
  role: 'web',
  keepDays: 30,
};

const versions = (version: string): string => `
terraform {
  required_providers {
    digitalocean = {
      source  = "digitalocean/digitalocean"
      version = "${version}"
    }
  }
}
`;

const domain = `
resource "digitalocean_domain" "root" {
  name = "shop.example"
}
`;

const cluster = (name: string, wishes: Wishes, vpc = ''): string => `
resource "digitalocean_kubernetes_cluster" "main" {
  name          = "${name}"
  region        = "fra1"
  version       = "1.35"
  auto_upgrade  = true
  surge_upgrade = true
  tags          = ["${wishes.clusterTag}"]
  ${vpc}

  node_pool {
    name       = "system"
    size       = "s-2vcpu-4gb"
    node_count = ${wishes.nodes}
  }

  lifecycle {
    ignore_changes = [version]
  }
}
`;

/** Every kind of resource that ffops renders, with the arguments that it renders. */
const everythingRendered = (wishes: Wishes): string => `
${domain}
resource "digitalocean_project" "main" {
  name        = "shop-prod"
  description = "${wishes.project}"
  purpose     = "Service or API"
  environment = "Production"
}

resource "digitalocean_record" "mx" {
  domain   = digitalocean_domain.root.name
  type     = "MX"
  name     = "@"
  value    = "${wishes.mailHost}"
  priority = 10
  ttl      = 3600
}

resource "digitalocean_record" "spf" {
  domain = digitalocean_domain.root.name
  type   = "TXT"
  name   = "@"
  value  = "v=spf1 include:example.net -all"
  ttl    = 3600
}

resource "digitalocean_spaces_bucket" "backups" {
  name   = "shop-prod-backups"
  region = "fra1"
  acl    = "private"

  versioning {
    enabled = true
  }

  lifecycle_rule {
    id                                     = "old-versions"
    enabled                                = true
    abort_incomplete_multipart_upload_days = 7

    noncurrent_version_expiration {
      days = ${wishes.keepDays}
    }
  }
}

resource "digitalocean_project_resources" "main" {
  project   = digitalocean_project.main.id
  resources = [digitalocean_domain.root.urn, digitalocean_spaces_bucket.backups.urn]
}

resource "digitalocean_vpc" "main" {
  name        = "shop-prod"
  region      = "fra1"
  ip_range    = "10.20.0.0/16"
  description = "${wishes.network}"
}

${cluster('shop-prod', wishes, 'vpc_uuid = digitalocean_vpc.main.id')}
resource "digitalocean_kubernetes_node_pool" "apps" {
  cluster_id = digitalocean_kubernetes_cluster.main.id
  name       = "apps"
  size       = "s-4vcpu-8gb"
  auto_scale = true
  min_nodes  = 1
  max_nodes  = 4
  labels     = { role = "${wishes.role}" }

  lifecycle {
    ignore_changes = [node_count]
  }
}
`;

interface StateResource {
  readonly address: string;
  readonly type: string;
  readonly values: Readonly<Record<string, unknown>>;
}

describe('the real provider against the simulated DigitalOcean', function () {
  this.timeout(300_000);
  let bench: Bench;
  let folder: string;
  before(async () => {
    bench = await openBench();
    folder = await moduleFolder('module', everythingRendered(first));
  });
  after(() => bench.close());

  function write(to: string, text: string): void {
    fs.writeFileSync(path.join(to, 'main.tf'), versions(bench.providerVersion) + text);
  }
  async function moduleFolder(name: string, text: string): Promise<string> {
    const made = path.join(bench.folder, name);
    fs.mkdirSync(made);
    write(made, text);
    succeeded(await bench.tofu(made, 'init', '-no-color'));
    return made;
  }
  function succeeded(ran: Ran): Ran {
    expect(ran.exitCode, ran.stderr + ran.stdout).to.equal(0);
    return ran;
  }
  /** 0: nothing to do; 2: something. */
  const plan = (): Promise<Ran> => bench.tofu(folder, 'plan', '-no-color', '-detailed-exitcode');
  const apply = async (): Promise<Ran> => succeeded(await bench.tofu(folder, 'apply', '-no-color', '-auto-approve'));
  async function nothingToDo(): Promise<void> {
    const ran = await plan();
    expect(ran.exitCode, ran.stderr + ran.stdout).to.equal(0);
  }
  async function resources(): Promise<readonly StateResource[]> {
    const { stdout } = succeeded(await bench.tofu(folder, 'show', '-json'));
    return JSON.parse(stdout).values.root_module.resources;
  }
  async function idOf(address: string): Promise<string> {
    return String((await resources()).find((resource) => resource.address === address)?.values['id']);
  }

  const everything = [
    'project shop-prod',
    'domain shop.example',
    'record MX @.shop.example',
    'record TXT @.shop.example',
    'vpc shop-prod',
    'kubernetes_cluster shop-prod',
    'node_pool system',
    'node_pool apps',
    'bucket shop-prod-backups',
  ];
  const withoutDroplets = async (): Promise<readonly string[]> =>
    (await bench.inventory()).filter((item) => !item.startsWith('droplet '));

  it('creates everything, and finds it as it was made', async () => {
    await apply();
    expect(await withoutDroplets()).to.have.members(everything);
    await nothingToDo();
  });

  it('puts domain and bucket into the project', async () => {
    const { body } = await bench.call('GET', `/v2/projects/${await idOf('digitalocean_project.main')}/resources`);
    expect(body.resources.map((resource: { urn: string }) => resource.urn)).to.have.members([
      'do:domain:shop.example',
      'do:space:shop-prod-backups',
    ]);
  });

  it('changes everything in place', async () => {
    write(folder, everythingRendered(second));
    const { stdout } = await apply();
    expect(stdout).to.contain('0 added, 6 changed, 0 destroyed');
    await nothingToDo();
    const { body } = await bench.call('GET', '/v2/domains/shop.example/records?type=MX');
    expect(body.domain_records[0].data).to.equal('mx.example.net');
  });

  it('has nothing to do after the cluster has upgraded itself and a pool has scaled', async () => {
    const cluster = await idOf('digitalocean_kubernetes_cluster.main');
    const pool = await idOf('digitalocean_kubernetes_node_pool.apps');
    const settled = (nodes: number): Promise<boolean> =>
      eventually(async () => {
        const { kubernetes_cluster: now } = (await bench.call('GET', `/v2/kubernetes/clusters/${cluster}`)).body;
        const running = now.node_pools
          .flatMap((entry: { nodes: { status: { state: string } }[] }) => entry.nodes)
          .filter((node: { status: { state: string } }) => node.status.state === 'running');
        return now.status.state === 'running' && running.length === nodes;
      });
    await bench.call('POST', `/_sandbox/clusters/${cluster}/upgrade`, {});
    await settled(3);
    expect((await bench.call('POST', `/_sandbox/pools/${pool}/scale`, { count: 3 })).status).to.equal(202);
    await settled(5);
    await nothingToDo();
  });

  it('imports what exists already', async () => {
    const record = await idOf('digitalocean_record.mx');
    const ids: Readonly<Record<string, string>> = {
      'digitalocean_project.main': await idOf('digitalocean_project.main'),
      'digitalocean_domain.root': 'shop.example',
      'digitalocean_record.mx': `shop.example,${record}`,
      'digitalocean_vpc.main': await idOf('digitalocean_vpc.main'),
      'digitalocean_kubernetes_node_pool.apps': await idOf('digitalocean_kubernetes_node_pool.apps'),
      'digitalocean_spaces_bucket.backups': 'fra1,shop-prod-backups',
    };
    for (const [address, id] of Object.entries(ids)) {
      succeeded(await bench.tofu(folder, 'state', 'rm', address));
      succeeded(await bench.tofu(folder, 'import', '-no-color', address, id));
    }
    // The provider reads a bucket without its ACL, so it is written once more; all the rest is as it was.
    const { stdout } = succeeded(await bench.tofu(folder, 'plan', '-no-color'));
    expect(stdout).to.contain('Plan: 0 to add, 1 to change, 0 to destroy.');
    await apply();
    await nothingToDo();
  });

  it('imports a cluster made by hand, whose only pool becomes the default one', async () => {
    const { body } = await bench.call('POST', '/v2/kubernetes/clusters', {
      name: 'by-hand',
      region: 'fra1',
      version: '1.35',
      node_pools: [{ name: 'system', size: 's-2vcpu-4gb', count: 1 }],
    });
    const { id } = body.kubernetes_cluster;
    await eventually(
      async () =>
        (await bench.call('GET', `/v2/kubernetes/clusters/${id}`)).body.kubernetes_cluster.status.state === 'running',
    );
    const byHand = await moduleFolder('by-hand', cluster('by-hand', first));
    succeeded(await bench.tofu(byHand, 'import', '-no-color', 'digitalocean_kubernetes_cluster.main', id));
    const ran = await bench.tofu(byHand, 'plan', '-no-color');
    expect(ran.stdout).to.contain('Plan: 0 to add, 1 to change, 0 to destroy.').and.to.contain('+ "one"');
    succeeded(await bench.tofu(byHand, 'destroy', '-no-color', '-auto-approve'));
  });

  it('makes again what somebody deleted', async () => {
    const record = await idOf('digitalocean_record.spf');
    await bench.call('DELETE', `/v2/domains/shop.example/records/${record}`);
    expect((await plan()).stdout).to.contain('Plan: 1 to add, 0 to change, 0 to destroy.');
    await apply();
    await nothingToDo();
  });

  it('shows the words of a refusal', async () => {
    const taken = await moduleFolder('taken', domain);
    const ran = await bench.tofu(taken, 'apply', '-no-color', '-auto-approve');
    expect(ran.exitCode).to.equal(1);
    expect(ran.stderr.replace(/\s+/g, ' ')).to.contain("domain 'shop.example': name already exists");
  });

  it('meets what a create left behind that failed after creating, and can import it', async () => {
    const left = await moduleFolder(
      'left',
      'resource "digitalocean_vpc" "main" {\n  name   = "left"\n  region = "ams3"\n}\n',
    );
    await bench.call('POST', '/_sandbox/faults', { kind: 'fail-after', method: 'POST', path: '/v2/vpcs' });
    expect((await bench.tofu(left, 'apply', '-no-color', '-auto-approve')).exitCode).to.equal(1);
    const again = await bench.tofu(left, 'apply', '-no-color', '-auto-approve');
    expect(again.stderr).to.contain('Name already in use');
    const { body } = await bench.call('GET', '/v2/vpcs');
    const { id } = body.vpcs.find((vpc: { name: string }) => vpc.name === 'left');
    succeeded(await bench.tofu(left, 'import', '-no-color', 'digitalocean_vpc.main', id));
    succeeded(await bench.tofu(left, 'plan', '-no-color', '-detailed-exitcode'));
    succeeded(await bench.tofu(left, 'destroy', '-no-color', '-auto-approve'));
  });

  it('destroys everything, and nothing is left', async () => {
    succeeded(await bench.tofu(folder, 'destroy', '-no-color', '-auto-approve'));
    await eventually(async () => (await bench.inventory()).length === 0);
    expect(fs.readdirSync(path.join(bench.folder, 'buckets'))).to.deep.equal([]);
  });
});
