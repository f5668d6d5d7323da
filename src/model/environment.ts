/**
 * The typed environment, told once: `environmentSchema` is what an environment means once every default is in;
 * `writtenEnvironmentSchema` is the same with nearly everything optional, which is what people write. Every option has a
 * description: the JSON Schema and the reference pages come from here.
 */
import { z } from 'zod';
import type { DeepPartial } from './registry.ts';
import {
  bodySize,
  bucketName,
  dnsLabel,
  dnsName,
  email,
  labelKey,
  labelValue,
  privateNetwork,
  quantity,
  schedule,
  timeOfDay,
} from './formats.ts';
import { written } from './written.ts';

const taint = z.strictObject({
  key: labelKey.describe('Name of the taint, such as `dedicated`.'),
  value: labelValue.default('').describe('Value of the taint.'),
  effect: z
    .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
    .describe('What happens to pods that do not tolerate it.'),
});

const nodePool = z.strictObject({
  name: dnsLabel.describe('Name of the pool, unique in the cluster. Renaming it replaces its nodes.'),
  size: z.string().min(1).describe("The platform's size of each node, such as `s-4vcpu-8gb`."),
  count: z.int().min(1).max(512).optional().describe('A fixed number of nodes. Leave it out when the pool autoscales.'),
  autoscale: z
    .strictObject({
      min: z.int().min(0).max(512).describe('Never fewer nodes than this.'),
      max: z.int().min(1).max(512).describe('Never more nodes than this.'),
    })
    .optional()
    .describe('Lets the platform choose the number of nodes between two bounds.'),
  labels: z
    .record(labelKey, labelValue)
    .default({})
    .describe('Kubernetes labels of the nodes, for workloads of your own: ffops places nothing by them.'),
  taints: z
    .array(taint)
    .default([])
    .describe('Taints of the nodes: only pods that tolerate them run there, and no app of ffops does.'),
});

const cluster = z.strictObject({
  name: dnsLabel.describe('Name of the cluster. On `local`, also of its folder below `data/`.'),
  region: z.string().optional().describe('Where the cluster runs, such as `ams3`.'),
  version: z
    .string()
    .optional()
    .describe(
      'Kubernetes version at creation, such as `1.33`. Auto-upgrade moves it on; upgrading is a command of its own.',
    ),
  vpcRange: privateNetwork
    .optional()
    .describe('Private network of the cluster, such as `10.10.0.0/16`. Cannot change later.'),
  highAvailability: z
    .boolean()
    .default(false)
    .describe(
      'A control plane that survives the loss of a machine. Costs extra; left out, DigitalOcean decides, and from 1.36 on it decides yes.',
    ),
  autoUpgrade: z
    .boolean()
    .default(true)
    .describe('Patch releases of Kubernetes are installed in the maintenance window.'),
  maintenance: z
    .strictObject({
      day: z
        .enum(['any', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'])
        .describe('Day of the window.'),
      start: timeOfDay.describe('Start of the window, in UTC, such as `04:00`.'),
    })
    .optional()
    .describe('When the platform may restart nodes and upgrade Kubernetes.'),
  systemPool: z
    .strictObject({
      size: z.string().min(1).describe("The platform's size of each node."),
      count: z.int().min(1).max(512).describe('Number of nodes.'),
    })
    .optional()
    .describe('The small fixed pool inside the cluster itself. Changing its size replaces the cluster.'),
  nodePools: z.array(nodePool).default([]).describe('The pools that carry the work.'),
  context: z
    .string()
    .min(1)
    .optional()
    .describe('On `local`: the context of your kubeconfig that reaches the cluster.'),
});

const smtp = z.strictObject({
  host: dnsName.describe('Server, such as `smtp.example.com`.'),
  port: z.int().min(1).max(65_535).default(587).describe('587 for `starttls`, 465 for `tls`.'),
  tls: z
    .enum(['starttls', 'tls', 'none'])
    .default('starttls')
    .describe('When encryption begins: after a greeting, at once, or never.'),
  user: z.string().min(1).max(200).optional().describe('Who logs in; the password is the secret `mail.smtpPassword`.'),
  from: email.describe('Sender of what apps write.'),
});

export const environmentSchema = z.strictObject({
  platform: z.string().describe('Where the environment runs.'),
  rootDomain: z.string().describe('The domain everything hangs below. Every host name derives from it.'),
  size: z
    .enum(['small', 'medium', 'large'])
    .default('medium')
    .describe('How much the apps ask of the nodes: `small` asks half, `large` twice and may use twice.'),
  cluster: cluster.describe('The Kubernetes cluster.'),
  state: z
    .strictObject({
      backend: z
        .enum(['spaces', 'local'])
        .describe('`spaces` keeps state in a bucket that several people share; `local` in `.ffops/`.'),
      bucket: bucketName.optional().describe('Bucket of the state; `ffops env bootstrap` makes it.'),
      region: z.string().optional().describe('Region of that bucket.'),
    })
    .describe("Where OpenTofu's state is kept, always encrypted."),
  ingress: z
    .strictObject({
      controller: z.enum(['traefik', 'nginx']).describe('`nginx` is the one that minikube brings.'),
      waf: z.enum(['off', 'detect', 'block']).describe('Web application firewall in front of every app: OWASP rules.'),
      bodyLimit: bodySize
        .default('32Mi')
        .describe('Largest upload that the firewall lets through. Each is held in memory while it is looked at.'),
      replicas: z.int().min(1).max(20).describe('Pods of the ingress controller.'),
    })
    .describe('How requests come in.'),
  tls: z
    .strictObject({
      issuer: z
        .enum(['letsencrypt', 'letsencrypt-staging', 'none'])
        .describe('Who signs certificates. `letsencrypt-staging` is for trials: browsers do not trust it.'),
      email: email.optional().describe("Where Let's Encrypt writes when a certificate is about to expire."),
    })
    .describe('Certificates.'),
  dns: z
    .strictObject({
      provider: z.enum(['digitalocean', 'none']).describe('Who serves the zone of `rootDomain`.'),
      ttl: z.int().min(30).max(86_400).describe('Seconds that others may remember a record. Small while you migrate.'),
    })
    .describe('Records of the root domain and of every app.'),
  mail: z
    .strictObject({
      mx: z
        .array(
          z.strictObject({
            host: dnsName.describe('Mail server.'),
            priority: z.int().min(0).max(65_535).describe('The lowest is tried first.'),
          }),
        )
        .default([])
        .describe('Servers that receive mail for the root domain.'),
      spf: z
        .string()
        .regex(/^v=spf1( |$)/, 'a record that starts with v=spf1')
        .optional()
        .describe('Who may send mail for the domain, such as `v=spf1 mx -all`.'),
      dkim: z
        .array(
          z.strictObject({
            selector: dnsName.describe('Selector, the part before `._domainkey`.'),
            publicKey: z
              .string()
              .regex(/^[A-Za-z0-9+/]+={0,2}$/, 'base64 text: only what follows `p=`')
              .optional()
              .describe(
                'Public key of your mail server, the base64 text after `p=`: RSA of 1024 bits or more, or the 32 bytes of Ed25519. Left out, ffops makes the pair, and its private half is the secret `mail.dkim.SELECTOR`.',
              ),
          }),
        )
        .default([])
        .describe('Public keys that prove who signed a mail.'),
      dmarc: z
        .string()
        .regex(/^v=DMARC1;/, 'a record that starts with v=DMARC1;')
        .optional()
        .describe('What others do with mail that fails, such as `v=DMARC1; p=quarantine`.'),
      smtp: smtp.optional().describe('The server that apps send mail through.'),
    })
    .optional()
    .describe('Mail: records of the root domain, and how apps send.'),
  databases: z
    .strictObject({
      postgres: z
        .strictObject({
          version: z
            .enum(['17', '18'])
            .describe(
              'Major version. It does not open the files of another: `ffops db dump` before, `ffops db restore` after.',
            ),
          memory: quantity.describe('What it may use; its caches and its connections follow from it.'),
          storage: quantity.describe('Size of its volume; it can only grow.'),
        })
        .describe('PostgreSQL, for nearly every app.'),
      mariadb: z
        .strictObject({
          version: z.enum(['11.4', '11.8']).describe('Version. It upgrades its files to a later one, and never back.'),
          memory: quantity.describe('What it may use; its caches and its connections follow from it.'),
          storage: quantity.describe('Size of its volume; it can only grow.'),
        })
        .describe('MariaDB, installed when an app needs it.'),
    })
    .describe('Databases, run by ffops inside the cluster.'),
  objectStorage: z
    .strictObject({
      region: z.string().optional().describe('Region of the buckets.'),
      buckets: z
        .array(bucketName)
        .default([])
        .describe('Buckets of your own, beside those of backups and apps. One that an app leaves is kept here.'),
    })
    .describe('Buckets.'),
  backups: z
    .strictObject({
      enabled: z.boolean().describe('Backs up volumes and databases.'),
      schedule: schedule.describe('Every day at a time (`03:00`), in UTC, or five cron fields (`0 3 * * 1`).'),
      retentionDays: z.int().min(1).max(3650).describe('Days that a backup is kept.'),
      server: z
        .enum(['versitygw', 'minio'])
        .optional()
        .describe('The S3 server that a local cluster keeps them with, below `data/` of the workspace.'),
    })
    .describe('Backups by Velero.'),
  metrics: z
    .strictObject({
      enabled: z.boolean().describe('Installs Prometheus, Alertmanager and Grafana.'),
      retentionDays: z.int().min(1).max(3650).describe('Days that measurements are kept.'),
      storage: quantity.describe("Size of Prometheus' volume; it can only grow."),
      receivers: z
        .strictObject({
          slack: z
            .string()
            .regex(/^#[a-z0-9_-]{1,80}$/, 'the name of a channel, such as #alerts')
            .optional()
            .describe('Channel of Slack, such as `#alerts`; its webhook is the secret `alerts.slackUrl`.'),
          email: z.array(email).default([]).describe('Addresses; mail goes through `mail.smtp`.'),
          webhook: z
            .boolean()
            .default(false)
            .describe('Posts alerts as JSON to the address that is the secret `alerts.webhookUrl`.'),
        })
        .default({ email: [], webhook: false })
        .describe('Who is told of alerts. With nobody here, they are seen in Grafana alone.'),
    })
    .describe('Measurements, dashboards and alerts.'),
  /** Options are checked by the catalogue entry of the same name. */
  apps: z.record(z.string(), z.record(z.string(), z.unknown())).describe('The apps to install, each with its options.'),
});

export type Environment = z.infer<typeof environmentSchema>;

/** What the file says, types checked, before any default. */
export type WrittenEnvironment = DeepPartial<Environment> & Pick<Environment, 'platform' | 'rootDomain'>;

export const writtenEnvironmentSchema = written(environmentSchema, ['platform', 'rootDomain']);
