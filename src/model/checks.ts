/** What the types of an environment cannot say, whatever the platform. */
import { isBitnami } from './bitnami.ts';
import { dkimFindings } from './dkim.ts';
import type { DocumentNode } from './document.ts';
import type { Environment, WrittenEnvironment } from './environment.ts';
import { nearest } from './nearest.ts';
import type { Origins } from './origin.ts';
import { childPath, parsePath } from './path.ts';
import type { EnvironmentContext, Finding, PlatformRules, Registry } from './registry.ts';
import { rootDomainFlaw } from './rootDomain.ts';

export function checkPlatform(written: WrittenEnvironment, { platforms }: Registry): Finding[] {
  const id: unknown = written.platform;
  if (typeof id !== 'string' || platforms.has(id)) return [];
  const near = nearest(id, platforms.keys());
  const hint = near === undefined ? `Platforms: ${[...platforms.keys()].join(', ')}.` : `Did you mean \`${near}\`?`;
  return [{ path: 'platform', message: `There is no platform \`${id}\`.`, hints: [hint] }];
}

/** Options that the platform has no use for; defaults are not held against anybody. */
export function checkSupported(written: WrittenEnvironment, platform: PlatformRules): Finding[] {
  return Object.entries(platform.unsupported ?? {}).flatMap(([pattern, instead]) =>
    valuesAt(written, pattern).map(({ path }): Finding => ({
      path,
      about: 'key',
      message: `\`${path}\` means nothing on ${platform.title}.`,
      hints: [instead],
    })),
  );
}

export async function checkRootDomain(written: WrittenEnvironment): Promise<Finding[]> {
  const rootDomain: unknown = written.rootDomain;
  if (typeof rootDomain !== 'string') return [];
  const flaw = await rootDomainFlaw(rootDomain, false);
  return flaw === undefined ? [] : [{ path: 'rootDomain', ...flaw }];
}

export async function checkEnvironment(
  environment: Environment,
  origins: Origins,
  platform: PlatformRules,
  registry: Registry,
  context: EnvironmentContext,
): Promise<Finding[]> {
  const apps = Object.keys(environment.apps).map((id) => registry.entries.get(id));
  return [
    ...(await servedDomain(environment)),
    ...nodePoolFindings(environment),
    ...dkimFindings(environment.mail?.dkim ?? []),
    ...receiverFindings(environment),
    ...choiceFindings(environment, platform, origins),
    ...platform.check(environment, context),
    ...apps.flatMap((entry) => entry?.check?.(environment, context) ?? []),
  ];
}

async function servedDomain(environment: Environment): Promise<Finding[]> {
  const served = environment.dns.provider !== 'none' || environment.tls.issuer !== 'none';
  if (!served || (await rootDomainFlaw(environment.rootDomain, false)) !== undefined) return [];
  const flaw = await rootDomainFlaw(environment.rootDomain, true);
  return flaw === undefined ? [] : [{ path: 'rootDomain', ...flaw }];
}

function receiverFindings({ metrics, mail }: Environment): Finding[] {
  if (metrics.receivers.email.length === 0 || mail?.smtp !== undefined) return [];
  return [
    {
      path: 'metrics.receivers.email',
      message: 'Alerts by mail need a server that mail goes through.',
      hints: ['Add `mail.smtp`, or choose `slack` or `webhook`.'],
    },
  ];
}

function nodePoolFindings(environment: Environment): Finding[] {
  const seen = new Set<string>();
  return environment.cluster.nodePools.flatMap((pool, index) => {
    const path = `cluster.nodePools[${index}]`;
    const findings: Finding[] = [];
    if (seen.has(pool.name))
      findings.push({
        path: `${path}.name`,
        message: `Two node pools are called \`${pool.name}\`.`,
        hints: ['Give each pool a name of its own.'],
      });
    seen.add(pool.name);
    if ((pool.count === undefined) === (pool.autoscale === undefined)) {
      findings.push({
        path,
        message: `The node pool \`${pool.name}\` needs either \`count\` or \`autoscale\`.`,
        hints: ['`count: 2` is a fixed size; `autoscale: {min: 1, max: 4}` lets it grow.'],
      });
    }
    if (pool.autoscale !== undefined && pool.autoscale.min > pool.autoscale.max) {
      findings.push({
        path: `${path}.autoscale`,
        message: `\`${path}.autoscale\` has a \`min\` above its \`max\`.`,
        hints: ['Swap them.'],
      });
    }
    return findings;
  });
}

/** Values of the file only: a default that follows from a wrong value would be the same mistake told twice. */
function choiceFindings(environment: Environment, platform: PlatformRules, origins: Origins): Finding[] {
  return Object.entries(platform.choices ?? {}).flatMap(([pattern, choices]) =>
    valuesAt(environment, pattern).flatMap(({ path, value }): Finding[] => {
      if (choices.includes(String(value)) || origins.of(path).kind !== 'file') return [];
      const near = nearest(String(value), choices);
      const list = choices.length > 20 ? `${choices.slice(0, 20).join(', ')}, …` : choices.join(', ');
      return [
        {
          path,
          message: `${platform.title} does not offer \`${path}: ${String(value)}\`.`,
          hints: [...(near === undefined ? [] : [`Did you mean \`${near}\`?`]), `It offers: ${list}.`],
        },
      ];
    }),
  );
}

/** Every present value that a pattern such as `cluster.nodePools[].size` names. */
function valuesAt(environment: Environment | WrittenEnvironment, pattern: string): { path: string; value: unknown }[] {
  let found: { path: string; value: unknown }[] = [{ path: '', value: environment }];
  for (const segment of parsePath(pattern.replaceAll('[]', '[0]'))) {
    found = found.flatMap(({ path, value }) => {
      if (typeof segment === 'number')
        return Array.isArray(value)
          ? value.map((item: unknown, index) => ({ path: childPath(path, index), value: item }))
          : [];
      const child =
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[segment] : undefined;
      return [{ path: childPath(path, segment), value: child }];
    });
  }
  return found.filter(({ value }) => value !== undefined);
}

/** Wherever a chart or an image can be written. */
export function bitnamiFindings(node: DocumentNode, path: string): Finding[] {
  if (node.kind === 'map')
    return [...node.entries].flatMap(([key, entry]) => bitnamiFindings(entry.value, childPath(path, key)));
  if (node.kind === 'list') return node.items.flatMap((item, index) => bitnamiFindings(item, childPath(path, index)));
  if (typeof node.value !== 'string' || !isBitnami(node.value)) return [];
  return [
    {
      path,
      message: `\`${path}\` names a Bitnami chart or image; ffops installs none.`,
      hints: ['Use the image of the project itself; ffops app list shows what ffops brings.'],
    },
  ];
}
