/** What is written on objects for the sake of backups. */
import type { EnvironmentContext } from './registry.ts';

/**
 * Objects of a backup are kept as they are, Secrets readable: those that can be made again are left out of it. ffops
 * writes its own anew, cert-manager asks for another certificate.
 */
export const LEFT_OUT_OF_BACKUPS = { 'velero.io/exclude-from-backup': 'true' } as const;

/** Whose a backup is: on Velero's schedules, whose backups take it from them, and on each backup that ffops asks for. */
export const BACKUP_OF = 'ffops.dev/backup-of';

/** The same words as in the manifest of a dump. The environment, not its cluster: that one may be lost and made anew. */
export function backupOwner({ workspace, environment }: EnvironmentContext): string {
  return `${workspace}-${environment}`;
}
