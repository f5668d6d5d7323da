/** What `--sandbox` means to every other command: another folder, other endpoints, keys that are worth nothing elsewhere. */
import { join } from 'node:path';
import { FailedError } from '../errors.ts';
import { Secret } from '../model/secret.ts';
import type { Surroundings } from '../model/surroundings.ts';
import type { Ports } from '../ports/ports.ts';
import { ADVERTISED } from './kubernetes/advertised.ts';
import { sandboxKeys } from './keys.ts';
import { launchSandbox, type SandboxHands } from './launch.ts';
import { sandboxLayout } from './layout.ts';
import { daemonFile, sandboxStatus, type DaemonFile, type SandboxStatus } from './status.ts';

export interface SandboxWish {
  /** Folder of ffops.yaml, absolute. */
  readonly workspace: string;
  readonly environment: string;
  /** For environments whose cluster is a context that the user owns: one of that name is made. */
  readonly localContext?: string;
}

export interface OpenSandbox {
  readonly surroundings: Surroundings;
  /** What the simulated cloud lets in. */
  readonly keys: {
    readonly digitaloceanToken: Secret;
    readonly spacesAccessKey: Secret;
    readonly spacesSecretKey: Secret;
  };
}

/** Where cert-manager is told to ask. Nobody does: its pods have no process here. */
const ACME_SERVER = 'https://acme.sandbox.invalid/directory';
/** The provider fills in the region and puts the bucket in front; the Spaces front answers as the proxy for such names. */
const SPACES_HOST = 'http://{{.Region}}.spaces.invalid';
const LOCAL_CLUSTER_WITHIN_MS = 120_000;
const ANSWER_WITHIN_MS = 5_000;

/** Starts the sandbox when it does not run, and says so. Throws FailedError when it cannot. */
export async function openSandbox(hands: SandboxHands, wish: SandboxWish): Promise<OpenSandbox> {
  const layout = sandboxLayout(wish.workspace);
  const { files } = hands.ports;
  const status =
    (await runningStatus(hands.ports, wish.workspace)) ?? (await launchSandbox(hands, wish.workspace)).status;
  if (wish.localContext !== undefined && !status.localContexts.includes(wish.localContext)) {
    hands.say(`making the local cluster ${wish.localContext}`);
    await makeLocalCluster(hands.ports, wish.workspace, wish.localContext);
  }
  const keys = sandboxKeys.parse(JSON.parse((await files.read(layout.keysFile)) ?? ''));
  const podsRun = status.nodes === 'real' && wish.localContext === undefined;
  /** As pods find it, and Velero, who is played out here where there are none. */
  const podsStorage = podsRun ? insideUrl(status.spacesUrl) : status.spacesUrl;
  return {
    surroundings: {
      kind: 'sandbox',
      podsRun,
      root: layout.root,
      secretsFile: join(layout.root, 'secrets', `${wish.environment}.sops.yaml`),
      ageKeyFile: layout.ageKeyFile,
      variables: {
        ...variablesOf(status),
        ...(wish.localContext === undefined ? {} : { KUBECONFIG: layout.localKubeconfig }),
      },
      storageUrl: status.spacesUrl,
      tofuVariables: {
        velero_s3_url: podsStorage,
        dumps_s3_url: podsStorage,
        acme_server: ACME_SERVER,
      },
    },
    keys: {
      digitaloceanToken: new Secret(keys.digitaloceanToken),
      spacesAccessKey: new Secret(keys.spaces.accessKey),
      spacesSecretKey: new Secret(keys.spaces.secretKey),
    },
  };
}

/** Where pods of real nodes find it: this machine's loopback is not theirs. */
function insideUrl(spacesUrl: string): string {
  return `http://${ADVERTISED}:${new URL(spacesUrl).port}`;
}

function variablesOf({ digitaloceanUrl, spacesUrl }: SandboxStatus): Readonly<Record<string, string>> {
  return {
    DIGITALOCEAN_API_URL: digitaloceanUrl,
    SPACES_ENDPOINT_URL: SPACES_HOST,
    AWS_ENDPOINT_URL_S3: spacesUrl,
    // Plain HTTP to any name but loopback goes to the Spaces front, which refuses all but Spaces.
    HTTP_PROXY: spacesUrl,
    http_proxy: spacesUrl,
    // A proxy of the user's own is no way out of the sandbox.
    HTTPS_PROXY: '',
    https_proxy: '',
    ALL_PROXY: '',
    all_proxy: '',
    NO_PROXY: '',
    no_proxy: '',
  };
}

/** Without starting a program: every command with `--sandbox` asks. Undefined when it does not run. */
async function runningStatus(
  ports: Pick<Ports, 'files' | 'network'>,
  workspace: string,
): Promise<SandboxStatus | undefined> {
  const daemon = await findDaemon(ports, workspace);
  if (daemon === undefined) return undefined;
  try {
    const response = await ask(ports, daemon, 'GET', '/status', undefined, ANSWER_WITHIN_MS);
    const status = sandboxStatus.parse(JSON.parse(new TextDecoder().decode(response)));
    return status.ready ? status : undefined;
  } catch (error) {
    if (error instanceof FailedError) return undefined;
    throw error;
  }
}

async function makeLocalCluster(
  ports: Pick<Ports, 'files' | 'network'>,
  workspace: string,
  context: string,
): Promise<void> {
  const daemon = await findDaemon(ports, workspace);
  if (daemon === undefined)
    throw new FailedError('sandbox.gone', {
      message: 'The sandbox stopped meanwhile.',
      hints: ['Run the command again.'],
    });
  await ask(ports, daemon, 'POST', '/local-clusters', JSON.stringify({ context }), LOCAL_CLUSTER_WITHIN_MS);
}

async function findDaemon({ files }: Pick<Ports, 'files'>, workspace: string): Promise<DaemonFile | undefined> {
  const content = await files.read(sandboxLayout(workspace).daemonFile);
  return content === undefined ? undefined : daemonFile.parse(JSON.parse(content));
}

async function ask(
  { network }: Pick<Ports, 'network'>,
  daemon: DaemonFile,
  method: 'GET' | 'POST',
  path: string,
  body: string | undefined,
  timeoutMs: number,
): Promise<Uint8Array> {
  const response = await network.request({
    method,
    url: daemon.controlUrl + path,
    headers: { authorization: new Secret(`Bearer ${daemon.key}`) },
    ...(body === undefined ? {} : { body }),
    timeoutMs,
  });
  if (response.status < 300) return response.body;
  throw new FailedError('sandbox.refused', {
    message: `The sandbox answers ${String(response.status)} to ${path}: ${new TextDecoder().decode(response.body)}`,
    hints: ['Its logs are in .ffops/sandbox/runtime/logs.'],
  });
}
