/** A workspace with a running sandbox, its stacks rendered, and the real tools run by hand, without ffops' engine. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../../src/adapters/clock.ts';
import { realFiles } from '../../src/adapters/files.ts';
import { realNetwork } from '../../src/adapters/network.ts';
import { realRunner } from '../../src/adapters/runner.ts';
import type { SignalInterruption } from '../../src/adapters/interruption.ts';
import type { Blueprint, KubernetesSecret } from '../../src/model/blueprint.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Ports } from '../../src/ports/ports.ts';
import { packageCharts, placeCharts, type UpstreamChart } from '../../src/render/charts.ts';
import { renderEnvironment } from '../../src/render/environment.ts';
import { upstreamCharts } from '../../src/render/needs.ts';
import { writeTree } from '../../src/render/tree.ts';
import type { SandboxHands } from '../../src/sandbox/launch.ts';
import { openSandbox, type OpenSandbox } from '../../src/sandbox/surroundings.ts';
import { cacheRoot, layoutOf } from '../../src/toolchain/layout.ts';
import { openToolchain, type Toolchain } from '../../src/toolchain/toolchain.ts';
import { encryptionConfig } from '../../src/engine/encryption.ts';
import { blueprintOf, BUILDABLE, renderInputs } from './example.ts';
import { fakeInterruption, fakeTerminal } from './fakes.ts';

export interface ToolRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SandboxWorkspace {
  readonly blueprint: Blueprint;
  readonly open: OpenSandbox;
  readonly kubeconfig: string;
  /** Throws with the output when the exit code is not one of `allowed`. */
  run(tool: string, args: readonly string[], options?: RunOptions): Promise<ToolRun>;
  tofu(stack: string, args: readonly string[], allowed?: readonly number[]): Promise<ToolRun>;
  kubectl(...args: readonly string[]): Promise<string>;
  kubectlJson<T>(...args: readonly string[]): Promise<T>;
  /** Namespaces and Secrets, as ffops makes them before releases. */
  deliverSecrets(): Promise<void>;
  inventory(): Promise<readonly { readonly kind: string; readonly name: string; readonly madeBy: string }[]>;
  /** A path of the simulated API, or of what only a sandbox has. */
  api<T>(method: string, path: string, body?: object): Promise<T>;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly stdin?: string;
  readonly allowed?: readonly number[];
}

export function realPorts(): Ports {
  const interruption = Object.assign(fakeInterruption(), {
    pause: () => () => undefined,
  }) as unknown as SignalInterruption;
  return {
    files: realFiles(),
    network: realNetwork(),
    clock: realClock(),
    runner: realRunner(process.env, () => interruption),
    terminal: fakeTerminal(),
    interruption,
    variables: process.env,
  };
}

export async function sandboxHands(ports: Ports): Promise<SandboxHands & { readonly toolchain: Toolchain }> {
  const toolchain = await openToolchain(ports);
  return { ports, toolchain, say: () => undefined, tool: async (name) => (await toolchain.resolveTool(name)).path };
}

export async function openSandboxWorkspace(
  workspace: string,
  environmentText: string,
  name: string,
): Promise<SandboxWorkspace> {
  const ports = realPorts();
  const hands = await sandboxHands(ports);
  const blueprint = await blueprintOf(environmentText, name);
  const localContext = blueprint.cluster?.kind === 'context' ? { localContext: blueprint.cluster.context } : {};
  const open = await openSandbox(hands, { workspace, environment: name, ...localContext });
  const { root } = open.surroundings;
  const folder = join(root, name);
  // Once: what comes back after a restart must find the very files it was applied from.
  if (!existsSync(join(folder, 'stacks'))) {
    await writeTree(ports.files, folder, renderEnvironment(blueprint, await renderInputs(BUILDABLE)));
    await placeCharts(
      ports.files,
      join(root, 'charts'),
      await packageCharts(ports.files),
      await upstream(hands.toolchain, blueprint),
    );
  }
  const home = join(root, 'home');
  mkdirSync(home, { recursive: true });
  const kubeconfig =
    localContext.localContext === undefined ? join(folder, 'kubeconfig') : join(root, 'runtime', 'local.kubeconfig');
  const variables: Record<string, string> = { ...toolVariables(open, root, kubeconfig), HOME: home };

  const run: SandboxWorkspace['run'] = async (tool, args, options = {}) => {
    const program = await hands.tool(tool as Parameters<SandboxHands['tool']>[0]);
    const outcome = await start(program, args, variables, options);
    if ((options.allowed ?? [0]).includes(outcome.exitCode)) return outcome;
    throw new Error(
      `${tool} ${args.join(' ')} ended with ${String(outcome.exitCode)}\n${outcome.stdout}\n${outcome.stderr}`,
    );
  };
  const kubectl: SandboxWorkspace['kubectl'] = async (...args) =>
    (await run('kubectl', ['--kubeconfig', kubeconfig, ...args])).stdout;
  const api = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(`${String(variables['DIGITALOCEAN_API_URL'])}${path}`, {
      method,
      headers: { authorization: `Bearer ${open.keys.digitaloceanToken.reveal()}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${await response.text()}`);
    return (await response.json()) as T;
  };

  return {
    blueprint,
    open,
    kubeconfig,
    run,
    kubectl,
    api,
    tofu: (stack, args, allowed) =>
      run('tofu', args, { cwd: join(folder, 'stacks', stack), ...(allowed === undefined ? {} : { allowed }) }),
    kubectlJson: async (...args) => JSON.parse(await kubectl(...args, '-o', 'json')),
    async deliverSecrets() {
      const objects = [
        ...blueprint.namespaces.map(({ name: namespace }) => ({
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name: namespace },
        })),
        ...blueprint.kubernetesSecrets.map((secret) => secretObject(secret, open)),
      ];
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
      await run('kubectl', ['--kubeconfig', kubeconfig, 'apply', '--server-side', '-f', '-'], { stdin: list });
    },
    inventory: async () =>
      (await api<{ items: { kind: string; name: string; madeBy: string }[] }>('GET', '/_sandbox/inventory')).items,
  };
}

async function upstream(toolchain: Toolchain, blueprint: Blueprint): Promise<readonly UpstreamChart[]> {
  return Promise.all(
    upstreamCharts(blueprint).map(async (name) => {
      const { path, version, digest } = await toolchain.chartArchive(name);
      return { name, version, digest, path, file: `${name}-${version}.tgz` };
    }),
  );
}

function toolVariables({ surroundings, keys }: OpenSandbox, root: string, kubeconfig: string): Record<string, string> {
  const settings = join(root, 'tofu.rc');
  const { mirror } = layoutOf(cacheRoot(process.env));
  writeFileSync(
    settings,
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
  );
  const access = keys.spacesAccessKey.reveal();
  const secret = keys.spacesSecretKey.reveal();
  return {
    PATH: process.env['PATH'] ?? '',
    ...Object.fromEntries(
      Object.entries(surroundings.variables).map(([name, value]) => [
        name,
        value instanceof Secret ? value.reveal() : value,
      ]),
    ),
    ...Object.fromEntries(Object.entries(surroundings.tofuVariables).map(([name, value]) => [`TF_VAR_${name}`, value])),
    TF_VAR_charts_dir: join(root, 'charts'),
    TF_CLI_CONFIG_FILE: settings,
    TF_ENCRYPTION: encryptionConfig(new Secret('a passphrase that is long enough')).reveal(),
    DIGITALOCEAN_TOKEN: keys.digitaloceanToken.reveal(),
    DIGITALOCEAN_ACCESS_TOKEN: keys.digitaloceanToken.reveal(),
    SPACES_ACCESS_KEY_ID: access,
    SPACES_SECRET_ACCESS_KEY: secret,
    AWS_ACCESS_KEY_ID: access,
    AWS_SECRET_ACCESS_KEY: secret,
    KUBECONFIG: kubeconfig,
    KUBE_CONFIG_PATH: kubeconfig,
    RCLONE_CONFIG: join(root, 'rclone.conf'),
    RCLONE_CONFIG_SPACES_TYPE: 's3',
    RCLONE_CONFIG_SPACES_PROVIDER: 'DigitalOcean',
    RCLONE_CONFIG_SPACES_ENDPOINT: String(surroundings.storageUrl),
    RCLONE_CONFIG_SPACES_ACCESS_KEY_ID: access,
    RCLONE_CONFIG_SPACES_SECRET_ACCESS_KEY: secret,
  };
}

function secretObject({ namespace, name, data }: KubernetesSecret, { keys }: OpenSandbox): object {
  const known: Readonly<Record<string, Secret>> = {
    'dns.token': keys.digitaloceanToken,
    'backups.accessKey': keys.spacesAccessKey,
    'backups.secretKey': keys.spacesSecretKey,
  };
  const valueOf = (secret: string): string => known[secret]?.reveal() ?? `value-of-${secret}`;
  const entries = Object.entries(data).map(([key, parts]) => [
    key,
    parts.map((part) => ('text' in part ? part.text : valueOf(part.secret))).join(''),
  ]);
  return { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, stringData: Object.fromEntries(entries) };
}

function start(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
  { cwd, stdin }: RunOptions,
): Promise<ToolRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, cwd: cwd ?? homedir() });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ exitCode: code ?? -1, ...output }));
    child.stdin.end(stdin ?? '');
  });
}
