/** What Kubernetes made in the cloud and no state knows: load balancers and volumes. They go before the cluster does. */
import { z } from 'zod';
import type { Blueprint, Release, Stack } from '../model/blueprint.ts';
import type { CloudLeftovers, KeptVolume, Leftover } from '../ports/cluster.ts';
import { applyManifests, deleteObject, type ClusterPin, type KubeObject } from '../tools/kubectl.ts';
import { toolFailed } from '../tools/call.ts';
import { objects } from './ask.ts';
import type { ClusterDeps } from './hands.ts';
import { mounts } from './mounts.ts';
import {
  dataAnnotation,
  environmentLabel,
  helmReleaseAnnotation,
  helmSecretType,
  manager,
  stackLabel,
} from './names.ts';

const patience = { loadBalancerSeconds: 300, volumeSeconds: 300, podSeconds: 120 };
const pollMs = 2000;

/**
 * Removes load balancers, and volumes that hold no data or whose data may be lost; what stays on purpose is returned with
 * its reason. What should have gone and did not is in neither list: the cloud's inventory names it. Throws FailedError when the cluster refuses.
 */
export async function releaseCloudResources(
  deps: ClusterDeps,
  pin: ClusterPin,
  loseData: ReadonlySet<string>,
): Promise<CloudLeftovers> {
  const all = await objects(deps.run, pin, ['services', 'persistentvolumeclaims', 'persistentvolumes', 'pods']);
  const balancers = all.filter((object) => object.kind === 'Service' && typeOf(object) === 'LoadBalancer');
  const volumes = volumesOf(deps.blueprint, all);
  const why = (volume: ClaimedVolume) => reasonToKeep(volume, loseData, deletion(deps.blueprint, volume));
  const going = volumes.filter((volume) => why(volume) === undefined);

  for (const { metadata } of balancers) {
    await remove(deps, pin, { kind: 'service', namespace: metadata.namespace ?? '', name: metadata.name });
  }
  for (const volume of going) await removeVolume(deps, pin, volume);

  const stuckBalancers = await waitForEnd(deps, pin, 'services', balancers, patience.loadBalancerSeconds);
  const stuckVolumes = await waitForEnd(
    deps,
    pin,
    'persistentvolumes',
    going.flatMap((one) => one.volume ?? []),
    patience.volumeSeconds,
  );
  const stuck = (object: KubeObject | undefined) =>
    object !== undefined && [...stuckBalancers, ...stuckVolumes].includes(object.metadata.uid);

  const gone = (object: KubeObject | undefined) => !stuck(object);
  const removedVolumes = going.filter(({ volume }) => gone(volume));
  return {
    removed: [
      ...balancers.filter(gone).map((object) => ({
        kind: 'load balancer',
        name: balancerName(object),
        reason: `service ${titleOf(object)}`,
      })),
      ...removedVolumes.map((volume) => leftoverOf(volume, `claim ${titleOf(volume.claim)}`)),
    ],
    kept: volumes.flatMap((volume) => {
      const reason = why(volume);
      return reason === undefined ? [] : [leftoverOf(volume, reason)];
    }),
  };
}

/**
 * What the releases of one stack left when they were uninstalled: Helm keeps the claims of a StatefulSet, and so does
 * Kubernetes. The stack, or some of its releases, may have left the environment already; what stays has its name written on
 * it. Throws FailedError when the cluster refuses.
 */
export async function releaseVolumes(
  deps: ClusterDeps,
  pin: ClusterPin,
  stack: Stack,
  loseData: ReadonlySet<string>,
): Promise<CloudLeftovers> {
  const volumes = await volumesLeftBy(deps, pin, stack, loseData);
  const former = { ...deps.blueprint, stacks: withoutReleases(deps.blueprint.stacks, stack) };
  const why = (volume: ClaimedVolume): string | undefined =>
    reasonToKeep(volume, loseData, deletion(former, volume, stack.name));
  const staying = volumes.filter((volume) => why(volume) !== undefined);
  for (const volume of staying) await nameData(deps, pin, volume);
  const { removed, kept } = await removeVolumes(
    deps,
    pin,
    volumes.filter((volume) => !staying.includes(volume)),
  );
  return { removed, kept: [...staying.map((volume) => leftoverOf(volume, why(volume)!)), ...kept] };
}

/** Removes claims and waits until their volumes are gone; those that are not are returned as kept. */
async function removeVolumes(
  deps: ClusterDeps,
  pin: ClusterPin,
  going: readonly ClaimedVolume[],
): Promise<CloudLeftovers> {
  for (const volume of going) await removeVolume(deps, pin, volume);
  const stuck = await waitForEnd(
    deps,
    pin,
    'persistentvolumes',
    going.flatMap((one) => one.volume ?? []),
    patience.volumeSeconds,
  );
  const isStuck = ({ volume }: ClaimedVolume): boolean => volume !== undefined && stuck.includes(volume.metadata.uid);
  return {
    removed: going.filter((one) => !isStuck(one)).map((one) => leftoverOf(one, `claim ${titleOf(one.claim)}`)),
    kept: going
      .filter(isStuck)
      .map((one) => leftoverOf(one, `claim ${titleOf(one.claim)} was removed, and its volume is still being detached`)),
  };
}

/** Once its release is gone and the environment has forgotten it, nothing else tells what the claim holds. */
async function nameData(deps: ClusterDeps, pin: ClusterPin, { claim, data }: ClaimedVolume): Promise<void> {
  const text = JSON.stringify(data);
  if (data === undefined || claim.metadata.annotations[dataAnnotation] === text) return;
  const { name, namespace } = claim.metadata;
  const patch = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace, annotations: { [dataAnnotation]: text } },
  };
  const outcome = await deps.run('kubectl', applyManifests(pin, JSON.stringify(patch), manager));
  if (outcome.exitCode !== 0)
    throw toolFailed('cluster.deliveryFailed', `Claim ${titleOf(claim)} could not be given a name`, outcome);
}

/** What `keptVolumesIn` wants to see. */
export const keptKinds = ['namespaces', 'persistentvolumeclaims', 'persistentvolumes'] as const;

/** Throws FailedError when the cluster does not answer. */
export async function listKeptVolumes(deps: ClusterDeps, pin: ClusterPin): Promise<readonly KeptVolume[]> {
  const [all, releases] = await Promise.all([
    objects(deps.run, pin, keptKinds),
    objects(deps.run, pin, ['secrets'], { fields: `type=${helmSecretType}` }),
  ]);
  const installed = releases.map(({ metadata }) => ({
    release: metadata.labels['name'] ?? '',
    namespace: metadata.namespace ?? '',
  }));
  return keptVolumesIn(deps.blueprint, all, installed);
}

/**
 * Claims of this environment that hold data and whose release is not installed. `installed`: whatever its status, a
 * release that is there may take its claims up again. Pure.
 */
export function keptVolumesIn(
  blueprint: Blueprint,
  all: readonly KubeObject[],
  installed: readonly { readonly release: string; readonly namespace: string }[],
): readonly KeptVolume[] {
  const namespaces = all.filter(({ kind }) => kind === 'Namespace');
  return volumesOf(blueprint, all).flatMap(({ claim, volume, data }) => {
    const { name, namespace = '' } = claim.metadata;
    const labels = namespaces.find(({ metadata }) => metadata.name === namespace)?.metadata.labels ?? {};
    if (data === undefined || labels[environmentLabel] !== blueprint.environment) return [];
    const release = releaseOf(blueprint, claim);
    // What an operator made for its release says another name: any release of its namespace may use it.
    const maker = data.name === titleOf(claim) ? undefined : (release?.name ?? installedBy(claim));
    const there = installed.some((one) => one.namespace === namespace && (maker ?? one.release) === one.release);
    // What no release of ours ever made may well be in use.
    const former = release !== undefined || claim.metadata.annotations[dataAnnotation] !== undefined;
    if (there || !former) return [];
    const stack = blueprint.stacks.find(({ releases }) => release !== undefined && releases.includes(release));
    const left = stack?.name ?? labels[stackLabel] ?? '';
    // A release that is missing goes with its stack; one that has left it must not take the others along.
    const goesOn = { ...blueprint, stacks: stack === undefined ? blueprint.stacks : [] };
    return [
      {
        stack: left,
        namespace,
        claim: name,
        ...(volume === undefined ? {} : { volume: volume.metadata.name }),
        data,
        deletedBy: deletion(goesOn, { claim, data }, left),
      },
    ];
  });
}

/** Throws FailedError when the cluster refuses. */
export async function loseVolumes(
  deps: ClusterDeps,
  pin: ClusterPin,
  kept: readonly KeptVolume[],
): Promise<CloudLeftovers> {
  const all = await objects(deps.run, pin, ['persistentvolumeclaims', 'persistentvolumes', 'pods']);
  const going = volumesOf(deps.blueprint, all).filter(({ claim: { metadata } }) =>
    kept.some(({ claim, namespace }) => metadata.name === claim && metadata.namespace === namespace),
  );
  return removeVolumes(deps, pin, going);
}

/** Pods end a moment after their release: nobody is told that a volume is in use by one that is about to go. */
async function volumesLeftBy(
  deps: ClusterDeps,
  pin: ClusterPin,
  stack: Stack,
  loseData: ReadonlySet<string>,
): Promise<readonly ClaimedVolume[]> {
  const blueprint = { ...deps.blueprint, stacks: [...withoutReleases(deps.blueprint.stacks, stack), stack] };
  const others = new Set(
    blueprint.stacks
      .filter((other) => other !== stack)
      .flatMap((other) => other.releases.map(({ namespace }) => namespace)),
  );
  const deadline = deps.clock.now().getTime() + patience.podSeconds * 1000;
  for (;;) {
    const all = await objects(deps.run, pin, ['persistentvolumeclaims', 'persistentvolumes', 'pods']);
    const volumes = volumesOf(blueprint, all).filter(({ claim }) => {
      const release = releaseOf(blueprint, claim);
      if (release !== undefined) return stack.releases.includes(release);
      const { namespace = '' } = claim.metadata;
      return !others.has(namespace) && stack.releases.some((one) => one.namespace === namespace);
    });
    const held = volumes.some((one) => one.pods.length > 0 && mayGo(one, loseData));
    if (!held || deps.interruption.requested || deps.clock.now().getTime() >= deadline) return volumes;
    await deps.clock.sleep(pollMs, deps.interruption);
  }
}

/** Of a stack that stays, only some releases may have gone. */
function withoutReleases(stacks: readonly Stack[], gone: Stack): readonly Stack[] {
  const isGone = ({ name, namespace }: Release): boolean =>
    gone.releases.some((release) => release.name === name && release.namespace === namespace);
  return stacks.map((stack) => ({ ...stack, releases: stack.releases.filter((release) => !isGone(release)) }));
}

function mayGo({ data }: ClaimedVolume, loseData: ReadonlySet<string>): boolean {
  return data === undefined || loseData.has(data.name);
}

function leftoverOf({ claim, volume, data }: ClaimedVolume, reason: string): Leftover {
  return {
    kind: 'volume',
    name: volume?.metadata.name ?? titleOf(claim),
    reason,
    ...(data === undefined ? {} : { data: data.name }),
  };
}

/** A claim, the volume behind it, and what the environment says of its content. */
interface ClaimedVolume {
  readonly claim: KubeObject;
  readonly volume: KubeObject | undefined;
  /** Undefined when the environment knows that it holds nothing worth keeping. */
  readonly data: { readonly name: string; readonly what: string } | undefined;
  readonly pods: readonly string[];
}

const volumeSchema = z.looseObject({
  spec: z
    .looseObject({
      claimRef: z.looseObject({ uid: z.string().default('') }).optional(),
      persistentVolumeReclaimPolicy: z.string().default('Delete'),
    })
    .prefault({}),
});

function volumesOf(blueprint: Blueprint, all: readonly KubeObject[]): readonly ClaimedVolume[] {
  const volumes = all.filter((object) => object.kind === 'PersistentVolume');
  const pods = all.filter((object) => object.kind === 'Pod');
  return all
    .filter((object) => object.kind === 'PersistentVolumeClaim')
    .map((claim) => ({
      claim,
      volume: volumes.find((volume) => volumeSchema.parse(volume).spec.claimRef?.uid === claim.metadata.uid),
      data: dataIn(blueprint, claim),
      pods: pods.filter((pod) => holds(pod, claim)).map(titleOf),
    }));
}

const dataSchema = z.object({ name: z.string(), what: z.string() });

/** A claim that no release of ours made is somebody's data. */
function dataIn(blueprint: Blueprint, claim: KubeObject): ClaimedVolume['data'] {
  const release = releaseOf(blueprint, claim);
  if (release !== undefined) return release.holdsData;
  return writtenData(claim) ?? { name: titleOf(claim), what: 'data that ffops knows nothing of' };
}

/** Anybody may have written on it: what cannot be read says nothing. */
function writtenData({ metadata }: KubeObject): ClaimedVolume['data'] {
  try {
    return dataSchema.safeParse(JSON.parse(metadata.annotations[dataAnnotation] ?? '')).data;
  } catch {
    return undefined;
  }
}

/** The Helm release that made it, when it says so. */
function installedBy({ metadata }: Pick<KubeObject, 'metadata'>): string | undefined {
  return metadata.labels['app.kubernetes.io/instance'] ?? metadata.annotations[helmReleaseAnnotation];
}

export function releaseOf(blueprint: Blueprint, { metadata }: KubeObject): Release | undefined {
  const releases = blueprint.stacks
    .flatMap((stack) => stack.releases)
    .filter((release) => release.namespace === metadata.namespace);
  const instance = installedBy({ metadata });
  const byLabel = releases.find((release) => release.name === instance);
  if (byLabel !== undefined) return byLabel;
  // Claims of a StatefulSet are named `<template>-<set>-<ordinal>` and may carry no label at all.
  const volume = blueprint.volumes.find(
    (candidate) =>
      candidate.namespace === metadata.namespace &&
      (metadata.name === candidate.name || metadata.name.startsWith(`${candidate.name}-`)),
  );
  return releases.find((release) => release.name === volume?.release);
}

function reasonToKeep(volume: ClaimedVolume, loseData: ReadonlySet<string>, deletedBy: string): string | undefined {
  const { claim, data, pods } = volume;
  if (data !== undefined && !mayGo(volume, loseData))
    return `claim ${titleOf(claim)} holds ${data.what}; \`${deletedBy}\` deletes it`;
  return pods.length === 0 ? undefined : `claim ${titleOf(claim)} is in use by ${pods.join(', ')}`;
}

/**
 * The command that deletes a volume, with the whole environment where no stack is named. A stack that goes on with other
 * releases is not destroyed for it.
 */
function deletion(
  { environment, stacks }: Pick<Blueprint, 'environment' | 'stacks'>,
  { claim: { metadata }, data }: Pick<ClaimedVolume, 'claim' | 'data'>,
  stack?: string,
): string {
  const goesOn = stacks.some(({ name, releases }) => name === stack && releases.length > 0);
  if (goesOn)
    return `ffops kube -e ${environment} -- delete persistentvolumeclaim ${metadata.name} --namespace ${metadata.namespace ?? ''}`;
  const selection = stack === undefined ? '' : ` --stack ${stack}`;
  return `ffops destroy -e ${environment}${selection} --allow-data-loss ${data?.name ?? ''}`;
}

/** A volume whose storage class keeps it would outlive its claim. */
async function removeVolume(deps: ClusterDeps, pin: ClusterPin, { claim, volume }: ClaimedVolume): Promise<void> {
  if (volume !== undefined && volumeSchema.parse(volume).spec.persistentVolumeReclaimPolicy !== 'Delete') {
    const patch = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: volume.metadata.name },
      spec: { persistentVolumeReclaimPolicy: 'Delete' },
    };
    const outcome = await deps.run('kubectl', applyManifests(pin, JSON.stringify(patch), manager));
    if (outcome.exitCode !== 0)
      throw toolFailed('cluster.removalFailed', `${volume.metadata.name} cannot be released`, outcome);
  }
  await remove(deps, pin, {
    kind: 'persistentvolumeclaim',
    namespace: claim.metadata.namespace ?? '',
    name: claim.metadata.name,
  });
}

async function remove(
  deps: ClusterDeps,
  pin: ClusterPin,
  object: { kind: string; namespace: string; name: string },
): Promise<void> {
  const outcome = await deps.run('kubectl', deleteObject(pin, object));
  if (outcome.exitCode === 0) return;
  throw toolFailed(
    'cluster.removalFailed',
    `${object.kind} ${object.namespace}/${object.name} could not be removed`,
    outcome,
  );
}

/** Which of these, by uid, are still there when patience is over. */
async function waitForEnd(
  deps: ClusterDeps,
  pin: ClusterPin,
  kind: string,
  expected: readonly KubeObject[],
  seconds: number,
): Promise<readonly string[]> {
  const deadline = deps.clock.now().getTime() + seconds * 1000;
  for (;;) {
    if (expected.length === 0) return [];
    const present = new Set((await objects(deps.run, pin, [kind])).map(({ metadata }) => metadata.uid));
    const left = expected.map(({ metadata }) => metadata.uid).filter((uid) => present.has(uid));
    if (left.length === 0 || deps.interruption.requested || deps.clock.now().getTime() >= deadline) return left;
    await deps.clock.sleep(pollMs, deps.interruption);
  }
}

function titleOf({ metadata }: KubeObject): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

/** As the cloud's controller names it: it writes the id on the service once it has one. */
function balancerName({ metadata }: KubeObject): string {
  return (
    metadata.annotations['kubernetes.digitalocean.com/load-balancer-id'] ??
    `a${metadata.uid.replaceAll('-', '')}`.slice(0, 32)
  );
}

const serviceSchema = z.looseObject({ spec: z.looseObject({ type: z.string().default('ClusterIP') }).prefault({}) });

function typeOf(service: KubeObject): string {
  return serviceSchema.parse(service).spec.type;
}

const podSchema = z.looseObject({ status: z.looseObject({ phase: z.string().default('') }).prefault({}) });

/** Pods that are going, or that are done, hold no claim back. */
function holds(pod: KubeObject, claim: KubeObject): boolean {
  return (
    pod.metadata.deletionTimestamp === undefined &&
    podSchema.parse(pod).status.phase !== 'Succeeded' &&
    mounts(pod, claim)
  );
}
