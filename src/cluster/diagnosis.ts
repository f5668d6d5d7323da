/** Why a release is not ready, in a few lines: the workload, its pod, the last event, the last words. Pure. */
import { z } from 'zod';
import type { Release } from '../model/blueprint.ts';
import type { KubeObject } from '../tools/kubectl.ts';
import { belongsTo } from './belongs.ts';
import { conditions, holding } from './conditions.ts';
import { mounts } from './mounts.ts';
import { workloadState } from './readiness.ts';

export interface Symptoms {
  readonly workloads: readonly KubeObject[];
  readonly replicaSets: readonly KubeObject[];
  readonly pods: readonly KubeObject[];
  readonly claims: readonly KubeObject[];
  readonly services: readonly KubeObject[];
  readonly events: readonly KubeObject[];
}

export interface Trouble {
  /** `deployment/traefik has 0 of 2 pods ready` */
  readonly headline: string;
  /** The first pod that is not ready, whose logs may say more. */
  readonly pod?: {
    readonly namespace: string;
    readonly name: string;
    readonly container?: string;
    readonly restarted: boolean;
  };
  readonly lines: readonly string[];
}

const maxPods = 3;

/** Empty when the release is ready. */
export function findTroubles(release: Release, symptoms: Symptoms): readonly Trouble[] {
  const troubles = symptoms.workloads
    .filter((workload) => belongsTo(release, workload))
    .filter((workload) => !workloadState(workload).settled)
    .map((workload) => troubleOf(workload, symptoms));
  const services = symptoms.services.filter((service) => belongsTo(release, service)).filter(waitsForAddress);
  return [
    ...troubles,
    ...services.map((service): Trouble => ({
      headline: `service/${service.metadata.name} has no address from the load balancer yet`,
      lines: lastEvent(symptoms.events, service),
    })),
  ];
}

function troubleOf(workload: KubeObject, symptoms: Symptoms): Trouble {
  const state = workloadState(workload);
  const pods = podsOf(workload, symptoms).filter((pod) => !podReady(pod));
  const first = pods[0];
  const claims = symptoms.claims.filter(
    (claim) => first !== undefined && mounts(first, claim) && phaseOf(claim) !== 'Bound',
  );
  const lines = [
    ...(pods.length === 0 ? [...conditionsOf(workload), ...lastEvent(symptoms.events, workload)] : []),
    ...pods.slice(0, maxPods).flatMap((pod) => podLines(pod, symptoms.events)),
    ...(pods.length > maxPods ? [`and ${pods.length - maxPods} more pods like these`] : []),
    ...claims.flatMap((claim) => [
      `volume claim ${claim.metadata.name} is ${phaseOf(claim) || 'Pending'}`,
      ...lastEvent(symptoms.events, claim),
    ]),
  ];
  const headline = `${state.workload} has ${state.ready} of ${state.wanted} pods ready`;
  if (first === undefined) return { headline, lines };
  const container = containersOf(first).find((status) => !status.ready);
  return {
    headline,
    lines,
    pod: {
      namespace: first.metadata.namespace ?? '',
      name: first.metadata.name,
      ...(container === undefined ? {} : { container: container.name }),
      restarted: (container?.restartCount ?? 0) > 0,
    },
  };
}

const ownersSchema = z.looseObject({ ownerReferences: z.array(z.looseObject({ uid: z.string() })).default([]) });

function ownedBy(object: KubeObject, uid: string): boolean {
  return ownersSchema.parse(object.metadata).ownerReferences.some((owner) => owner.uid === uid);
}

/** A Deployment's pods belong to its ReplicaSets. */
function podsOf(workload: KubeObject, { pods, replicaSets }: Symptoms): readonly KubeObject[] {
  const owners = new Set([workload.metadata.uid]);
  for (const set of replicaSets) if (ownedBy(set, workload.metadata.uid)) owners.add(set.metadata.uid);
  return pods.filter((pod) => [...owners].some((uid) => ownedBy(pod, uid)));
}

const stateSchema = z.looseObject({
  waiting: z.looseObject({ reason: z.string().default(''), message: z.string().default('') }).optional(),
  terminated: z.looseObject({ reason: z.string().default(''), exitCode: z.number().optional() }).optional(),
});

const containerSchema = z.looseObject({
  name: z.string(),
  ready: z.boolean().default(false),
  restartCount: z.number().default(0),
  state: stateSchema.default({}),
  lastState: stateSchema.default({}),
});
type ContainerStatus = z.infer<typeof containerSchema>;

const podSchema = z.looseObject({
  status: z
    .looseObject({
      phase: z.string().default('Pending'),
      conditions,
      initContainerStatuses: z.array(containerSchema).default([]),
      containerStatuses: z.array(containerSchema).default([]),
    })
    .prefault({}),
});

function podReady(pod: KubeObject): boolean {
  const { status } = podSchema.parse(pod);
  return (
    status.phase === 'Succeeded' || status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True')
  );
}

function containersOf(pod: KubeObject): readonly ContainerStatus[] {
  const { status } = podSchema.parse(pod);
  // An init container that has ended well is not "ready", and has nothing to say.
  const initial = status.initContainerStatuses.filter((container) => container.state.terminated?.exitCode !== 0);
  return [...initial, ...status.containerStatuses];
}

/** Reasons of a container that waits for somebody to repair something. */
const stuckReasons =
  /^(ErrImagePull|ImagePullBackOff|InvalidImageName|CreateContainerConfigError|CreateContainerError)$/;

/** Why a pod cannot begin, when it will not by itself: no node takes it, or no image or Secret for it can be had. */
export function whatHolds(pod: KubeObject): string | undefined {
  const { status } = podSchema.parse(pod);
  const unscheduled = holding(pod, 'PodScheduled', 'False');
  if (unscheduled !== undefined && unscheduled.message !== '') return unscheduled.message;
  const stuck = [...status.initContainerStatuses, ...status.containerStatuses].find(({ state }) =>
    stuckReasons.test(state.waiting?.reason ?? ''),
  );
  return stuck === undefined ? undefined : describeContainer(stuck);
}

/** What a pod is stuck at, for people. */
export function podLines(pod: KubeObject, events: readonly KubeObject[]): readonly string[] {
  return [describePod(pod), ...lastEvent(events, pod)];
}

function describePod(pod: KubeObject): string {
  const { status } = podSchema.parse(pod);
  const container = containersOf(pod).find((candidate) => !candidate.ready);
  const unscheduled = status.conditions.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False');
  const why = container === undefined ? (unscheduled?.message ?? '') : describeContainer(container);
  return `pod ${pod.metadata.name} is ${status.phase}${why === '' ? '' : `: ${why}`}`;
}

function describeContainer({ name, restartCount, state, lastState }: ContainerStatus): string {
  const { waiting, terminated } = state;
  const now = waiting?.reason ?? terminated?.reason ?? 'not ready';
  const detail = waiting?.message === undefined || waiting.message === '' ? '' : ` (${waiting.message})`;
  const ended = lastState.terminated?.exitCode ?? terminated?.exitCode;
  const times = restartCount === 0 ? '' : `, restarted ${restartCount} times`;
  return `container ${name} ${now}${detail}${ended === undefined ? '' : `, exit code ${ended}`}${times}`;
}

/** What the controller says when it could not even make a pod: quotas, policies. */
function conditionsOf(workload: KubeObject): readonly string[] {
  const failure = holding(workload, 'ReplicaFailure');
  return failure === undefined ? [] : [failure.message];
}

const eventSchema = z.looseObject({
  type: z.string().default(''),
  reason: z.string().default(''),
  message: z.string().default(''),
  count: z.number().nullish(),
  lastTimestamp: z.string().nullish(),
  eventTime: z.string().nullish(),
  involvedObject: z.looseObject({ uid: z.string().default('') }).default({ uid: '' }),
});

/** The newest warning about an object, or nothing: normal events explain nothing. */
function lastEvent(events: readonly KubeObject[], object: KubeObject): readonly string[] {
  const warnings = events
    .map((event) => eventSchema.parse(event))
    .filter((event) => event.type === 'Warning' && event.involvedObject.uid === object.metadata.uid)
    .sort((a, b) => timeOf(a).localeCompare(timeOf(b)));
  const last = warnings.at(-1);
  return last === undefined ? [] : [`event ${last.reason}: ${last.message.trim()}`];
}

function timeOf(event: z.infer<typeof eventSchema>): string {
  return event.lastTimestamp ?? event.eventTime ?? '';
}

const serviceSchema = z.looseObject({
  spec: z.looseObject({ type: z.string().default('ClusterIP') }).prefault({}),
  status: z
    .looseObject({ loadBalancer: z.looseObject({ ingress: z.array(z.unknown()).default([]) }).prefault({}) })
    .prefault({}),
});

function waitsForAddress(service: KubeObject): boolean {
  const { spec, status } = serviceSchema.parse(service);
  return spec.type === 'LoadBalancer' && status.loadBalancer.ingress.length === 0;
}

const claimSchema = z.looseObject({ status: z.looseObject({ phase: z.string().default('') }).prefault({}) });

function phaseOf(claim: KubeObject): string {
  return claimSchema.parse(claim).status.phase;
}
