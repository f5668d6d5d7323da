/** Everything that talks to Kubernetes, pinned to the workspace's own kubeconfig: what the engine is handed. */
import type { Provisioner, Release, Stack } from '../model/blueprint.ts';
import { FailedError } from '../errors.ts';
import type { ClusterPin } from '../tools/kubectl.ts';
import { forgetCluster, openCluster, pinOf, type ClusterHandle } from './access.ts';
import { provisionDatabases, type ProvisionedDatabase } from './databases.ts';
import type { ClusterDeps } from './hands.ts';
import { releaseCloudResources, type CloudLeftovers } from './leftovers.ts';
import { compareObjects, deliverObjects, removeObjects, type Leftover, type ObjectChange } from './objects.ts';
import { releaseDiff, type PlannedRelease, type ReleaseDiff } from './release-diff.ts';
import {
  diagnoseRelease,
  listReleases,
  settleRelease,
  waitUntilReady,
  type DeployedRelease,
  type ReleaseTrouble,
} from './releases.ts';
import { stampWorkloads, type WorkloadRoll } from './workloads.ts';

/** Every method but the first three throws FailedError when there is no cluster to talk to. */
export interface Cluster {
  access(): Promise<ClusterHandle | undefined>;
  forget(): Promise<void>;
  compareObjects(stacks: readonly Stack[]): Promise<readonly ObjectChange[]>;
  /** Where kubectl and helm go. */
  pin(): Promise<ClusterPin>;
  deliver(stack: Stack): Promise<readonly ObjectChange[]>;
  stampWorkloads(stack: Stack): Promise<readonly WorkloadRoll[]>;
  provisionDatabases(provisioner: Provisioner): Promise<readonly ProvisionedDatabase[]>;
  releaseDiff(release: Release, planned: PlannedRelease): Promise<ReleaseDiff>;
  diagnose(release: Release): Promise<ReleaseTrouble | undefined>;
  waitUntilReady(release: Release): Promise<ReleaseTrouble | undefined>;
  releases(): Promise<readonly DeployedRelease[]>;
  settle(pending: DeployedRelease): Promise<string>;
  removeObjects(stack: Stack): Promise<readonly Leftover[]>;
  releaseCloudResources(loseData: ReadonlySet<string>): Promise<CloudLeftovers>;
}

export function clusterHands(deps: ClusterDeps): Cluster {
  let opened: Promise<ClusterHandle | undefined> | undefined;
  const inTurn = lanes(2);

  async function access(): Promise<ClusterHandle | undefined> {
    const handle = await (opened ??= openCluster(deps));
    // It may come into being later in the same run.
    if (handle === undefined) opened = undefined;
    return handle;
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
    compareObjects: async (stacks) => {
      const handle = await access();
      return compareObjects(deps, handle === undefined ? undefined : pinOf(handle, deps.folder), stacks);
    },
    deliver: async (stack) => deliverObjects(deps, await pin(), stack),
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
