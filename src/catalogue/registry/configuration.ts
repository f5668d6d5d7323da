/** Zot's configuration file, as it wants it. */
import type { RegistryOptions } from './options.ts';

export const ADMIN = 'admin';
export const MONITOR = 'metrics';
export const ROOT = '/var/lib/registry';
export const LOGINS = '/etc/zot/htpasswd';
/** Stands in the file for the address of the object storage: the chart puts it in. */
export const S3_ADDRESS = 'S3_ADDRESS';

export interface RegistryWish extends RegistryOptions {
  readonly metrics: boolean;
  readonly bucket?: { readonly name: string; readonly region: string };
}

export function configuration(wish: RegistryWish): string {
  return `${JSON.stringify(
    {
      storage: storage(wish),
      http: { address: '0.0.0.0', port: '5000', compat: ['docker2s2'], ...access(wish) },
      log: { level: 'info' },
      extensions: {
        search: { enable: true },
        ui: { enable: true },
        ...(wish.metrics ? { metrics: { enable: true, prometheus: { path: '/metrics' } } } : {}),
      },
    },
    null,
    2,
  )}\n`;
}

function storage({ bucket, keepTags, keepUntaggedDays }: RegistryWish): object {
  return {
    rootDirectory: ROOT,
    // What several images share is kept once; of a bucket that would need a database of its own.
    dedupe: bucket === undefined,
    gc: true,
    gcInterval: '24h',
    retention: {
      policies: [
        {
          repositories: ['**'],
          deleteReferrers: true,
          deleteUntagged: true,
          keepUntagged: { pushedWithin: `${keepUntaggedDays * 24}h` },
          ...(keepTags === undefined ? {} : { keepTags: [{ mostRecentlyPushedCount: keepTags }] }),
        },
      ],
    },
    ...(bucket === undefined
      ? {}
      : {
          storageDriver: {
            name: 's3',
            rootdirectory: '/registry',
            region: bucket.region,
            regionendpoint: `@${S3_ADDRESS}@`,
            bucket: bucket.name,
            forcepathstyle: true,
            secure: true,
            skipverify: false,
          },
        }),
  };
}

function access({ access, metrics }: RegistryWish): object {
  if (access === 'open') return {};
  return {
    auth: { htpasswd: { path: LOGINS }, failDelay: 5 },
    accessControl: {
      repositories: { '**': access === 'pull' ? { anonymousPolicy: ['read'] } : { defaultPolicy: [] } },
      adminPolicy: { users: [ADMIN], actions: ['read', 'create', 'update', 'delete'] },
      ...(metrics ? { metrics: { users: [MONITOR] } } : {}),
    },
  };
}
