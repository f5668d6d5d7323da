/** The S3 server of a local cluster: the real one, started as its pod starts it, with its files in a folder. */
import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { realClock } from '../../src/adapters/clock.ts';
import { realNetwork } from '../../src/adapters/network.ts';
import { objectStorage } from '../../src/cloud/object-storage.ts';
import { Secret } from '../../src/model/secret.ts';
import { renderEnvironment } from '../../src/render/environment.ts';
import { blueprintOf, renderInputs } from '../support/example.ts';
import { chartPaths, manifestsOf, valuesOf, type KubernetesObject } from '../support/manifests.ts';
import { tempFolder } from '../support/temp.ts';
import { toolOrSkip } from '../support/tools.ts';

const DEV = `platform: local
rootDomain: example.kube
cluster: { context: docker-desktop }
backups: { enabled: true }
`;
const BUCKET = 'fullfrontend-dev-backups';

interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly subPath?: string }[];
}

interface Pod {
  readonly initContainers: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes: readonly { readonly hostPath?: { readonly path: string } }[];
}

describe('the S3 server of a local cluster', function () {
  this.timeout(120_000);
  const folder = tempFolder();
  const files = join(folder.path, 'files');
  let program: string;
  let pod: Pod;
  let server: ChildProcess | undefined;
  let endpoint: string;

  before(async function () {
    const helm = await toolOrSkip(this, 'helm');
    program = await toolOrSkip(this, 'versitygw');
    const blueprint = await blueprintOf(DEV, 'dev');
    const release = blueprint.stacks.flatMap(({ releases }) => releases).find(({ name }) => name === 'object-storage')!;
    const values = valuesOf(blueprint, renderEnvironment(blueprint, await renderInputs()), 'infra', release);
    const chart = await (await chartPaths(folder.path))(release);
    const objects = await manifestsOf(helm, folder.path, chart, release, values);
    const { spec } = objects.find(({ kind }) => kind === 'Deployment') as unknown as {
      spec: { template: { spec: Pod } };
    } & KubernetesObject;
    pod = spec.template.spec;
    // What the kubelet does before it starts anything.
    for (const { subPath } of pod.initContainers.flatMap(({ volumeMounts }) => volumeMounts))
      if (subPath !== undefined) mkdirSync(join(files, subPath), { recursive: true });
    await start();
  });
  after(async () => {
    await end();
    folder.remove();
  });

  async function start(): Promise<void> {
    const port = await freePort();
    endpoint = `http://127.0.0.1:${port}`;
    const [container] = pod.containers;
    const args = container!.args.map((arg) => arg.replace(/^\/files/, files).replace(/^:9000$/, `127.0.0.1:${port}`));
    const env = Object.fromEntries(container!.env.map(({ name }) => [name, valueOf(name)]));
    server = spawn(program, args, { env, stdio: 'ignore' });
    for (let attempt = 0; attempt < 100; attempt++) {
      const healthy = await fetch(`${endpoint}/health`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (healthy) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('it does not become healthy');
  }

  async function end(): Promise<void> {
    if (server === undefined) return;
    const gone = new Promise((resolve) => server?.once('exit', resolve));
    server.kill('SIGTERM');
    await gone;
    server = undefined;
  }

  const store = (secret = 'the secret key') =>
    objectStorage(
      { network: realNetwork(), clock: realClock() },
      {
        endpoint,
        region: 'us-east-1',
        credentials: { accessKey: new Secret('accesskey'), secretKey: new Secret(secret) },
      },
    );

  it('keeps its files below data/ of the workspace, by the name of the cluster', () => {
    const path = pod.volumes.find(({ hostPath }) => hostPath !== undefined)?.hostPath?.path;
    expect(path).to.equal('/shop/data/fullfrontend-dev');
  });

  it('has the bucket of backups from the start, and opens it for its key alone', async () => {
    expect(await store().bucket(BUCKET)).to.equal('ours');
    expect(await store('another').bucket(BUCKET)).to.equal('foreign');
    expect((await fetch(`${endpoint}/${BUCKET}`)).status).to.equal(403);
  });

  it('keeps what it was given over its own end, in the folder alone', async () => {
    expect(await store().put(BUCKET, 'backups/first/velero-backup.json', '{"kind":"Backup"}', false)).to.equal(true);
    await end();
    expect(existsSync(join(files, `versitygw/buckets/${BUCKET}/backups/first/velero-backup.json`))).to.equal(true);
    await start();
    const kept = await store().get(BUCKET, 'backups/first/velero-backup.json');
    expect(Buffer.from(kept ?? []).toString()).to.equal('{"kind":"Backup"}');
    expect((await store().list(BUCKET, 'backups/'))?.map(({ key }) => key)).to.deep.equal([
      'backups/first/velero-backup.json',
    ]);
  });
});

/** What the Secret would hold. */
function valueOf(name: string): string {
  return name === 'ROOT_ACCESS_KEY' ? 'accesskey' : 'the secret key';
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => void probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
