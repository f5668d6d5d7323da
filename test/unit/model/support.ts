/** A small registry of its own, so that the model's tests say what the model does and not what doks offers today. */
import { z } from 'zod';
import { UserError } from '../../../src/errors.ts';
import type { Problem } from '../../../src/errors.ts';
import { quantity } from '../../../src/model/formats.ts';
import { loadEnvironment } from '../../../src/model/load.ts';
import type { LoadedEnvironment } from '../../../src/model/load.ts';
import type { EntryRules, PlatformRules, Registry } from '../../../src/model/registry.ts';

const cloud: PlatformRules = {
  id: 'cloud',
  title: 'Test Cloud',
  choices: { 'cluster.region': ['ams3', 'fra1', 'nyc3'], 'cluster.nodePools[].size': ['small', 'large'] },
  unsupported: { 'cluster.context': 'The cluster is made by ffops: leave the option out.' },
  defaults: (written, { workspace, environment }) => ({
    cluster: {
      name: `${workspace}-${environment}`,
      region: 'ams3',
      version: '1.35',
      maintenance: { day: 'any', start: '04:00' },
      nodePools: [{ name: 'workers', size: 'small', count: 2, labels: {}, taints: [] }],
    },
    state: { backend: 'spaces', bucket: `${workspace}-state`, region: written.cluster?.region ?? 'ams3' },
    ingress: { controller: 'traefik', waf: 'detect', replicas: 2 },
    tls: { issuer: 'letsencrypt' },
    dns: { provider: 'digitalocean', ttl: 300 },
    databases: {
      postgres: { version: '17', memory: '1Gi', storage: '20Gi' },
      mariadb: { version: '11.8', memory: '1Gi', storage: '20Gi' },
    },
    objectStorage: { region: 'ams3', buckets: [] },
    backups: { enabled: true, schedule: '03:00', retentionDays: 30 },
    metrics: { enabled: true, retentionDays: 15, storage: '20Gi' },
    apps: { blog: { storage: '10Gi' }, shop: { storage: '50Gi' } },
  }),
  check: ({ cluster }) =>
    /^1\.3[3-6]$/.test(cluster.version ?? '')
      ? []
      : [
          {
            path: 'cluster.version',
            message: `Test Cloud does not offer Kubernetes ${cluster.version}.`,
            hints: ['Choose 1.33 to 1.36.'],
          },
        ],
};

const laptop: PlatformRules = {
  ...cloud,
  id: 'laptop',
  title: 'A laptop',
  choices: {},
  unsupported: { 'cluster.region': 'A laptop has no region.', mail: 'Nobody sends mail to a laptop.' },
  defaults: (written, context) => ({
    ...cloud.defaults(written, context),
    tls: { issuer: 'none' },
    dns: { provider: 'none', ttl: 300 },
    apps: {},
  }),
  check: () => [],
};

function app(id: string, options: z.ZodObject, rest: Partial<EntryRules> = {}): EntryRules {
  return { id, kind: 'app', title: `The app ${id}`, options, ...rest };
}

const entries: readonly EntryRules[] = [
  { id: 'proxy', kind: 'system', title: 'The proxy', options: z.strictObject({}) },
  app(
    'blog',
    z.strictObject({ title: z.string().default('A blog').describe('Its title.'), storage: quantity.default('5Gi') }),
    {
      optionOwners: { waf: 'ingress.waf' },
    },
  ),
  app(
    'flow',
    z.strictObject({
      queueMode: z.boolean().default(false).describe('Spreads work over several pods.'),
      workers: z.int().min(1).max(9).default(2),
      media: z.union([z.literal('volume'), z.strictObject({ bucket: z.string().min(3) })]).default('volume'),
      mailer: z.strictObject({ from: z.string().default('flow'), port: z.int().default(25) }).prefault({}),
    }),
  ),
  app('shop', z.strictObject({ storage: quantity.default('5Gi'), currency: z.enum(['eur', 'usd']).default('eur') }), {
    check: ({ apps }) =>
      apps['blog'] === undefined ? [{ path: 'apps.shop', about: 'key', message: 'the shop needs the blog' }] : [],
  }),
];

export const registry: Registry = {
  platforms: new Map([cloud, laptop].map((platform) => [platform.id, platform])),
  entries: new Map(entries.map((entry) => [entry.id, entry])),
};

export const FILE = 'environments/prod.yaml';

export function load(text: string, name = 'prod', workspace = 'acme'): Promise<LoadedEnvironment> {
  return loadEnvironment({ file: FILE, text, name, workspace, registry });
}

/** The problems of a file that must not load. */
export async function problemsOf(text: string, name?: string): Promise<readonly Problem[]> {
  return problemsFrom(() => load(text, name));
}

export async function problemsFrom(action: () => unknown): Promise<readonly Problem[]> {
  try {
    await action();
  } catch (error) {
    if (error instanceof UserError) return error.problems;
    throw error;
  }
  throw new Error('This should have been refused.');
}

/** `line:column message` and the hints, as a person reads them. */
export function told(problems: readonly Problem[]): string[] {
  return problems.map(({ message, at, hints = [] }) => `${at?.line}:${at?.column} ${[message, ...hints].join(' | ')}`);
}

/** A valid file of the test cloud, and more lines. */
export function prod(...lines: readonly string[]): string {
  return ['platform: cloud', 'rootDomain: acme.be', ...lines, ''].join('\n');
}
