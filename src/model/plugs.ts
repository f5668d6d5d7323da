/**
 * What a platform and a catalogue entry are, beyond what loading an environment needs: how each contributes to the
 * blueprint. Everything here is pure.
 */
import type {
  BackupSchedule,
  BackupStorage,
  Bucket,
  ClusterAccess,
  Database,
  Host,
  Json,
  KubernetesSecret,
  Provisioner,
  Release,
  SecretWant,
  Stack,
  StackVariable,
  StateBackend,
  Volume,
  Zone,
} from './blueprint.ts';
import type { Environment } from './environment.ts';
import type { Origin, Origins } from './origin.ts';
import type { EntryRules, EnvironmentContext, PlatformRules } from './registry.ts';
import type { UpgradePath } from './upgrades.ts';
import type { WafExclusion } from './waf-exclusion.ts';

/** The registry with everything in it; what loading needs is a part of it. */
export interface Catalogue {
  readonly platforms: ReadonlyMap<string, Platform>;
  readonly entries: ReadonlyMap<string, CatalogueEntry>;
}

export interface Platform extends PlatformRules {
  /** The first file of an environment here, about ten lines of YAML: what a person has to decide. */
  starter(rootDomain: string): string;
  /** What systems and apps may count on here. */
  offer(environment: Environment): PlatformOffer;
  /** The stacks that the platform itself brings and that everything else stands on. */
  foundation(request: FoundationRequest): Foundation;
}

/** What differs for systems and apps from one platform to the next; nothing in the catalogue names a platform. */
export interface PlatformOffer {
  /** Where ffops' own state lives decides nothing here: this is the storage class of volumes, the cluster's default when absent. */
  readonly storageClass?: string;
  readonly ingress: {
    /** Annotations of the Service that the ingress controller is reached by. */
    readonly serviceAnnotations: Readonly<Record<string, string>>;
    /** True when the load balancer in front speaks the PROXY protocol, so that the client's address survives. */
    readonly proxyProtocol: boolean;
  };
  /** Absent where there is none. */
  readonly objectStorage?: ObjectStorage;
  /** Below the workspace, for what would go to object storage: only where the cluster runs on this machine. */
  readonly dataFolder?: string;
}

export interface ObjectStorage {
  readonly region: string;
  readonly endpoint: string;
  /** Where a person makes a key that opens one bucket and nothing else. */
  keyHelp(bucket: string): string;
}

export interface FoundationRequest {
  readonly environment: Environment;
  readonly origins: Origins;
  readonly context: EnvironmentContext;
  readonly buckets: readonly BucketWant[];
}

export interface Foundation {
  readonly state: StateBackend;
  /** Absent on platforms without Kubernetes, whose stacks are of another kind. */
  readonly cluster?: ClusterAccess;
  readonly stacks: readonly Stack[];
  readonly secrets: readonly SecretWant[];
  readonly buckets: readonly Bucket[];
  readonly zone?: Zone;
  /** The stack after which releases can be installed; absent when the cluster is there already. */
  readonly clusterStack?: string;
}

export interface BucketWant {
  readonly name: string;
  readonly purpose: string;
  /** Keeps what was overwritten or deleted for this many days; absent: not versioned. */
  readonly keepVersionsDays?: number;
  readonly origin: Origin;
}

/** Where the releases of an entry go; every app has a stack and a namespace of its own. */
export type Home = 'infra' | 'data' | 'metrics' | 'app';

export type CatalogueEntry = AppEntry | SystemEntry;

/** Installed when the environment lists it, in a stack and a namespace of its own. */
export interface AppEntry extends EntryRules {
  readonly kind: 'app';
  readonly home: 'app';
  /** What people get of it, in one line: "Workflow automation with 400 integrations". */
  readonly summary: string;
  /** The app's own, in its project's words, without a `v`: `2.18.4`. ffops.lock.yaml records which one is installed. */
  readonly version: string;
  /** How older versions get to this one. Absent: straight, and there is nothing to say. */
  readonly upgrades?: UpgradePath;
  /** The options below `apps.<id>` that `app add` asks about, as paths and in this order; the others keep their default. */
  readonly questions: readonly string[];
  /** Questions that matter only while other options have these values: `{ storage: { files: 'volume' } }`. */
  readonly askedWhen?: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  /** What it takes of the cluster beside what it shares with others. `environment.apps` holds it, though it need not be installed. */
  costs(environment: Environment): AppCosts;
  contribute(request: EntryRequest): Contribution;
}

export interface AppCosts {
  /** What all its pods request together, in MiB. */
  readonly memoryMi: number;
  /** Of its own volumes together, in GiB; a database's share is not known beforehand. */
  readonly diskGi: number;
}

/** Installed because the environment, or an app of it, needs it. */
export interface SystemEntry extends EntryRules {
  readonly kind: 'system';
  readonly home: Exclude<Home, 'app'>;
  wanted(environment: Environment, needs: Needs): boolean;
  contribute(request: SystemRequest): Contribution;
}

/** What the apps of an environment ask of its systems. */
export interface Needs {
  readonly databases: readonly Database[];
  readonly wafExclusions: readonly WafExclusion[];
}

export interface EntryRequest {
  readonly environment: Environment;
  readonly origins: Origins;
  readonly context: EnvironmentContext;
  readonly offer: PlatformOffer;
  readonly namespace: string;
  readonly stack: string;
}

export interface SystemRequest extends EntryRequest {
  readonly needs: Needs;
  /** The namespaces that hold what people would miss: those of apps and of databases. */
  readonly dataNamespaces: readonly string[];
}

export interface Contribution {
  readonly releases: readonly Release[];
  /** Module variables that the values of its releases read. */
  readonly variables?: readonly StackVariable[];
  readonly hosts?: readonly Omit<Host, 'url'>[];
  readonly databases?: readonly Database[];
  readonly provisioners?: readonly Provisioner[];
  /** Where the firewall would refuse its ordinary requests. */
  readonly wafExclusions?: readonly WafExclusion[];
  /** Of its own namespace: what is allowed there, and which systems let it in. */
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  readonly secrets?: readonly SecretWant[];
  readonly kubernetesSecrets?: readonly KubernetesSecret[];
  readonly volumes?: readonly Volume[];
  readonly buckets?: readonly BucketWant[];
  readonly backupStorage?: BackupStorage;
  readonly schedules?: readonly BackupSchedule[];
}
