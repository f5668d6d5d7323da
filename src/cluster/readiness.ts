/** Whether workloads are ready, from what the cluster says of them. Pure. */
import { z } from 'zod';
import type { KubeObject } from '../tools/kubectl.ts';

/** Kinds that run pods for good. */
export const workloadKinds = ['deployments', 'statefulsets', 'daemonsets'] as const;

const singular: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

export function isWorkload({ kind }: KubeObject): boolean {
  return singular.has(kind);
}

const numbers = z.looseObject({
  spec: z.looseObject({ replicas: z.number().optional() }).default({}),
  status: z
    .looseObject({
      observedGeneration: z.number().default(0),
      replicas: z.number().default(0),
      updatedReplicas: z.number().default(0),
      readyReplicas: z.number().default(0),
      availableReplicas: z.number().default(0),
      desiredNumberScheduled: z.number().default(0),
      updatedNumberScheduled: z.number().default(0),
      numberAvailable: z.number().default(0),
    })
    .prefault({}),
});

export interface WorkloadState {
  /** `deployment/traefik` */
  readonly workload: string;
  readonly namespace: string;
  readonly ready: number;
  readonly wanted: number;
  /** Its newest version runs everywhere, and every pod of it is ready. */
  readonly settled: boolean;
}

export function workloadState(object: KubeObject): WorkloadState {
  const { spec, status } = numbers.parse(object);
  const daemon = object.kind === 'DaemonSet';
  const wanted = daemon ? status.desiredNumberScheduled : (spec.replicas ?? 1);
  const ready = daemon
    ? status.numberAvailable
    : object.kind === 'Deployment'
      ? status.availableReplicas
      : status.readyReplicas;
  const updated = daemon ? status.updatedNumberScheduled : status.updatedReplicas;
  const observed = status.observedGeneration >= (object.metadata.generation ?? 0);
  // A Deployment keeps its old pods until the new ones work.
  const noOld = object.kind !== 'Deployment' || status.replicas === wanted;
  return {
    workload: `${object.kind.toLowerCase()}/${object.metadata.name}`,
    namespace: object.metadata.namespace ?? '',
    ready,
    wanted,
    settled: observed && noOld && updated >= wanted && ready >= wanted,
  };
}

const images = z.looseObject({
  spec: z
    .looseObject({
      template: z.looseObject({ spec: z.looseObject({ containers: z.array(z.looseObject({ image: z.string() })) }) }),
    })
    .optional(),
});

/** What the tag of its first container's image says: `1.27.4` of `docker.io/valkey/valkey:1.27.4@sha256:…`. */
export function workloadVersion(object: KubeObject): string | undefined {
  const image = images.safeParse(object).data?.spec?.template.spec.containers[0]?.image;
  return /^[^@]*:([^:/@]+)(?:@|$)/.exec(image ?? '')?.[1];
}
