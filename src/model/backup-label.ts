/**
 * Objects of a backup are kept as they are, Secrets readable: those that can be made again are left out of it. ffops
 * writes its own anew, cert-manager asks for another certificate.
 */
export const LEFT_OUT_OF_BACKUPS = { 'velero.io/exclude-from-backup': 'true' } as const;
