/** The typed environment: what people write (`EnvironmentInput`) and what it means once every default is in. */
import { z } from 'zod';

const taint = z.strictObject({
  key: z.string(),
  value: z.string().default(''),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
});

const nodePool = z.strictObject({
  name: z.string(),
  size: z.string(),
  /** Fixed count, or autoscaling between two bounds. */
  count: z.int().min(1).optional(),
  autoscale: z.strictObject({ min: z.int().min(0), max: z.int().min(1) }).optional(),
  labels: z.record(z.string(), z.string()).default({}),
  taints: z.array(taint).default([]),
});

export const environmentSchema = z.strictObject({
  platform: z.string(),
  rootDomain: z.string(),
  cluster: z.strictObject({
    name: z.string(),
    /** doks */
    region: z.string().optional(),
    version: z.string().optional(),
    vpcRange: z.string().optional(),
    highAvailability: z.boolean().default(false),
    autoUpgrade: z.boolean().default(true),
    maintenance: z.strictObject({ day: z.string(), start: z.string() }).optional(),
    /** The small fixed pool that lives inside the cluster resource. */
    systemPool: z.strictObject({ size: z.string(), count: z.int().min(1) }).optional(),
    nodePools: z.array(nodePool).default([]),
    /** local */
    context: z.string().optional(),
  }),
  ingress: z.strictObject({
    controller: z.enum(['traefik', 'nginx']),
    waf: z.enum(['off', 'detect', 'block']),
    replicas: z.int().min(1),
  }),
  tls: z.strictObject({
    issuer: z.enum(['letsencrypt', 'letsencrypt-staging', 'none']),
    email: z.string().optional(),
  }),
  dns: z.strictObject({ provider: z.enum(['digitalocean', 'none']), ttl: z.int().min(30) }),
  mail: z
    .strictObject({
      mx: z.array(z.strictObject({ host: z.string(), priority: z.int() })).default([]),
      spf: z.string().optional(),
      dkim: z.array(z.strictObject({ selector: z.string(), publicKey: z.string() })).default([]),
      dmarc: z.string().optional(),
    })
    .optional(),
  databases: z.strictObject({
    postgres: z.strictObject({ version: z.string(), storage: z.string() }),
    mariadb: z.strictObject({ version: z.string(), storage: z.string() }),
  }),
  objectStorage: z.strictObject({ region: z.string().optional(), buckets: z.array(z.string()).default([]) }),
  backups: z.strictObject({ enabled: z.boolean(), schedule: z.string(), retentionDays: z.int().min(1) }),
  metrics: z.strictObject({ enabled: z.boolean(), retentionDays: z.int().min(1), storage: z.string() }),
  /** Options are checked by the catalogue entry of the same name. */
  apps: z.record(z.string(), z.record(z.string(), z.unknown())),
});

export type Environment = z.infer<typeof environmentSchema>;
