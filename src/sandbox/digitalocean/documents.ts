/** What the cloud remembers, by kind. Field names are the API's own, so that a document is most of its answer. */

export interface Project {
  readonly id: string;
  readonly owner_uuid: string;
  readonly owner_id: number;
  readonly name: string;
  readonly description: string;
  readonly purpose: string;
  readonly environment: string;
  readonly is_default: boolean;
  readonly created_at: string;
  readonly updated_at: string;
}

/** Which project a resource belongs to; a resource without one belongs to the default project. */
export interface Assignment {
  readonly urn: string;
  readonly project_id: string;
  readonly assigned_at: string;
}

export interface Vpc {
  readonly id: string;
  readonly urn: string;
  readonly name: string;
  readonly description: string;
  readonly region: string;
  readonly ip_range: string;
  readonly created_at: string;
  readonly default: boolean;
}

export interface Domain {
  readonly name: string;
  readonly ttl: number;
}

export interface DomainRecord {
  readonly id: number;
  readonly domain: string;
  readonly type: string;
  readonly name: string;
  readonly data: string;
  readonly priority: number | null;
  readonly port: number | null;
  readonly ttl: number;
  readonly weight: number | null;
  readonly flags: number | null;
  readonly tag: string | null;
}

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

export interface Node {
  readonly id: string;
  readonly name: string;
  readonly status: { readonly state: 'provisioning' | 'running' | 'deleting' };
  readonly droplet_id: string;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface NodePool {
  readonly id: string;
  readonly name: string;
  readonly size: string;
  readonly count: number;
  readonly tags: readonly string[];
  readonly labels: Readonly<Record<string, string>> | null;
  readonly taints: readonly Taint[];
  readonly auto_scale: boolean;
  readonly min_nodes: number;
  readonly max_nodes: number;
  readonly nodes: readonly Node[];
  /** Asked to go; it stays visible until its nodes are gone. */
  readonly deleting: boolean;
}

export type ClusterState = 'provisioning' | 'running' | 'upgrading' | 'deleting' | 'error';

export interface Cluster {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly version: string;
  readonly cluster_subnet: string;
  readonly service_subnet: string;
  readonly vpc_uuid: string;
  readonly ipv4: string;
  readonly endpoint: string;
  readonly tags: readonly string[];
  readonly node_pools: readonly NodePool[];
  readonly maintenance_policy: { readonly start_time: string; readonly duration: string; readonly day: string };
  readonly auto_upgrade: boolean;
  readonly surge_upgrade: boolean;
  readonly ha: boolean;
  readonly status: { readonly state: ClusterState; readonly message?: string };
  readonly created_at: string;
  readonly updated_at: string;
  /** Settings that change nothing here and are answered as they were given (control_plane_firewall, routing_agent, …). */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface LoadBalancer {
  readonly id: string;
  readonly name: string;
  readonly ip: string;
  readonly size_unit: number;
  readonly region: string;
  readonly tags: readonly string[];
  readonly vpc_uuid: string;
  readonly project_id: string;
  readonly forwarding_rules: readonly ForwardingRule[];
  readonly enable_proxy_protocol: boolean;
  readonly created_at: string;
  /** It is `new` before and `active` from then on. */
  readonly ready_at: string;
  /** The cluster whose controller made it; undefined for one made through the API. */
  readonly cluster?: string;
}

export interface ForwardingRule {
  readonly entry_protocol: string;
  readonly entry_port: number;
  readonly target_protocol: string;
  readonly target_port: number;
  readonly certificate_id: string;
  readonly tls_passthrough: boolean;
}

export interface Volume {
  readonly id: string;
  readonly region: string;
  readonly name: string;
  readonly size_gigabytes: number;
  readonly description: string;
  readonly droplet_ids: readonly number[];
  readonly created_at: string;
  readonly filesystem_type: string;
  readonly filesystem_label: string;
  readonly tags: readonly string[];
  readonly cluster?: string;
}

export interface Snapshot {
  readonly id: string;
  readonly name: string;
  readonly resource_id: string;
  readonly resource_type: 'volume';
  readonly regions: readonly string[];
  readonly min_disk_size: number;
  readonly size_gigabytes: number;
  readonly created_at: string;
  readonly tags: readonly string[];
}

export interface Action {
  readonly id: number;
  readonly type: string;
  readonly started_at: string;
  /** It is `in-progress` before and `completed` from then on. */
  readonly ready_at: string;
  readonly resource_id: string;
  readonly resource_type: string;
  readonly region_slug: string;
}

export interface SpacesKey {
  readonly name: string;
  readonly access_key: string;
  readonly secret_key: string;
  readonly grants: readonly { readonly bucket: string; readonly permission: string }[];
  readonly created_at: string;
}

/** What Spaces knows of a bucket and the S3 server behind it does not. */
export interface Bucket {
  readonly name: string;
  readonly region: string;
  readonly created_at: string;
  /** The XML as it was put. */
  readonly lifecycle?: string;
}

export interface Tag {
  readonly name: string;
}

/** The next number of a series: records, droplets, actions, addresses. */
export interface Counter {
  readonly next: number;
}

export interface Account {
  /** Nobody has used it before: no region has a default network yet. */
  readonly isNew: boolean;
}

export interface Documents {
  account: Account;
  project: Project;
  assignment: Assignment;
  vpc: Vpc;
  domain: Domain;
  record: DomainRecord;
  cluster: Cluster;
  load_balancer: LoadBalancer;
  volume: Volume;
  snapshot: Snapshot;
  action: Action;
  spaces_key: SpacesKey;
  bucket: Bucket;
  tag: Tag;
  counter: Counter;
}

export type Kind = keyof Documents;
