/** Everything that talks to Kubernetes, pinned to the workspace's own kubeconfig: what the engine is handed. */
import { FailedError, LockedError } from '../errors.ts';
import type { ClusterHandle, ClusterHands } from '../ports/cluster.ts';
import type { ClusterPin, KubeObject } from '../tools/kubectl.ts';
import { endsSoon, forgetCluster, openCluster, pinOf } from './access.ts';
import { createBackup, readBackups } from './backups.ts';
import { provisionDatabases } from './databases.ts';
import type { ClusterDeps } from './hands.ts';
import { refuseWhileRestored } from './lease.ts';
import { listKeptVolumes, loseVolumes, releaseCloudResources, releaseVolumes } from './leftovers.ts';
import { compareObjects, deliverObjects, liveSecrets, removeObjects } from './objects.ts';
import { pruneSecrets, unwantedSecrets } from './prune.ts';
import { releaseDiff } from './release-diff.ts';
import { diagnoseRelease, listReleases, settleRelease, waitUntilReady } from './releases.ts';
import { stampWorkloads } from './workloads.ts';

/** Every method but `access`, `forget`, `refuseWhileRestored`, `compareObjects` and `backups` throws FailedError when there is no cluster to talk to. */
export interface Cluster extends ClusterHands {
  /** Where kubectl and helm go. */
  pin(): Promise<ClusterPin>;
}

export function clusterHands(deps: ClusterDeps): Cluster {
  let opened: Promise<ClusterHandle | undefined> | undefined;
  const inTurn = lanes(2);

  async function access(): Promise<ClusterHandle | undefined> {
    const current = (opened ??= openCluster(deps));
    let handle: ClusterHandle | undefined;
    try {
      handle = await current;
    } finally {
      // It may come into being later in the same run, or answer.
      if (handle === undefined && opened === current) opened = undefined;
    }
    if (handle?.expiresAt === undefined || !endsSoon(deps.clock, handle.expiresAt)) return handle;
    if (opened === current) opened = openCluster(deps);
    return opened;
  }

  async function pin(): Promise<ClusterPin> {
    const handle = await access();
    if (handle !== undefined) return pinOf(handle, deps.folder);
    throw new FailedError('cluster.missing', {
      message: `${deps.blueprint.environment} has no cluster yet.`,
      hints: [`\`ffops apply -e ${deps.blueprint.environment}\` makes it.`],
    });
  }

  return {
    access,
    pin,
    forget: async () => {
      opened = undefined;
      await forgetCluster(deps);
    },
    refuseWhileRestored: async () => {
      try {
        const handle = await access();
        if (handle !== undefined) await refuseWhileRestored(deps, pinOf(handle, deps.folder));
      } catch (error) {
        if (error instanceof LockedError) throw error;
      }
    },
    compareObjects: async (stacks) => {
      const handle = await access();
      if (handle === undefined) return compareObjects(deps, undefined, stacks);
      const where = pinOf(handle, deps.folder);
      let found: Promise<readonly KubeObject[]> | undefined;
      const secrets = () => (found ??= liveSecrets(deps, where));
      const [delivered, unwanted] = await Promise.all([
        compareObjects(deps, where, stacks, secrets),
        unwantedSecrets(deps, where, stacks, secrets),
      ]);
      return [...delivered, ...unwanted];
    },
    deliver: async (stack) => deliverObjects(deps, await pin(), stack),
    prune: async (stack) => pruneSecrets(deps, await pin(), stack),
    stampWorkloads: async (stack) => stampWorkloads(deps, await pin(), stack),
    provisionDatabases: async (provisioner) => provisionDatabases(deps, await pin(), provisioner),
    releaseDiff: async (release, planned) => {
      const where = await pin();
      return inTurn(() => releaseDiff(deps, where, release, planned));
    },
    diagnose: async (release) => diagnoseRelease(deps, await pin(), release),
    waitUntilReady: async (release) => waitUntilReady(deps, await pin(), release),
    releases: async () => listReleases(deps, await pin()),
    settle: async (pending) => settleRelease(deps, await pin(), pending),
    removeObjects: async (stack) => removeObjects(deps, await pin(), stack),
    releaseCloudResources: async (loseData) => releaseCloudResources(deps, await pin(), loseData),
    releaseVolumes: async (stack, loseData) => releaseVolumes(deps, await pin(), stack, loseData),
    keptVolumes: async () => listKeptVolumes(deps, await pin()),
    loseVolumes: async (volumes) => loseVolumes(deps, await pin(), volumes),
    backups: async () => {
      const handle = await access();
      return handle && readBackups(deps, pinOf(handle, deps.folder));
    },
    createBackup: async () => createBackup(deps, await pin()),
  };
}

/** Helm takes a few hundred megabytes per run: no more than so many at a time. */
function lanes(count: number): <Value>(work: () => Promise<Value>) => Promise<Value> {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (work) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
