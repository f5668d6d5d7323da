/**
 * What the simulated DigitalOcean needs from the rest of the sandbox, and what it offers to it.
 *
 * Spaces, for whoever starts the tools: the provider's S3 client always puts the bucket into the host name
 * (`bucket.fra1.…`, plain HTTP, region us-east-1 in the signature), names that no resolver knows. So the sandbox sets
 *   SPACES_ENDPOINT_URL=http://{{.Region}}.spaces.invalid     (the template stays as it is: the provider fills it in)
 *   HTTP_PROXY=http://127.0.0.1:<spaces port>                 (only http:// to other hosts goes there; loopback never does)
 *   NO_PROXY=                                                 (empty)
 * for every tofu run. The Spaces front of this folder listens on that port: it checks the signature, maps the bucket
 * back into the path, signs again for the S3 server's own region and credentials, and answers which region a bucket
 * is in. It refuses every other host, so nothing leaves loopback. Path-style clients (OpenTofu's S3 backend, Velero,
 * rclone) use the same port as their endpoint, `http://127.0.0.1:<spaces port>`, with any region.
 */

export type ClusterId = string;

export interface NodeSpec {
  /** The Kubernetes node's name. */
  readonly name: string;
  readonly dropletId: number;
  readonly poolId: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly diskGiB: number;
  /** Everything a DOKS node carries: doks.digitalocean.com/*, instance type, region, the pool's own labels. */
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value: string; readonly effect: string }[];
  /** `digitalocean://<droplet id>` */
  readonly providerId: string;
  readonly privateAddress: string;
  readonly publicAddress: string;
  /** `v1.36.3`: what the node reports as its kubelet's version. */
  readonly kubeletVersion: string;
}

export interface ClusterSpec {
  readonly id: ClusterId;
  readonly name: string;
  readonly region: string;
  /** The slug, such as `1.36.3-do.0`. */
  readonly version: string;
  readonly clusterSubnet: string;
  readonly serviceSubnet: string;
  readonly nodes: readonly NodeSpec[];
}

export interface ClusterCredentials {
  /** `https://127.0.0.1:<port>` */
  readonly server: string;
  /** PEM */
  readonly certificateAuthority: string;
  /** A token, or a client certificate with its key (PEM). */
  readonly token?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly expiresAt: Date;
}

/**
 * The real Kubernetes behind a simulated cluster. Every method may be called again after a crash with the same
 * arguments and must then arrive at the same end. A first `create` that is rejected turns the cluster's state into
 * `error`; everything else that is rejected is tried again. When the cloud starts it calls `create` for every cluster
 * that it remembers, so the backend need not remember any itself.
 */
export interface ClusterBackend {
  /** Resolves when the API server answers and every node is Ready. */
  create(cluster: ClusterSpec): Promise<void>;
  /** The cluster's nodes become exactly these; resolves when the new ones are Ready and the others are gone. */
  setNodes(id: ClusterId, nodes: readonly NodeSpec[]): Promise<void>;
  /** The control plane moves to this version; the nodes follow by `setNodes`. */
  upgrade(id: ClusterId, version: string): Promise<void>;
  /** Resolves when nothing of it is left; quiet when there is nothing. */
  delete(id: ClusterId): Promise<void>;
  /** Rejects when there is no such cluster. */
  credentials(id: ClusterId, expirySeconds: number): Promise<ClusterCredentials>;
}

/** What the cloud's controllers inside a cluster do to the cloud. All of it is idempotent by `name`. */
export interface KubernetesResources {
  /** Becomes `active` after the cloud's delay; the address is known then. Throws when the cluster is unknown. */
  ensureLoadBalancer(request: LoadBalancerRequest): LoadBalancerStatus;
  loadBalancer(id: string): LoadBalancerStatus | undefined;
  deleteLoadBalancer(id: string): void;
  ensureVolume(request: VolumeRequest): VolumeStatus;
  volume(id: string): VolumeStatus | undefined;
  /** Grows only; throws when the size is smaller. */
  resizeVolume(id: string, sizeGigabytes: number): VolumeStatus;
  deleteVolume(id: string): void;
  /** Volumes belong to the droplet they are attached to; undefined detaches. */
  attachVolume(id: string, dropletId: number | undefined): void;
}

export interface LoadBalancerRequest {
  readonly cluster: ClusterId;
  /** The cloud controller's default is `a` and the service's uid without dashes. */
  readonly name: string;
  /** Service annotations `service.beta.kubernetes.io/do-loadbalancer-*` already read: proxy protocol, size. */
  readonly sizeUnit?: number;
  readonly proxyProtocol?: boolean;
  readonly ports: readonly { readonly entry: number; readonly target: number; readonly protocol: 'tcp' | 'udp' }[];
}

export interface LoadBalancerStatus {
  readonly id: string;
  readonly name: string;
  readonly status: 'new' | 'active';
  /** Empty until active. */
  readonly ip: string;
}

export interface VolumeRequest {
  readonly cluster: ClusterId;
  /** The storage driver's default is `pvc-` and the claim's uid. */
  readonly name: string;
  readonly sizeGigabytes: number;
  readonly description?: string;
}

export interface VolumeStatus {
  readonly id: string;
  readonly name: string;
  readonly sizeGigabytes: number;
  readonly dropletId: number | undefined;
}

/** One per resource, after it is on disk. */
export interface CloudChange {
  readonly kind: string;
  readonly id: string;
  readonly what: 'created' | 'changed' | 'deleted';
}

export interface CloudOptions {
  /** Everything the cloud remembers lies here: `state.json`, `journal.jsonl`, `calls.jsonl`. */
  readonly folder: string;
  /** Bearer tokens that are let in. */
  readonly tokens: readonly string[];
  /** 0 takes a free port. */
  readonly port: number;
  readonly clusters: ClusterBackend;
  /** How long a load balancer and other things without a real part behind them take to become ready. */
  readonly delayMs: number;
  /** The S3 server behind Spaces. Absent: no Spaces front. */
  readonly spaces?: SpacesOptions;
}

export interface SpacesOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /**
   * The S3 server, `http://127.0.0.1:<port>`, its signing region and its root credentials. versitygw must keep its
   * metadata in extended attributes: with `--sidecar` and versions together, an object that was deleted once stays
   * unreadable for ever (its delete marker outlives the next upload), and so does the lock on OpenTofu's state. Where
   * the file system has no extended attributes: `--sidecar`, and no `--versioning-dir`.
   */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** What clients sign with: the Spaces key of the account. Keys made through the API are known besides. */
  readonly clientKey: { readonly accessKey: string; readonly secretKey: string };
}

/** `startCloud(options)` in cloud.ts resolves to this once it listens. */
export interface Cloud {
  /** `http://127.0.0.1:<port>`: DIGITALOCEAN_API_URL */
  readonly url: string;
  /** `http://127.0.0.1:<port>`: path-style endpoint and HTTP_PROXY; undefined without `spaces`. */
  readonly spacesUrl: string | undefined;
  readonly kubernetes: KubernetesResources;
  /** Returns how to stop listening. */
  onChange(listener: (change: CloudChange) => void): () => void;
  /** Clusters that exist, with their present nodes: what the backend must be running after a restart. */
  clusters(): readonly ClusterSpec[];
  /** To be called before the clusters are stopped, or their end looks like a failure. The state stays on disk. */
  close(): Promise<void>;
}
