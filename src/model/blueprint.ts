/**
 * The fully resolved description of an environment. Platforms and catalogue entries make it, rendering and the engine
 * read it; it holds no secret value and making it has no side effect.
 */
import type { Origin } from './origin.ts';
import type { UpgradePath } from './upgrades.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export interface Blueprint {
  readonly workspace: string;
  readonly environment: string;
  readonly platform: string;
  readonly rootDomain: string;
  /** How ffops reaches Kubernetes; absent on platforms without a cluster. */
  readonly cluster?: ClusterAccess;
  readonly state: StateBackend;
  readonly stacks: readonly Stack[];
  /** In the versions that an apply would install. */
  readonly apps: readonly App[];
  readonly namespaces: readonly Namespace[];
  /** Absent where somebody else serves the root domain. */
  readonly zone?: Zone;
  readonly hosts: readonly Host[];
  readonly databases: readonly Database[];
  /** Who makes those databases, one for each engine that is there. */
  readonly provisioners: readonly Provisioner[];
  /** Every secret the environment needs, by its name `<owner>.<name>`. */
  readonly secrets: readonly SecretWant[];
  /** The Kubernetes Secrets that ffops writes itself before the releases that read them. */
  readonly kubernetesSecrets: readonly KubernetesSecret[];
  readonly volumes: readonly Volume[];
  readonly buckets: readonly Bucket[];
  /** Absent where no backups are made. */
  readonly backupStorage?: BackupStorage;
  readonly schedules: readonly BackupSchedule[];
}

export type ClusterAccess =
  /** The cluster is made by a stack; its kubeconfig comes from doctl, by name. */
  | { readonly kind: 'doctl'; readonly name: string; readonly stack: string }
  /** The cluster is there already: a context of a kubeconfig that the user owns. */
  | { readonly kind: 'context'; readonly context: string };

export type StateBackend =
  | {
      readonly kind: 's3';
      readonly bucket: string;
      readonly region: string;
      /** Handed over as AWS_ENDPOINT_URL_S3, never rendered: the sandbox has another. */
      readonly endpoint: string;
      readonly prefix: string;
      /** What the backend reads from its environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY → secret names. */
      readonly credentials: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'local' };

/**
 * A unit that is planned and applied as a whole. Only OpenTofu root modules exist today; a playbook or a set of compose
 * files is another `kind`, with its own renderer and its own runner behind the same order, journal and table.
 */
export interface Stack {
  readonly kind: 'tofu';
  readonly name: string;
  readonly title: string;
  readonly dependsOn: readonly string[];
  /** Folder below templates/tofu that this stack is rendered from; several app stacks share `app`. */
  readonly template: string;
  /** What the template reads, beside what every stack offers (name, environment, releases, variables). */
  readonly context: JsonObject;
  readonly providers: readonly ProviderName[];
  readonly variables: readonly StackVariable[];
  readonly outputs: readonly StackOutput[];
  /** What the module declares, by address without indexes: for plans before the cloud exists and for origins. */
  readonly resources: readonly StackResource[];
  readonly releases: readonly Release[];
  /** Of its apps: they outlive the stack. */
  readonly databases?: readonly Pick<Database, 'engine' | 'name'>[];
  /** Credentials that the tools of this stack read from their environment: variable name → secret name. */
  readonly credentials: Readonly<Record<string, string>>;
  /** True when its plan needs a cluster that an earlier stack makes or that the user owns. */
  readonly needsCluster: boolean;
  /** Survives `destroy` unless it is named. */
  readonly keptByDestroy: boolean;
}

export type ProviderName = 'digitalocean' | 'helm';

export interface StackVariable {
  readonly name: string;
  readonly type: 'string' | 'number' | 'bool';
  readonly description: string;
  /** The production value. Absent when it must come from elsewhere. */
  readonly default?: string | number | boolean;
  /** Taken from another stack's output, handed over as TF_VAR_<name>. */
  readonly from?: { readonly stack: string; readonly output: string };
}

export interface StackOutput {
  readonly name: string;
  readonly description: string;
  /** The HCL expression, such as `digitalocean_vpc.main.id`. */
  readonly expression: string;
  readonly sensitive?: boolean;
}

export interface StackResource {
  readonly address: string;
  readonly type: string;
  /** For people: "domain fullfrontend.be". */
  readonly title: string;
  readonly origin: Origin;
  /** Losing it loses data; the name is what `--allow-data-loss NAME` wants, and `keep` tells how it stays when nothing needs it. */
  readonly holdsData?: { readonly name: string; readonly what: string; readonly keep?: string };
  /** The cloud's own name of it, by which an existing one is found and adopted. */
  readonly adoption?: { readonly by: 'name'; readonly name: string };
}

export interface Release {
  readonly name: string;
  readonly namespace: string;
  readonly entry: string;
  readonly chart: { readonly kind: 'upstream' | 'first-party'; readonly name: string };
  /** File below templates/helm-values; absent when the chart's defaults are right. */
  readonly values?: string;
  readonly context: JsonObject;
  /** Module variables of its stack that the values read. */
  readonly variables?: readonly string[];
  readonly timeoutSeconds: number;
  /** Releases of the same stack that must be ready before. */
  readonly after: readonly string[];
  /** Kubernetes Secrets it reads, `namespace/name`: a change rolls its workloads. */
  readonly reads: readonly string[];
  readonly origin: Origin;
  /** Set when the release keeps volumes. */
  readonly holdsData?: { readonly name: string; readonly what: string };
  /** Only rendered; never waited for (CRD-only charts have no workload). */
  readonly workloads: boolean;
}

export interface App {
  readonly id: string;
  readonly title: string;
  readonly stack: string;
  /** Its own. */
  readonly version: string;
  readonly upgrades?: UpgradePath;
  readonly origin: Origin;
}

export interface Namespace {
  readonly name: string;
  readonly stack: string;
  /** Beside ffops' own: pod security, and which systems let its pods in. */
  readonly labels: Readonly<Record<string, string>>;
  readonly origin: Origin;
}

/** A DNS zone that ffops makes: nobody finds it before the registrar of the domain names its servers. */
export interface Zone {
  readonly domain: string;
  readonly nameServers: readonly string[];
}

export interface Host {
  readonly name: string;
  readonly url: string;
  readonly owner: string;
  readonly purpose: string;
  readonly origin: Origin;
  /** What a person does there: absent for machine endpoints. */
  readonly login?: { readonly user: string; readonly secret: string };
}

export interface Database {
  readonly engine: 'postgres' | 'mariadb';
  readonly name: string;
  readonly user: string;
  readonly owner: string;
  readonly passwordSecret: string;
}

/**
 * Makes the databases of one engine. Neither a resource of a stack nor a hook of a release: every apply runs it once the
 * server is there and before the apps are, so that what was dropped by hand comes back and plans stay empty.
 */
export interface Provisioner {
  readonly engine: Database['engine'];
  readonly namespace: string;
  /** The stack that brings the server. */
  readonly stack: string;
  /** A CronJob that never runs by itself: Jobs are made from it. */
  readonly cronJob: string;
  /** The Secret that such a Job reads: `DATABASE_<n>_NAME`, `_USER` and `_PASSWORD`. It goes when the Job goes. */
  readonly secret: string;
}

export interface SecretWant {
  readonly name: string;
  readonly description: string;
  /** Where a person finds it when it cannot be generated. */
  readonly supply:
    | { readonly kind: 'asked'; readonly help: string; readonly pattern?: string }
    | { readonly kind: 'generated'; readonly length: number; readonly alphabet: 'alphanumeric' | 'hex' | 'base64' }
    /** An authority of its own and, signed by it, a server's certificate for these names. See CertificatePart. */
    | { readonly kind: 'certificate'; readonly hosts: readonly string[] }
    /** The private key that a mail server signs with, as PEM. */
    | { readonly kind: 'dkimKey' }
    | ({ readonly kind: 'derived' } & Derivation);
  /** Set when a new value would lose or break something: `secrets rotate` refuses, and says this after "because". */
  readonly neverRotates?: string;
}

/** Computed from another secret whenever it is read, never kept: `user:hash`, or what DNS publishes of a mail key. */
export type Derivation =
  | { readonly as: 'htpasswd'; readonly from: string; readonly user: string }
  | { readonly as: 'dkimPublicKey'; readonly from: string };

export interface KubernetesSecret {
  readonly namespace: string;
  readonly name: string;
  readonly stack: string;
  readonly origin: Origin;
  /** Each key is a sequence of literal text and references to secrets. */
  readonly data: Readonly<Record<string, readonly SecretPart[]>>;
}
export type SecretPart = { readonly text: string } | { readonly secret: string; readonly part?: CertificatePart };

/**
 * What pods see of a secret that is a certificate, each as PEM, by the names that Kubernetes gives them: what clients
 * trust, the server's certificate, its private key. The authority's own key never reaches the cluster.
 */
export type CertificatePart = 'ca.crt' | 'tls.crt' | 'tls.key';

export interface Volume {
  readonly name: string;
  readonly namespace: string;
  readonly release: string;
  readonly size: string;
  readonly owner: string;
  /** File-system backup by Velero; false for databases, whose dump is the truth. */
  readonly fileBackup: boolean;
}

export interface Bucket {
  readonly name: string;
  readonly region: string;
  readonly purpose: string;
  readonly stack: string;
}

export interface BackupStorage {
  readonly bucket: string;
  readonly region: string;
  /** As pods of the cluster reach it. */
  readonly endpoint: string;
  /** Where only the cluster itself reaches it: what leads there. */
  readonly service?: ClusterService;
}

export interface ClusterService {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

export interface BackupSchedule {
  readonly name: string;
  readonly cron: string;
  readonly namespaces: readonly string[];
  readonly retentionDays: number;
}
