/** A simulated DigitalOcean with a real S3 server behind it, and the real clients to try it with. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { startCloud } from '../../../src/sandbox/digitalocean/cloud.ts';
import type { Cloud } from '../../../src/sandbox/digitalocean/contracts.ts';
import { tempFolder } from '../../support/temp.ts';
import { realToolchain } from '../../support/toolchain.ts';
import { caller, token, type Call } from '../../unit/sandbox-digitalocean/open-cloud.ts';
import { fakeClusters } from '../../unit/sandbox-digitalocean/fake-clusters.ts';

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Bench {
  readonly cloud: Cloud;
  readonly call: Call;
  readonly folder: string;
  readonly providerVersion: string;
  tofu(folder: string, ...args: readonly string[]): Promise<Ran>;
  doctl(...args: readonly string[]): Promise<Ran>;
  rclone(...args: readonly string[]): Promise<Ran>;
  /** Names of what exists, by kind. */
  inventory(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const serverKey = { accessKey: 'server', secretKey: 'server-secret' };
const clientKey = { accessKey: 'DOCLIENT', secretKey: 'client-secret' };

export async function openBench(): Promise<Bench> {
  const temporary = tempFolder();
  const at = (...parts: readonly string[]): string => path.join(temporary.path, ...parts);
  for (const folder of ['home', 'buckets', 'versions']) fs.mkdirSync(at(folder));
  const toolchain = await realToolchain();
  const program = async (name: string): Promise<string> => (await toolchain.resolveTool(name)).path;
  const programs = { tofu: await program('tofu'), doctl: await program('doctl'), rclone: await program('rclone') };
  const providers = await toolchain.providerSet('sandbox');
  const installation =
    providers.mirror === undefined
      ? ''
      : `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(providers.mirror)}\n  }\n}\n`;
  fs.writeFileSync(at('tofurc'), installation);

  const storage = await startStorage(await program('versitygw'), at('buckets'), at('versions'));
  const cloud = await startCloud({
    folder: at('cloud'),
    tokens: [token],
    port: 0,
    clusters: fakeClusters(100),
    delayMs: 100,
    spaces: { port: 0, endpoint: storage.endpoint, region: 'us-east-1', ...serverKey, clientKey },
  });
  const call = caller(cloud.url);
  const spaces = cloud.spacesUrl ?? '';
  const base = { PATH: process.env['PATH'] ?? '', HOME: at('home') };

  return {
    cloud,
    call,
    folder: temporary.path,
    providerVersion: providers.versions['digitalocean'] ?? '',
    tofu: (folder, ...args) =>
      run(programs.tofu, [`-chdir=${folder}`, ...args], {
        ...base,
        TF_CLI_CONFIG_FILE: at('tofurc'),
        TF_IN_AUTOMATION: '1',
        CHECKPOINT_DISABLE: '1',
        DIGITALOCEAN_TOKEN: token,
        DIGITALOCEAN_API_URL: cloud.url,
        SPACES_ENDPOINT_URL: 'http://{{.Region}}.spaces.invalid',
        SPACES_ACCESS_KEY_ID: clientKey.accessKey,
        SPACES_SECRET_ACCESS_KEY: clientKey.secretKey,
        AWS_ENDPOINT_URL_S3: spaces,
        AWS_ACCESS_KEY_ID: clientKey.accessKey,
        AWS_SECRET_ACCESS_KEY: clientKey.secretKey,
        HTTP_PROXY: spaces,
        NO_PROXY: '',
      }),
    doctl: (...args) =>
      run(
        programs.doctl,
        ['--api-url', cloud.url, '--http-retry-wait-min', '0', '--http-retry-wait-max', '0', ...args],
        {
          ...base,
          DIGITALOCEAN_ACCESS_TOKEN: token,
        },
      ),
    rclone: (...args) =>
      run(programs.rclone, ['--config', '/dev/null', ...args], {
        ...base,
        RCLONE_CONFIG_S_TYPE: 's3',
        RCLONE_CONFIG_S_PROVIDER: 'DigitalOcean',
        RCLONE_CONFIG_S_ENDPOINT: spaces,
        RCLONE_CONFIG_S_ACCESS_KEY_ID: clientKey.accessKey,
        RCLONE_CONFIG_S_SECRET_ACCESS_KEY: clientKey.secretKey,
      }),
    inventory: async () => {
      const { body } = await call('GET', '/_sandbox/inventory');
      return body.items.map((item: { kind: string; name: string }) => `${item.kind} ${item.name}`);
    },
    close: async () => {
      await cloud.close();
      await storage.stop();
      temporary.remove();
    },
  };
}

/** Resolves whatever the exit code is. */
function run(program: string, args: readonly string[], env: Record<string, string>): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : error.code;
      if (typeof exitCode === 'number') resolve({ exitCode, stdout, stderr });
      else reject(new Error(`${program} could not be run`));
    });
    child.stdin?.end();
  });
}

interface Storage {
  readonly endpoint: string;
  stop(): Promise<void>;
}

async function startStorage(program: string, buckets: string, versions: string): Promise<Storage> {
  const port = await freePort();
  const args = [
    '--port',
    `127.0.0.1:${port}`,
    '--region',
    'us-east-1',
    '--quiet',
    'posix',
    '--versioning-dir',
    versions,
    buckets,
  ];
  const child: ChildProcess = spawn(program, args, {
    stdio: 'ignore',
    env: { ROOT_ACCESS_KEY: serverKey.accessKey, ROOT_SECRET_KEY: serverKey.secretKey },
  });
  for (let attempt = 0; !(await listens(port)); attempt += 1) {
    if (attempt > 100 || child.exitCode !== null) throw new Error('the S3 server does not start');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
