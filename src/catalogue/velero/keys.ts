/** A key of its own: whoever reads Secrets in the cluster then reaches the backups, and neither state nor other buckets. */
export const BACKUPS_ACCESS_KEY = 'backups.accessKey';
export const BACKUPS_SECRET_KEY = 'backups.secretKey';
