/** What an environment on DigitalOcean Kubernetes means when it says nothing. */
import type { Environment, WrittenEnvironment } from '../../model/environment.ts';
import type { DeepPartial, EnvironmentContext } from '../../model/registry.ts';
import { stateBucket } from './names.ts';
import { VERSIONS } from './offering.ts';

const REGION = 'ams3';

export const DEFAULT_SYSTEM_POOL = { size: 's-2vcpu-4gb', count: 1 } as const;

export function defaults(written: WrittenEnvironment, context: EnvironmentContext): DeepPartial<Environment> {
  const region = written.cluster?.region ?? REGION;
  const storageRegion = written.objectStorage?.region ?? region;
  return {
    cluster: {
      name: `${context.workspace}-${context.environment}`,
      region,
      version: VERSIONS[1],
      autoUpgrade: true,
      highAvailability: false,
      systemPool: DEFAULT_SYSTEM_POOL,
      nodePools: [{ name: 'workers', size: 's-4vcpu-8gb', autoscale: { min: 2, max: 4 }, labels: {}, taints: [] }],
    },
    state: { backend: 'spaces', bucket: stateBucket(context), region: storageRegion },
    ingress: { controller: 'traefik', waf: 'detect', replicas: 2 },
    tls: { issuer: 'letsencrypt' },
    dns: { provider: 'digitalocean', ttl: 300 },
    databases: { postgres: { version: '17', storage: '20Gi' }, mariadb: { version: '11.8', storage: '20Gi' } },
    objectStorage: { region: storageRegion, buckets: [] },
    backups: { enabled: true, schedule: '03:00', retentionDays: 30 },
    metrics: { enabled: true, retentionDays: 15, storage: '20Gi' },
    apps: {},
  };
}
