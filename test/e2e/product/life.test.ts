/**
 * The life of the example's production as a person drives it: ffops itself with the real tools in one sandbox, with the bad
 * luck that a life has. Each test goes on where the one before ended.
 */
import { expect } from 'chai';
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sandboxLayout } from '../../../src/sandbox/layout.ts';
import { itAtLength } from '../../support/at-length.ts';
import { disturbed } from '../../support/faulty-run.ts';
import { kill } from '../../support/interruption.ts';
import { openProduct, type Product } from '../../support/product.ts';
import { footprint, remnants, runningTofus } from '../../support/small-production.ts';
import { runTool, toolchain } from '../../support/tools.ts';

interface StackPlan {
  readonly stack: string;
  readonly state: string;
  readonly until?: string;
  readonly changes: readonly {
    readonly address: string;
    readonly action: string;
    readonly origin: { readonly line?: number };
  }[];
  readonly objects: readonly {
    readonly kind: string;
    readonly name: string;
    readonly action: string;
    readonly rolls: readonly string[];
  }[];
  readonly releases: readonly { readonly release: string; readonly text: string }[];
}
interface PlanResult {
  readonly run: string;
  readonly stacks: readonly StackPlan[];
}
interface Kept {
  readonly kind: string;
  readonly name: string;
  readonly reason: string;
}
interface ApplyResult {
  readonly earlierPlan?: { readonly run: string; readonly used: boolean };
  readonly stacks: readonly { readonly stack: string; readonly outcome: string }[];
  readonly kept: readonly Kept[];
  readonly arrival: { readonly places: readonly { readonly url: string }[] };
}
interface DriftResult {
  readonly stacks: readonly {
    readonly stack: string;
    readonly state: string;
    readonly objects: readonly { readonly kind: string; readonly name: string; readonly action: string }[];
  }[];
}
interface DestroyResult {
  readonly verdict: string;
  readonly kept: readonly Kept[];
  readonly orphans: readonly { readonly kind: string; readonly name: string }[];
}
interface Cluster {
  readonly id: string;
  readonly version: string;
  readonly status: { readonly state: string };
  readonly node_pools: readonly {
    readonly id: string;
    readonly name: string;
    readonly count: number;
    readonly nodes: readonly { readonly status: { readonly state: string } }[];
  }[];
}

/** In the order that the example lists them. */
const APPS = ['wordpress', 'n8n', 'twenty', 'analytics', 'registry', 'hello'] as const;
const APP_STACKS = APPS.map((app) => `app-${app}`);
/** What holds data in it, as `--allow-data-loss` calls it. */
const DATA = [
  ...['wordpress', 'n8n', 'twenty', 'twenty-valkey', 'analytics', 'registry', 'hello-files'],
  ...['postgres-data', 'mariadb-data', 'grafana'],
  ...['fullfrontend-prod', 'fullfrontend.be', 'fullfrontend-prod-backups'],
] as const;

/** Most of what is proven of one app needs no look at the other stacks, which takes a quarter of a minute. */
const hello = ['--stack', 'app-hello'] as const;

const TOKEN = 'canary-7b1d-token-that-nobody-may-see';

describe('the life of production, by ffops in the sandbox', function () {
  this.bail(true);
  let product: Product;

  before(() => {
    product = openProduct();
  });
  after(() => product.close());

  const plan = (expected: number, ...args: string[]): Promise<PlanResult> =>
    product.result<PlanResult>(['plan', '--detailed-exitcode', ...args], expected);
  const pending = (result: PlanResult): string[] =>
    result.stacks
      .filter(({ changes, objects, state }) => state !== 'unchanged' || changes.length + objects.length > 0)
      .map(({ stack }) => stack);

  async function cluster(): Promise<Cluster> {
    const { kubernetes_clusters: all } = await product.api<{ kubernetes_clusters: Cluster[] }>(
      'GET',
      '/v2/kubernetes/clusters',
    );
    return all[0]!;
  }

  async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 120_000;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error(`not in two minutes: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  it('works in an account that nobody has used before', async () => {
    await product.ffops(['sandbox', 'start']);
    await product.api('PUT', '/_sandbox/account', { isNew: true });
  });

  it('plans everything from nothing, and says what cannot be known before the cluster is there', async () => {
    const { stacks } = await plan(2);
    expect(stacks.map(({ stack, state }) => `${stack} ${state}`)).to.deep.equal([
      'base planned',
      'cloud planned',
      'infra unknown',
      'data unknown',
      'metrics unknown',
      ...APP_STACKS.map((stack) => `${stack} unknown`),
    ]);
    const waiting = stacks.filter(({ state }) => state === 'unknown');
    expect(new Set(waiting.map(({ until }) => until))).to.deep.equal(new Set(['cloud']));
    const domain = stacks[0]?.changes.find(({ address }) => address === 'digitalocean_domain.root');
    expect(domain?.origin.line, 'the line of rootDomain').to.equal(3);
  });

  it('does nothing when nobody agrees', async () => {
    await product.ffops(['apply'], 6);
    expect((await product.inventory()).filter(({ kind }) => kind === 'cluster')).to.deep.equal([]);
  });

  // Of the interruptions and faults that `npm run chaos` throws, at every moment and on every route, these are the hardest.
  it('begins to apply, and is killed', async () => {
    await product.ffops(['secrets', 'list']);
    const first = product.start(['apply', '--yes']);
    await first.seen(/^base: .*: working on digitalocean_record/m);
    first.child.kill('SIGKILL');
    expect(await first.ended).to.equal(null);
  });

  it('goes on, and says what happened when the cloud made a cluster and answered that it had not', async () => {
    const answered = await disturbed(product, { method: 'POST', path: '/v2/kubernetes/clusters' }, 'fail-after');
    expect(answered.exitCode, answered.said).to.equal(1);
  });

  it('goes on with that cluster, until somebody presses Ctrl-C', async () => {
    const third = product.start(['apply', '--yes']);
    await third.seen(/^infra: .*: working on helm_release/m);
    third.child.kill('SIGINT');
    expect(await third.ended, third.output()).to.equal(130);
    expect(third.output()).to.match(/\d left/);
  });

  it('goes on until every release is ready, and arrives', async () => {
    const { stacks, arrival } = await product.result<ApplyResult>(['apply', '--yes']);
    expect(stacks.map(({ stack, outcome }) => `${stack} ${outcome}`)).to.deep.equal([
      'base unchanged',
      'cloud unchanged',
      'infra applied',
      'data applied',
      'metrics applied',
      ...APP_STACKS.map((stack) => `${stack} applied`),
    ]);
    expect(arrival.places.map(({ url }) => url)).to.include.members([
      'https://fullfrontend.be',
      'https://n8n.fullfrontend.be',
      'https://twenty.fullfrontend.be',
      'https://insights.fullfrontend.be',
      'https://registry.fullfrontend.be',
      'https://grafana.fullfrontend.be',
      'https://hello.fullfrontend.be',
    ]);
    const status = await product.result<{ releases: { release: string; healthy: boolean }[] }>(['status']);
    expect(status.releases.filter(({ healthy }) => !healthy)).to.deep.equal([]);
    expect(status.releases.map(({ release }) => release)).to.include.members([
      'traefik',
      'velero',
      'cert-manager',
      'kube-prometheus-stack',
      ...APPS,
    ]);
  });

  it('has lost, doubled and locked nothing by all that', async () => {
    // The droplets of a pool share a name, as do volumes without what chance gave them, and both mail servers.
    const unique = (await footprint(product)).filter((item) => !/^(droplet|volume|record MX) /.test(item));
    expect(unique.filter((item, index) => unique.indexOf(item) < index)).to.deep.equal([]);
    expect(await remnants(product)).to.deep.equal([]);
  });

  it('writes down which versions of apps are there, for the sandbox alone, and skips none of them', async () => {
    const { apps } = await product.result<{ apps: Record<string, unknown>[] }>(['app', 'list']);
    for (const app of apps) expect(app).to.include({ added: true, upgrade: false, installed: app['version'] });
    expect(readFileSync(join(product.folder, 'ffops.lock.yaml'), 'utf8')).not.to.match(/^apps:/m);

    const file = join(product.folder, '.ffops/sandbox/ffops.lock.yaml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/(twenty:\n\s+version:) \S+/, '$1 1.20.0'));
    const { stderr } = await product.ffops(['plan', '--stack', 'app-twenty'], 3);
    expect(stderr).to.match(/1\.20\.0 → 1\.23\.0 → \d/);
    writeFileSync(file, text);
  });

  it('finds nothing more to do', async () => {
    expect(pending(await plan(0))).to.deep.equal([]);
  });

  it('finds nothing to do either after the cluster has upgraded itself and a pool has scaled', async () => {
    const { id, version, node_pools: pools } = await cluster();
    await product.api('POST', `/_sandbox/clusters/${id}/upgrade`, {});
    await product.api('POST', `/_sandbox/pools/${pools.find(({ name }) => name === 'apps')!.id}/scale`, { count: 3 });
    await eventually('the upgrade and three nodes', async () => {
      const now = await cluster();
      const apps = now.node_pools.find(({ name }) => name === 'apps');
      return (
        now.status.state === 'running' &&
        now.version !== version &&
        apps?.nodes.filter(({ status }) => status.state === 'running').length === 3
      );
    });
    expect(pending(await plan(0))).to.deep.equal([]);
  });

  it('names what changed outside, and changes it back', async () => {
    const path = '/v2/domains/fullfrontend.be/records';
    const { domain_records: records } = await product.api<{
      domain_records: { id: number; type: string; name: string }[];
    }>('GET', `${path}?per_page=200`);
    const dmarc = records.find(({ name }) => name === '_dmarc')!;
    await product.api('PUT', `${path}/${dmarc.id}`, { type: 'TXT', data: 'v=DMARC1; p=none' });
    const secret = ['-n', 'apps-hello', 'secret', 'hello-token'];
    await product.kubectl(['delete', ...secret]);
    const drift = await product.result<DriftResult>(['drift'], 2);
    const drifted = drift.stacks.filter(({ state }) => state !== 'clean');
    expect(drifted.map(({ stack }) => stack)).to.deep.equal(['base', 'app-hello']);
    expect(drifted[1]?.objects.map(({ kind, name, action }) => `${action} ${kind} ${name}`)).to.deep.equal([
      'create Secret hello-token',
    ]);
    await product.ffops(['apply', '--yes', '--only', '--stack', 'base', ...hello]);
    const patch = JSON.stringify({ data: { token: 'YnktaGFuZA==' } });
    await product.kubectl(['patch', ...secret, '--type', 'merge', '--patch', patch]);
    const again = await product.result<DriftResult>(['drift', '--only', ...hello], 2);
    expect(again.stacks.flatMap(({ objects }) => objects.map(({ action }) => action))).to.deep.equal(['update']);
    await product.ffops(['apply', '--yes', '--only', ...hello]);
    await product.ffops(['drift', '--only', '--stack', 'base', ...hello], 0);
  });

  it('changes one option: only its stack has a plan, with the objects inside the release', async () => {
    product.edit((text) => text.replace('greeting: Full Frontend', 'greeting: Bonjour'));
    const result = await plan(2);
    expect(pending(result)).to.deep.equal(['app-hello']);
    const diff = result.stacks.flatMap(({ releases }) => releases).find(({ release }) => release === 'hello');
    expect(diff?.text)
      .to.match(/^\s*\+.*Bonjour/m)
      .and.to.match(/^\s*-.*Full Frontend/m);
    const { earlierPlan } = await product.result<ApplyResult>(['apply', '--yes']);
    expect(earlierPlan).to.include({ run: result.run, used: true });
    expect(pending(await plan(0, '--only', ...hello))).to.deep.equal([]);
  });

  it('takes one app away without its data, which the cluster names until somebody deletes it', async () => {
    const others = APP_STACKS.filter((stack) => stack !== 'app-analytics');
    const before = readFileSync(join(product.folder, 'environments/prod.yaml'), 'utf8');
    product.edit((text) => text.replace('  analytics: {}\n', ''));
    const shown = await plan(2);
    expect(pending(shown)).to.include('app-analytics').and.not.to.include.members(others);
    const release = shown.stacks
      .flatMap(({ changes }) => changes)
      .find(({ address }) => address === 'helm_release.analytics');
    expect(release).to.deep.include({ action: 'delete' }).and.have.nested.property('keepsData.name', 'analytics');

    const gone = ['--only', '--stack', 'app-analytics'];
    const { kept } = await product.result<ApplyResult>(['apply', '--yes', ...gone]);
    expect(kept.find(({ kind }) => kind === 'volume')?.reason).to.include(
      'ffops destroy -e prod --stack app-analytics --allow-data-loss analytics',
    );
    expect(await claimsOf('apps-analytics'), 'what was counted is kept').to.deep.equal(['analytics-events']);
    const { kept: left } = await product.result<{ kept: readonly { claim: string }[] }>(['status']);
    expect(left.map(({ claim }) => claim)).to.deep.equal(['analytics-events']);

    // An apply loses nothing of an app that has gone, and does not look as if it did.
    const refused = await product.ffops(['apply', '--yes', '--only', ...hello, '--allow-data-loss', 'analytics'], 3);
    expect(refused.stderr).to.include('ffops destroy -e prod --stack app-analytics --allow-data-loss analytics');

    const destroy = ['destroy', '--yes', '--stack', 'app-analytics'];
    const spared = await product.result<DestroyResult>(destroy);
    expect(spared.kept.map(({ reason }) => reason).join()).to.include('--allow-data-loss analytics');
    await product.ffops([...destroy, '--allow-data-loss', 'analytica'], 3);
    expect(await claimsOf('apps-analytics')).to.deep.equal(['analytics-events']);
    await product.result<DestroyResult>([...destroy, '--allow-data-loss', 'analytics']);
    expect(await product.kubectl(['get', 'namespaces', '-o', 'name'])).not.to.include('apps-analytics');

    product.edit(() => before);
    const again = await plan(2);
    expect(pending(again)).to.include('app-analytics').and.not.to.include.members(others);
    await product.ffops(['apply', '--yes', ...gone]);
    expect(pending(await plan(0, ...gone))).to.deep.equal([]);
  });

  it('rolls the workload that reads a secret which changed, and never shows it', async () => {
    const set = await product.start(['secrets', 'generate']).ended;
    expect(set).to.equal(0);
    const before = await generation();
    await setSecret('hello.token', TOKEN);
    const result = await plan(2, '--only', ...hello);
    const objects = result.stacks.flatMap((stack) => stack.objects);
    expect(objects.map(({ kind, name, action, rolls }) => ({ kind, name, action, rolls }))).to.deep.equal([
      { kind: 'Secret', name: 'hello-token', action: 'update', rolls: ['hello'] },
    ]);
    const applied = await product.ffops(['apply', '--yes', '--json', '--only', ...hello]);
    expect(applied.stdout + applied.stderr).not.to.include(TOKEN);
    expect(await generation()).to.be.greaterThan(before);
    expect(pending(await plan(0, '--only', ...hello))).to.deep.equal([]);
  });

  it('keeps every secret out of every file that it writes', async () => {
    const values = await secretValues();
    expect(values).to.include(TOKEN);
    const leaks: string[] = [];
    for (const file of filesBelow(join(product.folder, '.ffops'))) {
      // The sandbox's own side of the counter: keys that the simulated cloud gave out, and what its parts are started with.
      if (/\/sandbox\/runtime\//.test(file) || file.endsWith('/sandbox/keys.json')) continue;
      const content = readFileSync(file);
      for (const value of values) if (content.includes(value)) leaks.push(file);
    }
    expect(leaks).to.deep.equal([]);
  });

  it('hands out the everyday handles, with the right context', async () => {
    expect((await product.ffops(['kube', '--', 'get', 'namespaces', '-o', 'name'])).stdout).to.include(
      'namespace/apps-hello',
    );
    expect((await product.ffops(['tofu', 'base', '--', 'state', 'list'])).stdout).to.include(
      'digitalocean_domain.root',
    );
    await product.ffops(['output']);
    // The sandbox's pods have no process, so that there are no lines; ffops says so instead of failing strangely.
    const logs = await product.ffops(['logs', 'hello'], [0, 1]);
    expect(logs.stdout + logs.stderr).to.match(/sandbox/);
  });

  itAtLength('keeps the volume of an app that goes while the cluster stays, until it is named', async () => {
    const only = ['destroy', '--yes', '--stack', 'app-hello'];
    const told = await product.ffops([...only, '--json']);
    expect(told.stderr, 'nothing failed').to.not.include('failed at');
    const spared = told.json<{ result: DestroyResult }>().result;
    expect(spared.orphans).to.deep.equal([]);
    const volume = spared.kept.find(({ kind, reason }) => kind === 'volume' && reason.includes('hello-files'));
    expect(volume?.reason).to.include('--allow-data-loss hello-files');
    expect((await product.inventory()).map(({ name }) => name)).to.include(volume?.name);
    const lost = await product.result<DestroyResult>([...only, '--allow-data-loss', 'hello-files']);
    expect(lost.kept.map(({ name }) => name)).not.to.include(volume?.name);
    expect((await product.inventory()).map(({ name }) => name)).not.to.include(volume?.name);
    expect(await product.kubectl(['get', 'namespaces', '-o', 'name'])).not.to.include('apps-hello');
    await product.ffops(['apply', '--yes', '--only', ...hello]);
  });

  it('tells a machine that never applied a stack that it left the environment', async () => {
    const before = readFileSync(join(product.folder, 'environments/prod.yaml'), 'utf8');
    rmSync(join(product.folder, '.ffops/sandbox/prod/stacks'), { recursive: true });
    product.edit((text) => text.replace(/^ {2}hello:\n(?: {4}.*\n)+/m, ''));
    const { stacks } = await plan(2, ...hello);
    expect(stacks.map(({ stack, changes }) => [stack, changes.map(({ action }) => action)])).to.deep.equal([
      ['app-hello', ['delete']],
    ]);
    product.edit(() => before);
  });

  it('destroys nothing without consent, and no data without its name, also when tofu is killed meanwhile', async () => {
    const unasked = await product.ffops(['destroy'], 6);
    expect(unasked.stderr).to.match(/backup/);
    const struck = product.start(['destroy', '--yes']);
    await struck.seen(/: working on helm_release/);
    expect(runningTofus(product).filter((pid) => kill(pid, 'SIGKILL'))).not.to.be.empty;
    expect(await struck.ended, struck.output()).to.equal(1);
    expect(struck.output()).to.match(/\d left/);

    const result = await product.result<DestroyResult>(['destroy', '--yes']);
    expect(result.orphans).to.deep.equal([]);
    const kept = result.kept.map(({ kind, name }) => `${kind} ${name}`);
    expect(kept.join('\n'))
      .to.match(/volume/i)
      .and.to.match(/bucket/i)
      .and.to.match(/vpc/);
    const kinds = (await product.inventory()).map(({ kind }) => kind);
    expect(kinds).to.include.members(['domain', 'bucket', 'volume']).and.not.to.include('load_balancer');
  });

  it('destroys all of it when everything is named, and leaves the cloud empty', async () => {
    const result = await product.result<DestroyResult>([
      'destroy',
      '--yes',
      ...['base', 'cloud', 'infra', 'data', 'metrics', ...APP_STACKS].flatMap((stack) => ['--stack', stack]),
      ...DATA.flatMap((name) => ['--allow-data-loss', name]),
    ]);
    expect(result.orphans).to.deep.equal([]);
    // DigitalOcean never deletes the first network of a region.
    expect(result.kept.map(({ kind }) => kind)).to.deep.equal(['vpc']);
    // What is left belongs to the account, or holds the states themselves.
    const left = (await product.inventory()).filter(
      ({ kind, name }) =>
        kind !== 'tag' && kind !== 'vpc' && name !== 'fullfrontend-prod-state' && !/^default/.test(name),
    );
    expect(left).to.deep.equal([]);
  });

  async function claimsOf(namespace: string): Promise<readonly string[]> {
    const names = '-o=jsonpath={.items[*].metadata.name}';
    return (await product.kubectl(['get', 'pvc', '-n', namespace, names])).trim().split(' ');
  }

  async function generation(): Promise<number> {
    const found = await product.kubectl([
      'get',
      'deployments,statefulsets',
      '-n',
      'apps-hello',
      '-o',
      'jsonpath={.items[*].metadata.generation}',
    ]);
    return Number(found.trim());
  }

  async function setSecret(name: string, value: string): Promise<void> {
    const running = product.start(['secrets', 'set', name], value);
    if ((await running.ended) !== 0) throw new Error(running.output());
  }

  /** All of the sandbox's file at once: `secrets get` would be a process for each. */
  async function secretValues(): Promise<readonly string[]> {
    const folder = join(sandboxLayout(product.folder).root, 'secrets');
    const sops = (await (await toolchain()).resolveTool('sops')).path;
    const text = await runTool(sops, ['decrypt', '--output-type', 'json', join(folder, 'prod.sops.yaml')], {
      cwd: product.folder,
      env: { SOPS_AGE_KEY_FILE: join(folder, 'age.txt') },
    });
    const values: string[] = [];
    JSON.parse(text, (_, value: unknown) => {
      if (typeof value === 'string') values.push(value.trim());
    });
    return values.filter((value) => value.length >= 12);
  }
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => statSync(path).size < 50_000_000);
}
