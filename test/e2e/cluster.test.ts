/**
 * Everything ffops does in a cluster besides tofu, with the real kubectl, helm, doctl, sops and age, in the sandbox's
 * Kubernetes: access, delivery, restarts, diagnosis, diffs, repairs and leftovers. One cluster carries all of it.
 */
import { expect } from 'chai';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Blueprint } from '../../src/model/blueprint.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Command, Outcome } from '../../src/ports/runner.ts';
import { shutSandbox } from '../../src/sandbox/launch.ts';
import { openSandbox, type OpenSandbox } from '../../src/sandbox/surroundings.ts';
import { environmentHands, type EnvironmentHands } from '../../src/usecases/environment-hands.ts';
import { kube } from '../../src/usecases/kube.ts';
import { status } from '../../src/usecases/status.ts';
import { aBlueprint, aKubernetesSecret, aRelease, aStack, origin, passphrase } from '../support/blueprint.ts';
import { canary } from '../support/canary.ts';
import { realPorts, sandboxHands } from '../support/sandbox-workspace.ts';
import { tempFolder } from '../support/temp.ts';

const CONTEXT = 'minikube';
const TEMPLATE = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels: { app: {{ .Release.Name }} }
  template:
    metadata:
      labels: { app: {{ .Release.Name }} }
    spec:
      containers:
        - name: main
          image: registry.invalid/shop:1
          envFrom:
            - secretRef: { name: shop-token }
{{- if .Values.claim }}
          volumeMounts:
            - { name: data, mountPath: /data }
      volumes:
        - name: data
          persistentVolumeClaim: { claimName: {{ .Values.claim }} }
{{- end }}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ .Release.Name }}-files
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests: { storage: 1Gi }
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  type: LoadBalancer
  selector: { app: {{ .Release.Name }} }
  ports: [{ port: 80 }]
---
apiVersion: v1
kind: Secret
metadata:
  name: {{ .Release.Name }}-chart
stringData:
  greeting: {{ .Values.greeting | quote }}
`;

const release = aRelease({
  reads: ['shop/shop-token'],
  timeoutSeconds: 30,
  holdsData: { name: 'shop', what: 'the files of the shop' },
});
const stack = aStack({ releases: [release] });
const blueprint: Blueprint = aBlueprint({
  cluster: { kind: 'context', context: CONTEXT },
  stacks: [stack],
  secrets: [
    passphrase,
    { name: 'shop.token', description: 'opens the shop', supply: { kind: 'asked', help: 'Ask the shop.' } },
  ],
  kubernetesSecrets: [aKubernetesSecret({ data: { TOKEN: [{ text: 'Bearer ' }, { secret: 'shop.token' }] } })],
  volumes: [{ name: 'shop-files', namespace: 'shop', release: 'shop', size: '1Gi', owner: 'shop', fileBackup: true }],
  hosts: [{ name: 'www.shop.test', url: 'https://www.shop.test', owner: 'shop', purpose: 'the shop', origin }],
});

describe('a cluster', function () {
  this.timeout(180_000);
  const folder = tempFolder();
  const chart = join(folder.path, 'chart');
  const ports = realPorts();
  const runs: Command[] = [];
  const token = canary('canary-a81d-$%"-77');
  let sandbox: OpenSandbox;
  let tool: (name: string) => Promise<string>;
  let hands: EnvironmentHands;

  before(async () => {
    mkdirSync(join(chart, 'templates'), { recursive: true });
    writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: shop\nversion: 0.1.0\nappVersion: "7"\n');
    writeFileSync(join(chart, 'values.yaml'), 'replicas: 1\ngreeting: hello\nclaim: ""\n');
    writeFileSync(join(chart, 'templates/all.yaml'), TEMPLATE);
    const found = await sandboxHands(ports);
    tool = async (name) => (await found.toolchain.resolveTool(name)).path;
    sandbox = await openSandbox(found, {
      workspace: folder.path,
      environment: blueprint.environment,
      localContext: CONTEXT,
    });
    hands = reopen();
  });

  after(async () => {
    await shutSandbox({ ports, say: () => undefined }, folder.path, false);
    folder.remove();
  });

  /** As another run of ffops has it: nothing is remembered but files. */
  function reopen(): EnvironmentHands {
    const watching = {
      ...ports,
      runner: { run: (command: Command) => (runs.push(command), ports.runner.run(command)) },
    };
    return environmentHands(watching, {
      blueprint,
      surroundings: sandbox.surroundings,
      workspace: folder.path,
      tool,
      sandboxKeys: sandbox.keys,
    });
  }

  async function run(name: string, args: readonly string[], stdin?: string): Promise<Outcome> {
    const handle = await hands.cluster.access();
    const flags = name === 'helm' ? ['--kubeconfig', handle!.kubeconfig] : [`--kubeconfig=${handle!.kubeconfig}`];
    const env = { HOME: join(folder.path, 'home'), KUBECACHEDIR: join(folder.path, 'home') };
    const outcome = await ports.runner.run({
      program: await tool(name),
      args: [...args, ...flags],
      env,
      ...(stdin === undefined ? {} : { stdin }),
    });
    expect(outcome.exitCode, `${name} ${args.join(' ')}: ${outcome.stderr}`).to.equal(0);
    return outcome;
  }

  async function get<Value>(...args: readonly string[]): Promise<Value> {
    return JSON.parse((await run('kubectl', ['get', ...args, '-o', 'json'])).stdout) as Value;
  }

  const upgrade = (...values: readonly string[]) =>
    run('helm', ['upgrade', '--install', 'shop', chart, '-n', 'shop', ...values.flatMap((value) => ['--set', value])]);

  it('is reached by a kubeconfig of the workspace; the one it comes from stays as it was', async () => {
    const theirs = String(sandbox.surroundings.variables['KUBECONFIG']);
    const before = readFileSync(theirs, 'utf8');
    const handle = await hands.cluster.access();
    expect(handle?.context).to.equal(CONTEXT);
    expect(handle?.kubeconfig).to.equal(join(sandbox.surroundings.root, 'dev/kubeconfig'));
    expect(statSync(handle!.kubeconfig).mode & 0o777).to.equal(0o600);
    expect(readFileSync(theirs, 'utf8')).to.equal(before);
  });

  it('gets namespaces and Secrets, with values in stdin only; the second time there is nothing to do', async () => {
    await hands.store.write(new Map([['shop.token', new Secret(token.forms[0]!)]]));
    const watch = token.watchArguments();
    runs.length = 0;
    const delivered = await hands.cluster.deliver(stack);
    expect(delivered.map(({ kind, action }) => `${action} ${kind}`)).to.deep.equal([
      'create Namespace',
      'create Secret',
    ]);
    expect(watch.stop()).to.deep.equal([]);
    for (const { args, env } of runs) expect(token.isIn(JSON.stringify([args, env]))).to.equal(false);

    const { data } = await get<{ data: Record<string, string> }>('secret', 'shop-token', '-n', 'shop');
    expect(Buffer.from(data['TOKEN'] ?? '', 'base64').toString()).to.equal(`Bearer ${token.forms[0]}`);
    expect(await reopen().cluster.compareObjects([stack])).to.deep.equal([]);
    expect(await reopen().cluster.deliver(stack)).to.deep.equal([]);
    const inWorkspace = token.filesWith(sandbox.surroundings.root).filter((path) => !path.includes('/runtime/'));
    expect(inWorkspace, 'only etcd may hold it').to.deep.equal([]);
  });

  it('undoes what was changed by hand', async () => {
    await run('kubectl', [
      'patch',
      'secret',
      'shop-token',
      '-n',
      'shop',
      '-p',
      '{"stringData":{"TOKEN":"other","EXTRA":"kept"}}',
    ]);
    const [change] = await hands.cluster.deliver(stack);
    expect(change).to.include({ kind: 'Secret', action: 'update' });
    const { data } = await get<{ data: Record<string, string> }>('secret', 'shop-token', '-n', 'shop');
    expect(Buffer.from(data['TOKEN'] ?? '', 'base64').toString()).to.equal(`Bearer ${token.forms[0]}`);
    expect(await hands.cluster.deliver(stack)).to.deep.equal([]);
  });

  it('is waited for until a release is ready', async () => {
    await upgrade();
    expect(await hands.cluster.waitUntilReady(release)).to.equal(undefined);
    expect(await hands.cluster.releases()).to.deep.include.members([
      {
        ...(await hands.cluster.releases())[0],
        release: 'shop',
        namespace: 'shop',
        status: 'deployed',
        chart: 'shop-0.1.0',
        appVersion: '7',
      },
    ]);
  });

  it('restarts a workload when a Secret it reads has changed, and only then', async () => {
    const generation = async () =>
      (await get<{ metadata: { generation: number } }>('deployment', 'shop', '-n', 'shop')).metadata.generation;
    expect(await hands.cluster.stampWorkloads(stack), 'it has just read them').to.deep.equal([]);
    const fresh = await generation();
    expect(await hands.cluster.stampWorkloads(stack)).to.deep.equal([]);
    expect(await generation()).to.equal(fresh);

    await hands.store.write(new Map([['shop.token', new Secret('another')]]));
    const [change] = await hands.cluster.deliver(stack);
    expect(change?.rolls).to.deep.equal(['shop']);
    expect(await hands.cluster.stampWorkloads(stack)).to.deep.equal([
      { namespace: 'shop', workload: 'deployment/shop' },
    ]);
    expect(await generation()).to.be.above(fresh);
    expect(await hands.cluster.stampWorkloads(stack)).to.deep.equal([]);

    const rolled = await generation();
    await upgrade();
    expect(await generation(), 'Helm leaves the stamp alone').to.equal(rolled);
    expect(await hands.cluster.stampWorkloads(stack)).to.deep.equal([]);
  });

  it('shows the objects that an upgrade would change, secret data masked', async () => {
    const planned = { folder: folder.path, chart: './chart' };
    expect((await hands.cluster.releaseDiff(release, { ...planned, values: [] })).text).to.equal('');
    const { text } = await hands.cluster.releaseDiff(release, {
      ...planned,
      values: ['replicas: 2\n', `greeting: ${JSON.stringify(token.forms[0])}\n`],
    });
    expect(text).to.contain('~ Deployment shop').and.to.contain('+  replicas: 2').and.to.contain('~ Secret shop-chart');
    expect(token.isIn(text)).to.equal(false);
    expect((await hands.cluster.releases())[0]?.revision, 'nothing was upgraded').to.equal(2);
  });

  it('says why a release is not ready', async () => {
    await upgrade('claim=not-there');
    const trouble = await hands.cluster.waitUntilReady({ ...release, timeoutSeconds: 4 });
    const text = trouble?.lines.join('\n') ?? '';
    expect(text).to.contain('deployment/shop has').and.to.contain('not-there');
    expect(text).to.match(/event \w+: /);
    await upgrade('claim=');
  });

  it('has its status on one screen', async () => {
    const request = { blueprint, surroundings: sandbox.surroundings, hands: reopen() };
    const result = await status(ports, request);
    expect(result.cluster).to.include({ context: CONTEXT, ready: 1, total: 1 });
    expect(result.releases[0]).to.include({ release: 'shop', status: 'deployed', chart: 'shop-0.1.0' });
    expect(result.hosts).to.deep.equal([{ host: 'www.shop.test', owner: 'shop', addresses: [] }]);
    expect(result).not.to.have.property('certificates');
  });

  it('takes kubectl’s own commands, but no way elsewhere and no pod that is not there', async () => {
    const request = { hands, surroundings: sandbox.surroundings };
    for (const args of [
      ['logs', 'x'],
      ['exec', 'x', '--', 'sh'],
      ['get', 'pods', '--context', 'other'],
      ['--kubeconfig=/x', 'get', 'pods'],
      ['-n', 'shop', 'port-forward', 'x', '80'],
    ]) {
      const refused = await kube({ ...request, args }).then(
        () => undefined,
        (error: { code: string }) => error.code,
      );
      expect(refused, args.join(' ')).to.match(/^kube\./);
    }
  });

  const statusOf = async (revision: number, wanted: string) => {
    const name = `sh.helm.release.v1.shop.v${revision}`;
    const secret = await get<{ metadata: { labels: Record<string, string> }; data: { release: string } }>(
      'secret',
      name,
      '-n',
      'shop',
    );
    const packed = Buffer.from(Buffer.from(secret.data.release, 'base64').toString(), 'base64');
    const stored = JSON.parse(gunzipSync(packed).toString()) as { info: { status: string } };
    stored.info.status = wanted;
    secret.metadata.labels['status'] = wanted;
    secret.data.release = Buffer.from(gzipSync(JSON.stringify(stored)).toString('base64')).toString('base64');
    await run('kubectl', ['replace', '-f', '-'], JSON.stringify(secret));
  };
  const settle = async () =>
    hands.cluster.settle((await hands.cluster.releases()).find((found) => found.release === 'shop')!);

  it('gets an interrupted upgrade put in order, so that the next one works', async () => {
    const revision = (await hands.cluster.releases())[0]!.revision;
    await statusOf(revision, 'pending-upgrade');
    await statusOf(revision - 1, 'deployed');
    expect(await settle()).to.contain(`back to revision ${revision - 1}`);
    expect((await hands.cluster.releases())[0]).to.include({ status: 'deployed', revision: revision + 1 });
    await upgrade();
  });

  it('gets an interrupted first install forgotten when it has volumes: the next one takes them over', async () => {
    await run('helm', ['uninstall', 'shop', '-n', 'shop', '--wait']);
    await upgrade();
    const claim = () =>
      get<{ metadata: { uid: string } }>('pvc', 'shop-files', '-n', 'shop').then(({ metadata }) => metadata.uid);
    const before = await claim();
    await statusOf(1, 'pending-install');
    expect(await settle()).to.contain('takes over its objects and volumes');
    expect(await hands.cluster.releases()).to.deep.equal([]);
    await upgrade();
    expect(await claim()).to.equal(before);
  });

  it('keeps a volume with data, and the namespace around it, until it is named', async () => {
    await run('helm', ['get', 'manifest', 'shop', '-n', 'shop']);
    await run('kubectl', ['annotate', 'pvc', 'shop-files', '-n', 'shop', 'helm.sh/resource-policy=keep']);
    await run('kubectl', ['delete', 'deployment', 'shop', '-n', 'shop', '--wait']);
    const first = await hands.cluster.releaseCloudResources(new Set());
    expect(first.removed.map(({ kind }) => kind)).to.deep.equal(['load balancer']);
    expect(first.kept.map(({ reason }) => reason).join()).to.contain('--allow-data-loss shop');
    const left = await hands.cluster.removeObjects(stack);
    expect(left).to.have.length(1);
    expect(left[0]).to.deep.include({ kind: 'namespace', name: 'shop' });

    const second = await hands.cluster.releaseCloudResources(new Set(['shop']));
    expect(second.removed.map(({ kind }) => kind)).to.deep.equal(['volume']);
    expect(second.kept).to.deep.equal([]);
    await run('helm', ['uninstall', 'shop', '-n', 'shop']);
    expect(await hands.cluster.removeObjects(stack)).to.deep.equal([]);
    const { items } = await get<{ items: { metadata: { name: string } }[] }>('namespaces');
    expect(items.map(({ metadata }) => metadata.name)).not.to.include('shop');
  });

  it('that is another one than before stops everything', async () => {
    const record = join(sandbox.surroundings.root, 'dev/cluster.json');
    writeFileSync(record, readFileSync(record, 'utf8').replace(/"uid": "[^"]+"/, '"uid": "of-another"'));
    const error = await reopen()
      .cluster.deliver(stack)
      .then(
        () => undefined,
        (thrown: { code: string; message: string }) => thrown,
      );
    expect(error?.code).to.equal('cluster.another');
    await hands.cluster.forget();
    expect((await reopen().cluster.access())?.context).to.equal(CONTEXT);
  });
});
