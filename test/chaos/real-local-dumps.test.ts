/**
 * Dumps of a local environment with pods that really run: its own S3 server, its dumps and its restores, as its charts
 * bring them, on a sandbox's real node; and ffops, which reaches that server through the cluster alone.
 */
import { expect } from 'chai';
import { load } from 'js-yaml';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { realClock } from '../../src/adapters/clock.ts';
import { realNetwork } from '../../src/adapters/network.ts';
import { restoreDump } from '../../src/backups/dump-work.ts';
import type { BackupDeps } from '../../src/backups/hands.ts';
import { openBackupStore } from '../../src/backups/store.ts';
import { Secret } from '../../src/model/secret.ts';
import { renderEnvironment } from '../../src/render/environment.ts';
import { createBackup } from '../../src/usecases/backup-create.ts';
import { blueprintOf, renderInputs } from '../support/example.ts';
import { fakePorts } from '../support/fakes.ts';
import { chartPaths, manifestsOf, valuesOf } from '../support/manifests.ts';
import { openProduct, type Product } from '../support/product.ts';
import { leanProduction, realNodesOrSkip } from '../support/real-nodes.ts';
import { rows, sqlIn } from '../support/rows.ts';
import { tempFolder } from '../support/temp.ts';
import { testPorts, toolOrSkip } from '../support/tools.ts';

/** What it shares with the local one: the namespaces, and the server of the databases. */
const production = leanProduction(`ingress: { replicas: 1 }
backups: { enabled: false }
databases: { postgres: { memory: 256Mi, storage: 2Gi } }
apps: { n8n: {} }
`);
const DEV = `platform: local
rootDomain: example.kube
backups: { enabled: true }
apps: { n8n: {} }
`;
const values: Readonly<Record<string, string>> = {
  'backups.accessKey': 'accessKeyOfTheServer',
  'backups.secretKey': 'secretKeyOfTheServer',
  'backups.dumpsKey': 'keyOfTheDumps',
};
const [postgres] = rows;

describe('dumps of a local environment, on a real node', function () {
  this.bail(true);
  const folder = tempFolder();
  let product: Product;
  let deps: BackupDeps;

  before(async function () {
    await realNodesOrSkip(this);
    const tools = { kubectl: await toolOrSkip(this, 'kubectl'), rclone: await toolOrSkip(this, 'rclone') };
    const helm = await toolOrSkip(this, 'helm');
    product = openProduct(production);
    await product.ffops(['sandbox', 'start', '--nodes', 'real']);
    await product.ffops(['apply', '--yes', '--stack', 'base', '--stack', 'cloud']);
    await product.ffops(['apply', '--yes', '--only', '--stack', 'infra', '--stack', 'data']);
    const blueprint = await blueprintOf(DEV, 'dev');
    const tree = renderEnvironment(blueprint, await renderInputs());
    const charts = await chartPaths(folder.path);
    const objects: object[] = [];
    for (const stack of blueprint.stacks) {
      for (const release of stack.releases.filter(({ name }) => ['object-storage', 'dumps'].includes(name))) {
        const rendered = valuesOf(blueprint, tree, stack.name, release);
        objects.push(...(await manifestsOf(helm, folder.path, await charts(release), release, rendered)));
      }
    }
    for (const { namespace, name, data } of blueprint.kubernetesSecrets) {
      if (!['object-storage', 'dumps-store'].includes(name)) continue;
      const stringData = Object.fromEntries(
        Object.entries(data).map(([key, [part]]) => [
          key,
          part !== undefined && 'secret' in part ? values[part.secret] : '',
        ]),
      );
      objects.push({ apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, stringData });
    }
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    // As the kubelet of a local cluster finds the workspace.
    const placed = list.replaceAll('/shop/data/fullfrontend-dev', join(product.folder, 'data/fullfrontend-dev'));
    await product.kubectl(['apply', '-f', '-'], placed);
    await product.kubectl(['rollout', 'status', 'deployment/object-storage', '-n', 'infra', '--timeout=120s']);

    const kubeconfig = join(product.folder, '.ffops/sandbox/prod/kubeconfig');
    const { 'current-context': context } = load(readFileSync(kubeconfig, 'utf8')) as { 'current-context': string };
    const { runner, files } = testPorts();
    deps = {
      clock: realClock(),
      files,
      network: realNetwork({}),
      interruption: fakePorts().interruption,
      run: (tool, call) => runner.run({ program: tools[tool as keyof typeof tools], ...call }),
      pin: async () => ({ kubeconfig, context, cacheFolder: join(folder.path, 'cache') }),
      secrets: { get: async (name) => new Secret(values[name] ?? '') },
      blueprint,
      surroundings: { podsRun: true },
    };
  });
  after(async () => {
    await product?.close();
    folder.remove();
  });

  it('are made by its CronJob into its own server, and found there through the cluster', async () => {
    await sqlIn(product, postgres!, postgres!.fill);
    const { verdict, parts } = await createBackup(deps, 'postgres', () => undefined);
    expect(parts.flatMap(({ errors }) => errors)).to.deep.equal([]);
    expect(verdict).to.equal('done');
    const dumps = await (await openBackupStore(deps)).dumps('postgres');
    expect(dumps.map(({ id, trouble }) => ({ id, trouble }))).to.deep.equal([{ id: parts[0]!.id, trouble: undefined }]);
    expect(dumps[0]!.manifest?.environment).to.equal('fullfrontend-dev');
  });

  it('bring back what was there, identical by checksum', async () => {
    const before = await sqlIn(product, postgres!, postgres!.checksum);
    await sqlIn(product, postgres!, postgres!.later);
    const [dump] = await (await openBackupStore(deps)).dumps('postgres');
    const manifest = dump!.manifest!;
    const databases = manifest.databases.filter(({ name }) => name === 'n8n');
    const wish = { manifest, databases, name: 'postgres-restore-local', trial: false };
    const end = await restoreDump(deps, wish, () => undefined);
    expect(end.kind).to.equal('done');
    expect(await sqlIn(product, postgres!, postgres!.checksum)).to.equal(before);
  });
});
