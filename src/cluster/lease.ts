/**
 * Something that one person at a time does to a cluster, held by a Lease in it: seen from every machine. It never runs out
 * by itself. Whoever was killed may have left work that goes on in the cluster, so a person looks before taking over.
 */
import { z } from 'zod';
import { LockedError } from '../errors.ts';
import { toolFailed } from '../tools/call.ts';
import { createManifest, parseObjects, replaceManifest, type ClusterPin } from '../tools/kubectl.ts';
import { objects } from './ask.ts';
import type { ClusterDeps } from './hands.ts';
import { ownLabelPrefix } from './names.ts';

export type LeaseDeps = Pick<ClusterDeps, 'run' | 'clock'>;

interface LeasePlace {
  readonly namespace: string;
  readonly name: string;
}

/** Of restores and drills. The namespace is there whatever else is lost. */
export const RESTORE_LEASE: LeasePlace = { namespace: 'kube-system', name: 'ffops-restore' };

export interface LeaseWish extends LeasePlace {
  /** `user@host` */
  readonly holder: string;
  /** In words, such as `restore of data, 20261128T030000Z`. The same words of the same holder are the same work, gone on with. */
  readonly work: string;
  /** What the same holder gives up for it: an earlier work that was killed still has the lease. */
  readonly insteadOf?: string | undefined;
  /** Whoever has it. */
  readonly takeOver: boolean;
}

export interface HeldLease {
  /** Says that it is still at work. Throws LockedError when somebody took over meanwhile. */
  renew(): Promise<void>;
  /** Quiet when somebody took over: it is theirs then. */
  release(): Promise<void>;
}

const workAnnotation = `${ownLabelPrefix}work`;

const leaseSchema = z.looseObject({
  metadata: z.looseObject({
    resourceVersion: z.string(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z
    .looseObject({
      holderIdentity: z.string().default(''),
      acquireTime: z.string().default(''),
      renewTime: z.string().default(''),
    })
    .prefault({}),
});

interface Lease {
  readonly version: string;
  readonly holder: string;
  readonly work: string;
  readonly since: string;
  readonly heard: string;
}

/** Throws LockedError saying who has it, for what, since when and when they were last heard of. */
export async function takeLease(deps: LeaseDeps, pin: ClusterPin, wish: LeaseWish): Promise<HeldLease> {
  const since = moment(deps);
  const found = await readLease(deps, pin, wish);
  const isOwn = found?.holder === wish.holder && [wish.work, wish.insteadOf].includes(found.work);
  if (found !== undefined && found.holder !== '' && !isOwn && !wish.takeOver) throw heldBy(found, TAKE_OVER);
  const taken = { holder: wish.holder, work: wish.work, since, heard: since };
  let version = await write(deps, pin, wish, taken, found?.version);
  // Somebody else was a moment faster.
  if (version === undefined) throw heldBy(await readLease(deps, pin, wish), TAKE_OVER);
  return {
    renew: async () => {
      version = await write(deps, pin, wish, { ...taken, heard: moment(deps) }, version);
      if (version !== undefined) return;
      const now = await readLease(deps, pin, wish);
      // What was written the last time may have come through, and only its answer not.
      if (now?.holder !== wish.holder || now.work !== wish.work) throw takenOver(wish, now);
      version = now.version;
    },
    release: async () => {
      if (version !== undefined) await write(deps, pin, wish, { holder: '', work: '', since, heard: since }, version);
    },
  };
}

/** For work that no lease is taken for. Throws LockedError while somebody restores into the cluster, or was killed at it. */
export async function refuseWhileRestored(deps: Pick<LeaseDeps, 'run'>, pin: ClusterPin): Promise<void> {
  const found = await readLease(deps, pin, RESTORE_LEASE);
  if (found === undefined || found.holder === '') return;
  const { namespace, name } = RESTORE_LEASE;
  throw heldBy(found, [
    'What was interrupted comes to its end when they run the same `ffops backup` command again.',
    `When you are sure that nobody goes on with it: \`ffops kube -- delete lease ${name} -n ${namespace}\`.`,
  ]);
}

async function readLease(
  deps: Pick<LeaseDeps, 'run'>,
  pin: ClusterPin,
  { namespace, name }: LeasePlace,
): Promise<Lease | undefined> {
  const fields = `metadata.name=${name}`;
  const [found] = await objects(deps.run, pin, ['leases.coordination.k8s.io'], { namespace, fields });
  if (found === undefined) return undefined;
  const { metadata, spec } = leaseSchema.parse(found);
  return {
    version: metadata.resourceVersion,
    holder: spec.holderIdentity,
    work: metadata.annotations[workAnnotation] ?? 'something',
    since: spec.acquireTime,
    heard: spec.renewTime,
  };
}

/** Returns what the cluster calls this version of it; undefined when it is another one by now than `version`. */
async function write(
  deps: LeaseDeps,
  pin: ClusterPin,
  { namespace, name }: LeasePlace,
  { holder, work, since, heard }: Omit<Lease, 'version'>,
  version: string | undefined,
): Promise<string | undefined> {
  const manifest = JSON.stringify({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace,
      annotations: { [workAnnotation]: work },
      ...(version !== undefined && { resourceVersion: version }),
    },
    spec: { holderIdentity: holder, acquireTime: since, renewTime: heard },
  });
  const call = version === undefined ? createManifest(pin, manifest) : replaceManifest(pin, manifest);
  const outcome = await deps.run('kubectl', call);
  if (outcome.exitCode === 0) return leaseSchema.parse(parseObjects(outcome.stdout)[0]).metadata.resourceVersion;
  if (/AlreadyExists|\(Conflict\)|the object has been modified/.test(outcome.stderr)) return undefined;
  throw toolFailed('cluster.noLease', `The cluster did not note that ${holder || 'nobody'} works on it`, outcome);
}

/** To the microsecond, which Kubernetes insists on. */
function moment({ clock }: LeaseDeps): string {
  return clock.now().toISOString().replace('Z', '000Z');
}

const TAKE_OVER = [
  'When you are sure that it does not: --take-over. What it left at work in the cluster goes on until it ends.',
];

function heldBy(lease: Lease | undefined, wayPast: readonly string[]): LockedError {
  const { work = 'something', holder = 'somebody', since = '', heard = '' } = lease ?? {};
  return new LockedError('cluster.held', {
    message: `${holder} is at it: ${work}, since ${toSecond(since)}; last heard of at ${toSecond(heard)}.`,
    hints: ['Wait for its end, or ask them: from here nobody can tell whether it still goes on.', ...wayPast],
  });
}

function takenOver({ work }: LeaseWish, lease: Lease | undefined): LockedError {
  return new LockedError('cluster.takenOver', {
    message: `${lease?.holder || 'Somebody'} took over from here (${lease?.work ?? 'nobody says for what'}): ${work} stops.`,
    hints: ['Talk to them before you go on.'],
  });
}

function toSecond(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z') || 'an unknown time';
}
