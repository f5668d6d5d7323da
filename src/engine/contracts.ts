/**
 * What the engine needs and does not do itself: secrets, the cluster, the cloud's inventory. Each is implemented
 * elsewhere and handed over in a `Target`; the engine's tests hand over fakes.
 */
import type { Origin } from '../model/origin.ts';
import type { Blueprint, Database, Provisioner, Release, Stack, StackResource } from '../model/blueprint.ts';
import type { Secret } from '../model/secret.ts';
import type { Surroundings } from '../model/surroundings.ts';

/** An environment the engine works on, with the hands it works with. Composed in src/cli/compose.ts. */
export interface Target {
  readonly blueprint: Blueprint;
  readonly surroundings: Surroundings;
  /** Folder of ffops.yaml, absolute; `surroundings.root` is below it. */
  readonly workspace: string;
  readonly operator: Operator;
  readonly machine: Machine;
  /** The file of a tool; resolved once per run, without starting it. Throws ToolMissingError. */
  tool(name: 'tofu' | 'helm' | 'kubectl' | 'doctl' | 'git'): Promise<string>;
  /** A filesystem mirror of providers, when the toolchain made one; downloads otherwise. */
  readonly providerMirror: string | undefined;
  readonly secrets: SecretReader;
  readonly cluster: ClusterHands;
  readonly cloud: CloudHands;
  /** Writes the stacks where they differ from the environment; returns the files it wrote, relative to the workspace. */
  render(): Promise<readonly string[]>;
}

/** Who runs this, as OpenTofu's locks name them. */
export interface Operator {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
}

export interface Machine {
  readonly cores: number;
  readonly freeMemoryBytes: number;
}

export interface SecretReader {
  /** Throws UserError with the command that supplies it when the secret has no value. */
  get(name: string): Promise<Secret>;
}

/** Everything that talks to Kubernetes, always with the workspace's own kubeconfig and its recorded identity. */
export interface ClusterHands {
  /**
   * The kubeconfig to use (KUBECONFIG and the like for tofu's providers); undefined when the cluster does not exist
   * yet. Throws UserError when the cluster is not the one that was recorded. Cheap the second time.
   */
  access(): Promise<ClusterHandle | undefined>;
  /** Forgets kubeconfig and recorded identity: the cluster has been destroyed or replaced. */
  forget(): Promise<void>;
  /** What `deliver` would do, for all these stacks at once; with no cluster everything is a create. */
  compareObjects(stacks: readonly Stack[]): Promise<readonly ObjectChange[]>;
  /** Namespaces, then Secrets of one stack, by server-side apply through stdin. Unchanged ones are left alone. */
  deliver(stack: Stack): Promise<readonly ObjectChange[]>;
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
  removeObjects(stack: Stack): Promise<readonly Leftover[]>;
  /**
   * What Kubernetes made in the cloud and the state never knew. Removes load balancers and the volumes in `loseData`
   * (names as in `holdsData.name`; volumes that hold no data always go); what stays is returned with its reason.
   */
  releaseCloudResources(loseData: ReadonlySet<string>): Promise<CloudLeftovers>;
}

export interface ClusterHandle {
  readonly kubeconfig: string;
  readonly context: string;
  /** Variables for tofu's helm provider, helm and kubectl: KUBECONFIG, KUBE_CONFIG_PATH, KUBE_CTX. */
  readonly variables: Readonly<Record<string, string>>;
}

export interface CloudHands {
  /** Everything of this environment that exists in the cloud; empty on platforms without one. */
  inventory(): Promise<readonly CloudItem[]>;
  /** For resources about to be created: those that exist already, by their `adoption` name. */
  adoptable(resources: readonly StackResource[]): Promise<readonly AdoptionCandidate[]>;
  /** A volume whose cluster is gone, by its id. Throws FailedError when the cloud refuses. */
  removeVolume(id: string): Promise<void>;
  /** Makes the state bucket when it is missing (sandbox), or throws UserError naming `ffops env bootstrap`. */
  stateBucketMissing(): Promise<void>;
}

export interface ObjectChange {
  readonly stack: string;
  readonly kind: 'Namespace' | 'Secret';
  readonly namespace: string;
  readonly name: string;
  readonly action: 'create' | 'update';
  readonly origin: Origin;
  /** Releases whose workloads restart because of it. */
  readonly rolls: readonly string[];
}

export interface ProvisionedDatabase {
  readonly engine: Database['engine'];
  readonly name: string;
  readonly owner: string;
  /** Empty: everything was there. In the sandbox the Job goes through and no process runs; a log may be lost elsewhere. */
  readonly did: readonly DatabaseChange[] | 'nothing-ran' | 'unheard';
}

export type DatabaseChange =
  'role-created' | 'login-allowed' | 'password-changed' | 'database-created' | 'owner-changed' | 'rights-granted';

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
}

export interface Leftover {
  readonly kind: string;
  readonly name: string;
  readonly reason: string;
  /** What `--allow-data-loss` calls the data in it. */
  readonly data?: string;
}

export interface CloudLeftovers {
  readonly removed: readonly Leftover[];
  readonly kept: readonly Leftover[];
}

export interface CloudItem {
  /** `cluster`, `volume`, `load balancer`, `domain`, `bucket`, `vpc`, `project`, … */
  readonly kind: string;
  readonly id: string;
  readonly name: string;
}

export interface AdoptionCandidate {
  readonly address: string;
  /** What `tofu import` wants. */
  readonly id: string;
  /** `--adopt` wants `kind/name`. */
  readonly name: string;
  readonly kind: string;
}
