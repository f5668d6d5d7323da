/** ffops' own objects in the cluster: namespaces and Secrets. What differs, and how it gets there. */
import { FailedError } from '../errors.ts';
import { LEFT_OUT_OF_BACKUPS } from '../model/backup-label.ts';
import type { Blueprint, KubernetesSecret, Namespace, Stack } from '../model/blueprint.ts';
import { Secret } from '../model/secret.ts';
import type { Leftover, ObjectChange } from '../ports/cluster.ts';
import { digestKey, digestOf, digestSecret } from '../secrets/digest.ts';
import { resolveData } from '../secrets/kubernetes.ts';
import { applyManifests, deleteObject, type ClusterPin, type KubeObject } from '../tools/kubectl.ts';
import { toolFailed } from '../tools/call.ts';
import { objects } from './ask.ts';
import type { ClusterDeps } from './hands.ts';
import { digestAnnotation, environmentLabel, helmSecretType, manager, ownLabelPrefix, ownLabels } from './names.ts';

/** A change, and the manifest that makes it. */
interface Pending {
  readonly change: ObjectChange;
  manifest(): object;
}

/** What `deliver` would do. Without a cluster everything is a create. */
export async function compareObjects(
  deps: ClusterDeps,
  pin: ClusterPin | undefined,
  stacks: readonly Stack[],
  secrets?: () => Promise<readonly KubeObject[]>,
): Promise<readonly ObjectChange[]> {
  return (await pendingChanges(deps, pin, stacks, secrets)).map((pending) => pending.change);
}

/** All but Helm's own, which are large. */
export function liveSecrets(deps: ClusterDeps, pin: ClusterPin): Promise<readonly KubeObject[]> {
  return objects(deps.run, pin, ['secrets'], { fields: `type!=${helmSecretType}` });
}

/** Throws FailedError when the cluster refuses; what it says never holds a value. */
export async function deliverObjects(
  deps: ClusterDeps,
  pin: ClusterPin,
  stack: Stack,
): Promise<readonly ObjectChange[]> {
  const pending = await pendingChanges(deps, pin, [stack]);
  if (pending.length === 0) return [];
  const items = pending.map((one) => one.manifest());
  const manifests = new Secret(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const outcome = await deps.run('kubectl', applyManifests(pin, manifests, manager));
  if (outcome.exitCode !== 0) {
    const stderr = withoutValues(outcome.stderr, items);
    throw toolFailed('cluster.deliveryFailed', `Namespaces and Secrets of ${stack.name} were refused`, {
      ...outcome,
      stderr,
    });
  }
  return pending.map((one) => one.change);
}

async function pendingChanges(
  deps: ClusterDeps,
  pin: ClusterPin | undefined,
  stacks: readonly Stack[],
  readSecrets?: () => Promise<readonly KubeObject[]>,
): Promise<readonly Pending[]> {
  const { blueprint } = deps;
  const names = new Set(stacks.map((stack) => stack.name));
  const namespaces = blueprint.namespaces.filter((namespace) => names.has(namespace.stack));
  const secrets = blueprint.kubernetesSecrets.filter((secret) => names.has(secret.stack));
  if (namespaces.length === 0 && secrets.length === 0) return [];

  const [namespacesFound, secretsFound] =
    pin === undefined
      ? [[], []]
      : await Promise.all([
          objects(deps.run, pin, ['namespaces']),
          secrets.length > 0 ? (readSecrets?.() ?? liveSecrets(deps, pin)) : [],
        ]);
  const pending: Pending[] = [];
  for (const namespace of namespaces) {
    const live = namespacesFound.find((candidate) => candidate.metadata.name === namespace.name);
    const change = namespaceChange(blueprint, namespace, live);
    if (change !== undefined) pending.push(change);
  }
  if (secrets.length === 0) return pending;
  const key = digestKey(await deps.secrets.get(digestSecret));
  for (const secret of secrets) {
    const live = secretsFound.find(
      ({ metadata }) => metadata.name === secret.name && metadata.namespace === secret.namespace,
    );
    const data = await resolveData(secret, deps.secrets);
    const change = secretChange(blueprint, secret, encoded(data), key, live);
    if (change !== undefined) pending.push(change);
  }
  return pending;
}

/** A namespace that nobody of ours made is used as it is: it is not ours to label, nor to remove. */
function namespaceChange(
  blueprint: Blueprint,
  namespace: Namespace,
  live: KubeObject | undefined,
): Pending | undefined {
  const labels = { ...namespace.labels, ...ownLabels(blueprint, { name: namespace.stack }) };
  if (live !== undefined) {
    refuseForeign(blueprint, `namespace ${namespace.name}`, live);
    if (live.metadata.labels[environmentLabel] === undefined || carries(live, labels)) return undefined;
  }
  return {
    change: {
      stack: namespace.stack,
      kind: 'Namespace',
      namespace: '',
      name: namespace.name,
      action: live === undefined ? 'create' : 'update',
      origin: namespace.origin,
      rolls: [],
    },
    manifest: () => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace.name, labels } }),
  };
}

/** Each label as it is wanted, and none of ours beside: one that stayed would still open a door to what it stood for. */
function carries({ metadata }: KubeObject, wanted: Readonly<Record<string, string>>): boolean {
  return (
    Object.entries(wanted).every(([label, value]) => metadata.labels[label] === value) &&
    Object.keys(metadata.labels).every((label) => !label.startsWith(ownLabelPrefix) || label in wanted)
  );
}

function secretChange(
  blueprint: Blueprint,
  secret: KubernetesSecret,
  data: Readonly<Record<string, string>>,
  key: Secret,
  live: KubeObject | undefined,
): Pending | undefined {
  const digest = digestOf(key, data);
  const labels = { ...ownLabels(blueprint, { name: secret.stack }), ...LEFT_OUT_OF_BACKUPS };
  if (live !== undefined) {
    refuseForeign(blueprint, `Secret ${secret.namespace}/${secret.name}`, live);
    if (holds(live, data, digest, labels)) return undefined;
  }
  const reference = `${secret.namespace}/${secret.name}`;
  const readers = blueprint.stacks
    .flatMap((stack) => stack.releases)
    .filter((release) => release.reads.includes(reference));
  return {
    change: {
      stack: secret.stack,
      kind: 'Secret',
      namespace: secret.namespace,
      name: secret.name,
      action: live === undefined ? 'create' : 'update',
      origin: secret.origin,
      rolls: live === undefined ? [] : readers.map((release) => release.name),
      ...(live !== undefined && changedByHand(live, key, digest, labels) && { byHand: true }),
    },
    manifest: () => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: secret.name,
        namespace: secret.namespace,
        labels,
        annotations: { [digestAnnotation]: digest },
      },
      type: 'Opaque',
      data,
    }),
  };
}

/** Both what was written and what is there now: a value changed by hand is a change to undo. */
function holds(
  live: KubeObject,
  data: Readonly<Record<string, string>>,
  digest: string,
  labels: Readonly<Record<string, string>>,
): boolean {
  const liveData = (live['data'] ?? {}) as Readonly<Record<string, string>>;
  return (
    live.metadata.annotations[digestAnnotation] === digest &&
    Object.entries(data).every(([key, value]) => liveData[key] === value) &&
    Object.entries(labels).every(([label, value]) => live.metadata.labels[label] === value)
  );
}

/** What ffops wrote last says so of itself, also once the environment wants something else. */
function changedByHand(
  live: KubeObject,
  key: Secret,
  wanted: string,
  labels: Readonly<Record<string, string>>,
): boolean {
  const written = live.metadata.annotations[digestAnnotation];
  const isWhatWasWritten = written === digestOf(key, (live['data'] ?? {}) as Readonly<Record<string, string>>);
  const isLabelled = Object.entries(labels).every(([label, value]) => live.metadata.labels[label] === value);
  return !isWhatWasWritten || (written === wanted && !isLabelled);
}

/** Two environments may share a cluster, never an object. */
function refuseForeign(blueprint: Blueprint, what: string, live: KubeObject): void {
  const owner = live.metadata.labels[environmentLabel];
  if (owner === undefined || owner === blueprint.environment) return;
  throw new FailedError('cluster.foreignObject', {
    message: `${what} belongs to the environment ${owner}, not to ${blueprint.environment}.`,
    hints: ['Give each environment a cluster of its own, or destroy the other one first.'],
  });
}

function encoded(data: ReadonlyMap<string, Secret>): Record<string, string> {
  return Object.fromEntries([...data].map(([key, value]) => [key, Buffer.from(value.reveal()).toString('base64')]));
}

function withoutValues(text: string, items: readonly object[]): string {
  const values = items.flatMap((item) => Object.values((item as { data?: Record<string, string> }).data ?? {}));
  return values
    .flatMap((value) => [value, Buffer.from(value, 'base64').toString()])
    .filter((value) => value.length >= 4)
    .reduce((clean, value) => clean.replaceAll(value, '[secret]'), text);
}

const deletionSeconds = 180;

/**
 * Removes what `deliverObjects` made for this stack. A namespace that still has volumes, or a Helm release that is not
 * ours, stays and is returned; beside volumes the Secrets stay too, for whoever takes the data up again.
 */
export async function removeObjects(
  deps: ClusterDeps,
  pin: ClusterPin,
  stack: Pick<Stack, 'name'>,
): Promise<readonly Leftover[]> {
  const labels = Object.entries(ownLabels(deps.blueprint, stack))
    .map(([label, value]) => `${label}=${value}`)
    .join(',');
  const [own, claims, releases] = await Promise.all([
    objects(deps.run, pin, ['secrets', 'namespaces'], { labels }),
    objects(deps.run, pin, ['persistentvolumeclaims']),
    objects(deps.run, pin, ['secrets'], { fields: `type=${helmSecretType}` }),
  ]);
  const leftovers: Leftover[] = [];
  const withVolumes = new Set(claims.map(({ metadata }) => metadata.namespace));
  const going = own.filter(({ kind, metadata }) => kind === 'Secret' && !withVolumes.has(metadata.namespace));
  for (const { metadata } of going) {
    await remove(deps, pin, { kind: 'secret', name: metadata.name, namespace: metadata.namespace ?? '' });
  }
  for (const { metadata } of own.filter((object) => object.kind === 'Namespace')) {
    const reason = reasonToKeep(metadata.name, claims, releases);
    if (reason === undefined) await remove(deps, pin, { kind: 'namespace', name: metadata.name });
    else leftovers.push({ kind: 'namespace', name: metadata.name, reason });
  }
  return leftovers;
}

function reasonToKeep(
  namespace: string,
  claims: readonly KubeObject[],
  releases: readonly KubeObject[],
): string | undefined {
  const inside = (object: KubeObject) => object.metadata.namespace === namespace;
  const volumes = claims.filter(inside).map((claim) => claim.metadata.name);
  if (volumes.length > 0) return `it still has volumes: ${volumes.join(', ')}`;
  const others = new Set(
    releases.filter(inside).map((release) => release.metadata.labels['name'] ?? release.metadata.name),
  );
  return others.size > 0 ? `other Helm releases live in it: ${[...others].join(', ')}` : undefined;
}

async function remove(
  deps: ClusterDeps,
  pin: ClusterPin,
  object: { readonly kind: string; readonly name: string; readonly namespace?: string },
): Promise<void> {
  const outcome = await deps.run('kubectl', deleteObject(pin, object, deletionSeconds));
  if (outcome.exitCode === 0) return;
  throw toolFailed('cluster.removalFailed', `${object.kind} ${object.name} could not be removed`, outcome, [
    'Something in it may hold a finalizer whose controller is gone.',
  ]);
}
