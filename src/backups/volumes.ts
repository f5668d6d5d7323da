/** Volumes whose files Velero backs up: which of them a backup holds, and which of them it could back up now. */
import { objects, objectsIfKnown } from '../cluster/ask.ts';
import { mounts } from '../cluster/mounts.ts';
import { VELERO_NAMESPACE, volumeBackup, type VolumeBackup } from '../cluster/velero.ts';
import type { Volume } from '../model/blueprint.ts';
import { z } from 'zod';
import type { BackupDeps } from './hands.ts';

export async function volumeBackups(deps: BackupDeps): Promise<readonly VolumeBackup[]> {
  const found = await objectsIfKnown(deps.run, await deps.pin(), ['podvolumebackups.velero.io'], {
    namespace: VELERO_NAMESPACE,
  });
  return (found ?? []).map(volumeBackup);
}

/** Of these namespaces, those whose files lie in the backup: without theirs, a new volume would stay empty. */
export async function volumesIn(
  deps: BackupDeps,
  backup: string,
  namespaces: readonly string[],
): Promise<readonly Volume[]> {
  const held = (await volumeBackups(deps)).filter((one) => one.backup === backup && one.whole);
  return deps.blueprint.volumes.filter(
    ({ name, namespace, fileBackup }) =>
      fileBackup &&
      namespaces.includes(namespace) &&
      held.some((one) => one.namespace === namespace && one.claim === name),
  );
}

const podSchema = z.looseObject({ status: z.looseObject({ phase: z.string().default('') }).prefault({}) });

/** Those of them that are there, and that Velero cannot back up now: it reads a volume where a running pod has it open. */
export async function unreadable(deps: BackupDeps, volumes: readonly Volume[]): Promise<readonly Volume[]> {
  if (volumes.length === 0) return [];
  const all = await objects(deps.run, await deps.pin(), ['persistentvolumeclaims', 'pods']);
  const running = all.filter((one) => one.kind === 'Pod' && podSchema.parse(one).status.phase === 'Running');
  return volumes.filter(({ name, namespace }) => {
    const claim = all.find(
      ({ kind, metadata }) =>
        kind === 'PersistentVolumeClaim' && metadata.name === name && metadata.namespace === namespace,
    );
    return claim !== undefined && !running.some((pod) => mounts(pod, claim));
  });
}
