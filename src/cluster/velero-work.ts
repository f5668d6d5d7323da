/** A backup or a restore of Velero's: asked for, watched until the server says that it is over, and explained. */
import { FailedError } from '../errors.ts';
import { toolFailed } from '../tools/call.ts';
import { applyManifests, type ClusterPin, type KubeObject } from '../tools/kubectl.ts';
import { objects, objectsIfKnown, objectsPatiently } from './ask.ts';
import type { ClusterDeps } from './hands.ts';
import { manager } from './names.ts';
import {
  isFinal,
  runningSince,
  storageLocation,
  VELERO_NAMESPACE,
  veleroBackup,
  veleroRestore,
  type VeleroBackup,
  type VeleroRestore,
} from './velero.ts';

export type VeleroDeps = Pick<ClusterDeps, 'run' | 'clock' | 'interruption'>;

/** Progress for people, a line at a time. */
type Tell = (text: string) => void;

const POLL_MS = 1000;
/** A server that does not take up what it is asked within this time does not run. */
const TAKEN_UP_WITHIN_MS = 120_000;

const NOT_INSTALLED = new FailedError('backup.noVelero', {
  message: 'Velero is not installed in this cluster.',
  hints: ['`ffops apply --stack infra` installs it.'],
});

/** Every backup that Velero knows of. Throws FailedError when it is not installed. */
export async function veleroBackups(deps: VeleroDeps, pin: ClusterPin): Promise<readonly VeleroBackup[]> {
  const found = await objectsIfKnown(deps.run, pin, ['backups.velero.io'], {
    namespace: VELERO_NAMESPACE,
  });
  if (found === undefined) throw NOT_INSTALLED;
  return found.map(veleroBackup).sort((a, b) => b.startedAt.localeCompare(a.startedAt));
}

/** Throws FailedError with the cure when Velero's bucket is not reachable from the cluster, or its server does not run. */
export async function refuseUnreadyVelero(deps: VeleroDeps, pin: ClusterPin): Promise<void> {
  const found = await objectsIfKnown(deps.run, pin, ['backupstoragelocations.velero.io'], {
    namespace: VELERO_NAMESPACE,
  });
  if (found === undefined) throw NOT_INSTALLED;
  const [deployment] = await objects(deps.run, pin, ['deployments.apps'], {
    namespace: VELERO_NAMESPACE,
    fields: 'metadata.name=velero',
  });
  const ready = ((deployment?.['status'] ?? {}) as { availableReplicas?: number }).availableReplicas ?? 0;
  if (ready === 0) {
    throw new FailedError('backup.veleroNotReady', {
      message: 'Velero does not run: nothing can be backed up or restored.',
      hints: ['`ffops logs velero` shows what it says.', '`ffops status` shows what else does not run.'],
    });
  }
  const locations = found.map(storageLocation);
  const away = locations.find(({ available }) => !available);
  if (away === undefined && locations.length > 0) return;
  throw new FailedError('backup.locationUnavailable', {
    message:
      away === undefined
        ? 'Velero has no place to keep backups.'
        : `Velero cannot use the bucket ${away.bucket}: ${away.message || 'it has not been looked at yet'}`,
    hints: [
      'Is the bucket there (`ffops apply --stack base`), and does its key open it (`ffops secrets set backups.accessKey`)?',
    ],
  });
}

/** Velero looks which kinds there are when it starts, and every five minutes from then. */
const LOOKS_EVERY_MS = 300_000;
/** What its start and its looks take. They add up: of a server that is older than an hour, nobody knows when it looks. */
const SLACK_MS = 15_000;
const KNOWN_FOR_MS = 3_600_000;

/** How long to wait until it has looked again: soon, when its start tells when, and then, should that be wrong, for certain. */
export async function waitsForVelero(deps: VeleroDeps, pin: ClusterPin): Promise<readonly number[]> {
  const pods = await objects(deps.run, pin, ['pods'], { namespace: VELERO_NAMESPACE, labels: 'name=velero' });
  const [since] = pods.flatMap((pod) => runningSince(pod) ?? []);
  const age = since === undefined ? Infinity : deps.clock.now().getTime() - since.getTime();
  const certain = LOOKS_EVERY_MS + SLACK_MS;
  return age < KNOWN_FOR_MS ? [certain - (age % LOOKS_EVERY_MS), certain] : [certain];
}

export async function askVelero(deps: VeleroDeps, pin: ClusterPin, manifest: object, what: string): Promise<void> {
  const outcome = await deps.run('kubectl', applyManifests(pin, JSON.stringify(manifest), manager));
  if (outcome.exitCode !== 0) throw toolFailed('backup.refused', `${what} could not be asked for`, outcome);
}

/** Undefined when the user no longer wants to wait: Velero goes on by itself. */
export async function awaitBackup(
  deps: VeleroDeps,
  pin: ClusterPin,
  name: string,
  tell: Tell,
): Promise<VeleroBackup | undefined> {
  return await awaitEnd(deps, pin, 'backups.velero.io', name, veleroBackup, tell);
}

export async function awaitRestore(
  deps: VeleroDeps,
  pin: ClusterPin,
  name: string,
  tell: Tell,
): Promise<VeleroRestore | undefined> {
  return await awaitEnd(deps, pin, 'restores.velero.io', name, veleroRestore, tell);
}

interface Work {
  readonly name: string;
  readonly phase: string;
  readonly itemsDone: number;
  readonly itemsTotal: number;
}

async function awaitEnd<Kind extends Work>(
  deps: VeleroDeps,
  pin: ClusterPin,
  kind: string,
  name: string,
  read: (object: KubeObject) => Kind,
  tell: Tell,
): Promise<Kind | undefined> {
  const began = deps.clock.now().getTime();
  for (;;) {
    const fields = `metadata.name=${name}`;
    const [object] = await objectsPatiently(deps, pin, [kind], { namespace: VELERO_NAMESPACE, fields });
    const work = object === undefined ? undefined : read(object);
    if (work !== undefined && isFinal(work.phase)) return work;
    if (work === undefined || isWaiting(work)) {
      const late = deps.clock.now().getTime() - began > TAKEN_UP_WITHIN_MS;
      // One after the other: what came before may take its hours.
      const before = late ? await underWay(deps, pin, kind, read) : undefined;
      if (late && before === undefined) {
        throw new FailedError('backup.notTakenUp', {
          message: `Velero has not taken up ${name} within two minutes.`,
          hints: ['`ffops logs velero` shows what its server says; what was asked stays asked.'],
        });
      }
      tell(`${name}: waiting for Velero${before === undefined ? '' : `, which works on ${before.name}`}`);
    } else tell(`${name}: ${work.itemsDone} of ${work.itemsTotal} objects`);
    if (deps.interruption.requested) return undefined;
    await deps.clock.sleep(POLL_MS, deps.interruption);
  }
}

function isWaiting({ phase }: Work): boolean {
  return phase === 'New' || phase === '';
}

async function underWay<Kind extends Work>(
  deps: VeleroDeps,
  pin: ClusterPin,
  kind: string,
  read: (object: KubeObject) => Kind,
): Promise<Kind | undefined> {
  const all = (await objectsPatiently(deps, pin, [kind], { namespace: VELERO_NAMESPACE })).map(read);
  return all.find((one) => !isWaiting(one) && !isFinal(one.phase) && one.phase !== 'Deleting');
}
