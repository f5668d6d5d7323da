/** What ffops writes on the objects it owns. */
import { BACKUP_OF, backupOwner } from '../model/backup-label.ts';
import type { Blueprint, Stack } from '../model/blueprint.ts';

export const managedByLabel = 'app.kubernetes.io/managed-by';
export const manager = 'ffops';
/** Field manager of what rolls workloads, apart from the objects ffops owns as a whole. */
export const rollManager = 'ffops-roll';
/** What begins with it is ours: nobody else writes it. */
export const ownLabelPrefix = 'ffops.dev/';
export const environmentLabel = `${ownLabelPrefix}environment`;
export const stackLabel = `${ownLabelPrefix}stack`;
/** What a claim holds that outlived its release, as `{name, what}`: the environment may forget the release, its data has a name for good. */
export const dataAnnotation = `${ownLabelPrefix}data`;
/** Keyed digest of a Secret's data. */
export const digestAnnotation = 'ffops.dev/digest';
/** Keyed digest of every Secret that a workload reads. */
export const secretsAnnotation = 'ffops.dev/secrets';

export function ownLabels(blueprint: Blueprint, stack: Pick<Stack, 'name'>): Record<string, string> {
  return { [managedByLabel]: manager, [environmentLabel]: blueprint.environment, [stackLabel]: stack.name };
}

/** On what ffops asks of Velero. */
export function backupLabels(blueprint: Blueprint): Record<string, string> {
  return { [managedByLabel]: manager, [BACKUP_OF]: backupOwner(blueprint) };
}

/** Helm writes on everything it installs which release it belongs to. */
export const helmReleaseAnnotation = 'meta.helm.sh/release-name';
export const helmSecretType = 'helm.sh/release.v1';
