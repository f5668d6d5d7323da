import type { KubeClient } from '../kubernetes/client.ts';
import type { Condition, KubeObject } from '../kubernetes/objects.ts';
import type { PartStatus } from '../processes/part.ts';
import type { Informer } from '../kubernetes/informer.ts';

/** Something that plays a part of the outside world inside one cluster, until it is stopped. */
export interface Controller {
  stop(): void | Promise<void>;
  /** Programs it runs on its own account. */
  parts?(): readonly PartStatus[];
}

/** What the controllers of one cluster share. */
export interface Scene {
  readonly client: KubeClient;
  readonly watched: Watched;
  readonly report: (message: string) => void;
}

/** Kinds that more than one controller looks at: one watch each. */
export interface Watched {
  readonly services: Informer<Service>;
  readonly ingresses: Informer<Ingress>;
  readonly deployments: Informer<Deployment>;
  readonly definitions: Informer<KubeObject>;
}

export interface Service extends KubeObject {
  readonly spec: {
    readonly type?: string;
    readonly loadBalancerClass?: string;
    readonly ports?: readonly ServicePort[];
  };
  readonly status?: { readonly loadBalancer?: LoadBalancerState };
}

export interface ServicePort {
  readonly port: number;
  readonly nodePort?: number;
  readonly protocol?: string;
}

export interface LoadBalancerState {
  readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[];
}

export interface Ingress extends KubeObject {
  readonly spec: {
    readonly ingressClassName?: string;
    readonly rules?: readonly { readonly host?: string }[];
    readonly tls?: readonly { readonly hosts?: readonly string[]; readonly secretName?: string }[];
  };
  readonly status?: { readonly loadBalancer?: LoadBalancerState };
}

export interface Deployment extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly template: { readonly spec: PodSpec };
  };
  readonly status?: { readonly availableReplicas?: number; readonly conditions?: readonly Condition[] };
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly volumes?: readonly { readonly name: string; readonly secret?: { readonly secretName: string } }[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvVariable[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

export interface EnvVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } };
}
