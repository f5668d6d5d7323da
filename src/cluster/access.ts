/** The workspace's own kubeconfig: from doctl, or copied from the user's context; never written back to the user's. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { FailedError, UserError } from '../errors.ts';
import type { ClusterAccess, Stack } from '../model/blueprint.ts';
import type { Secret } from '../model/secret.ts';
import type { ClusterHandle } from '../ports/cluster.ts';
import { toolFailed } from '../tools/call.ts';
import * as doctl from '../tools/doctl.ts';
import * as kubectl from '../tools/kubectl.ts';
import type { ClusterDeps } from './hands.ts';
import { readRecord, refuseAnother, writeRecord, type ClusterRecord } from './identity.ts';
import { readKubeconfig, type Kubeconfig } from './kubeconfig.ts';

/** Long enough for one apply; a lost laptop's copy is worthless soon after. */
const lifetimeSeconds = 4 * 3600;
const renewBeforeSeconds = 2 * 3600;

export interface ClusterPaths {
  readonly kubeconfig: string;
  readonly record: string;
  readonly cache: string;
  readonly doctl: string;
}

export function pathsOf(folder: string): ClusterPaths {
  return {
    kubeconfig: join(folder, 'kubeconfig'),
    record: join(folder, 'cluster.json'),
    cache: join(folder, 'cache', 'kubernetes'),
    doctl: join(folder, 'cache', 'doctl'),
  };
}

export function pinOf(handle: ClusterHandle, folder: string): kubectl.ClusterPin {
  return { kubeconfig: handle.kubeconfig, context: handle.context, cacheFolder: pathsOf(folder).cache };
}

/** Either ends by itself, or is a copy of something. */
type Obtained = { readonly config: Kubeconfig } & Pick<ClusterRecord, 'expiresAt' | 'source'>;

/**
 * Undefined when the cluster does not exist yet. Throws FailedError when it does not answer or is not the one that was
 * recorded, UserError when the user's context is not there.
 */
export async function openCluster(deps: ClusterDeps): Promise<ClusterHandle | undefined> {
  const access = deps.blueprint.cluster;
  if (access === undefined) return undefined;
  const paths = pathsOf(deps.folder);
  const recorded = await readRecord(deps.files, paths.record);

  const kept = recorded && (await keptKubeconfig(deps, access, paths, recorded));
  if (recorded && kept) {
    const found = await ask(deps, paths, kept);
    // It may have been destroyed, or its credentials revoked: only where it comes from knows.
    if ('record' in found) return settle(deps, paths, recorded, found.record, kept);
  }

  const fresh = await obtain(deps, access, paths);
  if (fresh === undefined) return undefined;
  const found = await ask(deps, paths, fresh);
  if ('trouble' in found) throw found.trouble;
  return settle(deps, paths, recorded, found.record, fresh);
}

async function settle(
  deps: ClusterDeps,
  paths: ClusterPaths,
  recorded: ClusterRecord | undefined,
  found: ClusterRecord,
  obtained: Obtained,
): Promise<ClusterHandle> {
  if (recorded !== undefined) refuseAnother(deps.blueprint.environment, paths.record, recorded, found);
  if (recorded === undefined || recorded.expiresAt !== found.expiresAt || recorded.source !== found.source) {
    await writeRecord(deps.files, paths.record, found);
  }
  return {
    kubeconfig: paths.kubeconfig,
    context: obtained.config.context,
    variables: {
      KUBECONFIG: paths.kubeconfig,
      KUBE_CONFIG_PATH: paths.kubeconfig,
      KUBE_CTX: obtained.config.context,
      // The provider would remember what a cluster has in the user's home.
      KUBECACHEDIR: paths.cache,
    },
    ...(obtained.expiresAt === undefined ? {} : { expiresAt: obtained.expiresAt }),
  };
}

async function keptKubeconfig(
  deps: ClusterDeps,
  access: ClusterAccess,
  paths: ClusterPaths,
  recorded: ClusterRecord,
): Promise<Obtained | undefined> {
  const { expiresAt, source } = recorded;
  const good =
    access.kind === 'doctl'
      ? expiresAt !== undefined && !endsSoon(deps.clock, expiresAt)
      : source !== undefined && source === (await sourceOf(deps, access.context));
  if (!good) return undefined;
  const config = readKubeconfig((await deps.files.read(paths.kubeconfig)) ?? '');
  return config && { config, ...(access.kind === 'doctl' ? { expiresAt } : { source }) };
}

/** What begins now may take hours. */
export function endsSoon(clock: ClusterDeps['clock'], expiresAt: string): boolean {
  return !(Date.parse(expiresAt) - clock.now().getTime() > renewBeforeSeconds * 1000);
}

async function obtain(deps: ClusterDeps, access: ClusterAccess, paths: ClusterPaths): Promise<Obtained | undefined> {
  return access.kind === 'doctl' ? fromDoctl(deps, access, paths) : fromContext(deps, access.context, paths);
}

const absentStates = new Set(['provisioning', 'deleted', 'deleting']);

async function fromDoctl(
  deps: ClusterDeps,
  access: Extract<ClusterAccess, { kind: 'doctl' }>,
  paths: ClusterPaths,
): Promise<Obtained | undefined> {
  const cloud: doctl.DoctlAccess = {
    token: await tokenOf(deps, access.stack),
    folder: paths.doctl,
    variables: deps.surroundings.variables,
  };
  await deps.files.makeFolder(paths.doctl);
  const listed = await deps.run('doctl', doctl.listClusters(cloud));
  if (listed.exitCode !== 0) {
    throw toolFailed(
      'cloud.unreachable',
      'The clusters of DigitalOcean cannot be listed',
      { ...listed, stderr: doctl.parseErrors(listed.stdout) ?? listed.stderr },
      ['`ffops doctor` checks the token and the connection.'],
    );
  }
  const cluster = doctl.parseClusters(listed.stdout).find((candidate) => candidate.name === access.name);
  if (cluster === undefined || absentStates.has(cluster.status.state)) return undefined;

  const expiresAt = new Date(deps.clock.now().getTime() + lifetimeSeconds * 1000).toISOString();
  const shown = await deps.run('doctl', doctl.showKubeconfig(cloud, cluster.id, lifetimeSeconds));
  const config = shown.exitCode === 0 ? readKubeconfig(shown.stdout) : undefined;
  if (config === undefined) {
    throw toolFailed('cluster.noKubeconfig', `doctl gave no kubeconfig of ${access.name}`, {
      ...shown,
      stderr: doctl.parseErrors(shown.stdout) ?? shown.stderr,
    });
  }
  await deps.files.write(paths.kubeconfig, shown.stdout, { mode: 0o600 });
  return { config, expiresAt };
}

/** The stack that makes the cluster has the cloud's token among its credentials. */
async function tokenOf(deps: ClusterDeps, stackName: string): Promise<Secret> {
  const stack = deps.blueprint.stacks.find((candidate: Stack) => candidate.name === stackName);
  const name = stack?.credentials['DIGITALOCEAN_TOKEN'];
  if (name !== undefined) return deps.secrets.get(name);
  throw new FailedError('cluster.noCredentials', {
    message: `The stack ${stackName} makes the cluster and names no DIGITALOCEAN_TOKEN.`,
  });
}

/** Where kubectl finds the user's contexts. */
function ownVariables({ variables, surroundings }: ClusterDeps): ClusterDeps['variables'] {
  const { KUBECONFIG } = surroundings.variables;
  return typeof KUBECONFIG === 'string' ? { ...variables, KUBECONFIG } : variables;
}

/** A local cluster comes back with another port or other certificates, and its context says so. */
async function sourceOf(deps: ClusterDeps, context: string): Promise<string> {
  const texts = await Promise.all(
    kubectl.kubeconfigFiles(ownVariables(deps)).map(async (path) => (await deps.files.read(path)) ?? ''),
  );
  return createHash('sha256')
    .update([context, ...texts].join('\0'))
    .digest('hex');
}

async function fromContext(deps: ClusterDeps, context: string, paths: ClusterPaths): Promise<Obtained> {
  // Before the copy: what changes in between is copied again the next time.
  const source = await sourceOf(deps, context);
  const own = ownVariables(deps)['KUBECONFIG'];
  const call = kubectl.viewContext(context);
  const viewed = await deps.run('kubectl', { ...call, env: { ...call.env, KUBECONFIG: own } });
  const config = viewed.exitCode === 0 ? readKubeconfig(viewed.stdout) : undefined;
  if (config === undefined) {
    throw new UserError('cluster.noContext', {
      message: `Your kubeconfig has no context "${context}".`,
      hints: [
        'Start the local cluster (`minikube start`), or choose another one: `cluster.context`.',
        '`kubectl config get-contexts` lists what there is.',
      ],
    });
  }
  await deps.files.write(paths.kubeconfig, viewed.stdout, { mode: 0o600 });
  return { config, source };
}

/** Asks the cluster who it is. */
async function ask(
  deps: ClusterDeps,
  paths: ClusterPaths,
  { config, ...validity }: Obtained,
): Promise<{ readonly record: ClusterRecord } | { readonly trouble: FailedError }> {
  const pin = { kubeconfig: paths.kubeconfig, context: config.context, cacheFolder: paths.cache };
  const asked = await deps.run('kubectl', kubectl.getNamespace(pin, 'kube-system'));
  if (asked.exitCode !== 0) {
    const hint = `See whether it runs: \`ffops doctor\` asks again.`;
    return {
      trouble: toolFailed('cluster.unreachable', `The cluster at ${config.server} does not answer`, asked, [hint]),
    };
  }
  const uid = kubectl.parseObjects(asked.stdout)[0]?.metadata.uid ?? '';
  return { record: { uid, authority: config.authority, server: config.server, ...validity } };
}

export async function forgetCluster(deps: ClusterDeps): Promise<void> {
  const paths = pathsOf(deps.folder);
  await deps.files.remove(paths.kubeconfig);
  await deps.files.remove(paths.record);
}
