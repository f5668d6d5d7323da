/** The environment's cluster, as the engine asks for it: src/cluster answers, the engine's tests hand over fakes. */
import type { Database, Provisioner, Release, Stack } from '../model/blueprint.ts';
import type { Origin } from '../model/origin.ts';

/** Everything that talks to Kubernetes, always with the workspace's own kubeconfig and its recorded identity. */
export interface ClusterHands {
  /**
   * The kubeconfig to use (KUBECONFIG and the like for tofu's providers); undefined when the cluster does not exist
   * yet. Throws UserError when the cluster is not the one that was recorded. Cheap the second time.
   */
  access(): Promise<ClusterHandle | undefined>;
  /** Forgets kubeconfig and recorded identity: the cluster has been destroyed or replaced. */
  forget(): Promise<void>;
  /**
   * Throws LockedError while somebody restores into it, from whatever machine. Quiet when there is no cluster, or when it
   * does not say: what is wrong with it then, other steps tell.
   */
  refuseWhileRestored(): Promise<void>;
  /** What `deliver` would do, for all these stacks at once; with no cluster everything is a create. */
  compareObjects(stacks: readonly Stack[]): Promise<readonly ObjectChange[]>;
  /** Namespaces, then Secrets of one stack, by server-side apply through stdin. Unchanged ones are left alone. */
  deliver(stack: Stack): Promise<readonly ObjectChange[]>;
  /** After the releases: removes what was delivered for this stack and is not wanted any more, unless kept data needs it. */
  prune(stack: Stack): Promise<void>;
  /** After the releases: stamps the keyed HMAC of the Secrets each release reads on its pod templates, which rolls it. */
  stampWorkloads(stack: Stack): Promise<readonly WorkloadRoll[]>;
  /**
   * Makes the databases and roles of one engine where they are missing, and gives roles their passwords; drops nothing.
   * Throws FailedError when one of them could not be made or opened.
   */
  provisionDatabases(provisioner: Provisioner): Promise<readonly ProvisionedDatabase[]>;
  /** The objects inside a changed release, new against deployed, Secret data masked. Empty text: nothing changes. */
  releaseDiff(release: Release, planned: PlannedRelease): Promise<ReleaseDiff>;
  /** Why a release is not ready: which pod, which event, which log line. Undefined when it is ready. */
  diagnose(release: Release): Promise<ReleaseTrouble | undefined>;
  /** Waits until the workloads are ready or the release's time is over; the trouble then, undefined when ready. */
  waitUntilReady(release: Release): Promise<ReleaseTrouble | undefined>;
  /** Every Helm release of the cluster, whatever its status (`helm list --all --all-namespaces`). */
  releases(): Promise<readonly DeployedRelease[]>;
  /** Rolls back to the last good revision, or removes the release when there is none. Returns what it did, for people. */
  settle(pending: DeployedRelease): Promise<string>;
  /** Removes what `deliver` made for this stack; a namespace that still has volumes stays and is returned. */
  removeObjects(stack: Pick<Stack, 'name'>): Promise<readonly Leftover[]>;
  /**
   * What Kubernetes made in the cloud and the state never knew. Removes load balancers and the volumes in `loseData`
   * (names as in `holdsData.name`; volumes that hold no data always go); what stays is returned with its reason.
   */
  releaseCloudResources(loseData: ReadonlySet<string>): Promise<CloudLeftovers>;
  /**
   * The volumes that the releases of one stack left when they went, while the cluster stays: those in `loseData` go, and
   * those that hold no data; what stays is returned with its reason.
   */
  releaseVolumes(stack: Stack, loseData: ReadonlySet<string>): Promise<CloudLeftovers>;
  /** What earlier runs left when releases went: their stacks may have left the environment since. */
  keptVolumes(): Promise<readonly KeptVolume[]>;
  /** Removes these for good; what could not go yet is returned as kept, with the reason. */
  loseVolumes(volumes: readonly KeptVolume[]): Promise<CloudLeftovers>;
  /** Undefined where this environment makes no backups, or what makes them is not installed (any more). */
  backups(): Promise<BackupsState | undefined>;
  /** Makes a backup as the schedule does and waits until it is over. Throws FailedError when nothing came of it. */
  createBackup(): Promise<BackupState>;
}

export interface ClusterHandle {
  readonly kubeconfig: string;
  readonly context: string;
  /** Variables for tofu's helm provider, helm and kubectl: KUBECONFIG, KUBE_CONFIG_PATH, KUBE_CTX, KUBECACHEDIR. */
  readonly variables: Readonly<Record<string, string>>;
  /** When the kubeconfig stops working by itself; it is renewed long before, within one run too. */
  readonly expiresAt?: string;
}

export interface ObjectChange {
  readonly stack: string;
  readonly kind: 'Namespace' | 'Secret';
  readonly namespace: string;
  readonly name: string;
  readonly action: 'create' | 'update' | 'delete';
  readonly origin: Origin;
  /** Releases whose workloads restart because of it. */
  readonly rolls: readonly string[];
  /** Of an update: what is there is not what ffops wrote last. */
  readonly byHand?: true;
}

export interface ProvisionedDatabase {
  readonly engine: Database['engine'];
  readonly name: string;
  readonly owner: string;
  /** Empty: everything was there. In the sandbox the Job goes through and no process runs; a log may be lost elsewhere. */
  readonly did: readonly DatabaseChange[] | 'nothing-ran' | 'unheard';
}

/** What the Job says it did to a database or its role, in its own words. */
export const databaseChanges = [
  'role-created',
  'login-allowed',
  'password-changed',
  'database-created',
  'owner-changed',
  'rights-granted',
] as const;
export type DatabaseChange = (typeof databaseChanges)[number];

export interface WorkloadRoll {
  readonly namespace: string;
  /** `deployment/traefik` */
  readonly workload: string;
}

/** A release as the plan of its stack has it. */
export interface PlannedRelease {
  /** The folder of the module, which `chart` is relative to. */
  readonly folder: string;
  readonly chart: string;
  /** Whole YAML documents, later ones win. */
  readonly values: readonly string[];
}

export interface ReleaseDiff {
  readonly release: string;
  readonly namespace: string;
  readonly text: string;
}

export interface ReleaseTrouble {
  readonly release: string;
  readonly namespace: string;
  /** Lines for people: the pod, its event, its last log line. */
  readonly lines: readonly string[];
}

export interface DeployedRelease {
  readonly release: string;
  readonly namespace: string;
  /** Helm's word: `deployed`, `failed`, `pending-install`, `pending-upgrade`, `pending-rollback`, `uninstalling`. */
  readonly status: string;
  readonly revision: number;
  readonly updated: string;
  /** `traefik-41.6.0` */
  readonly chart: string;
  readonly appVersion: string;
}

export interface Leftover {
  readonly kind: string;
  readonly name: string;
  readonly reason: string;
  /** What `--allow-data-loss` calls the data in it. */
  readonly data?: string;
}

/** A claim in the cluster that outlived its release. */
export interface KeptVolume {
  readonly stack: string;
  readonly namespace: string;
  readonly claim: string;
  /** The volume behind it, when it has one. */
  readonly volume?: string;
  /** The name is what `--allow-data-loss` wants. */
  readonly data: { readonly name: string; readonly what: string };
  /** The command that does it. */
  readonly deletedBy: string;
}

export interface CloudLeftovers {
  readonly removed: readonly Leftover[];
  readonly kept: readonly Leftover[];
}

export interface BackupState {
  readonly name: string;
  readonly phase: string;
  readonly startedAt: string;
  readonly ageHours: number;
}

export interface BackupsState {
  /** The newest of all, whatever became of it. */
  readonly newest?: BackupState;
  /** The newest that can be restored from. */
  readonly newestGood?: BackupState;
}
