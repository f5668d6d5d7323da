/** What types cannot say of an environment on DigitalOcean Kubernetes. */
import type { Environment } from '../../model/environment.ts';
import type { EnvironmentContext, Finding } from '../../model/registry.ts';
import { dkimRecord, isDkimKey } from '../../model/dkim.ts';
import { DEFAULT_SYSTEM_POOL } from './defaults.ts';
import { backupsBucket, stateBucket, SYSTEM_POOL } from './names.ts';
import { VERSION_SLUG, VERSIONS } from './offering.ts';

const LONGEST_BUCKET_NAME = 63;

export function check(environment: Environment, context: EnvironmentContext): readonly Finding[] {
  return [
    ...version(environment),
    ...systemPool(environment),
    ...email(environment),
    ...controller(environment),
    ...buckets(environment, context),
    ...recordsWithoutZone(environment),
    ...repeatedRecords(environment),
    ...longRecords(environment),
    ...taintedPools(environment),
  ];
}

function version({ cluster }: Environment): Finding[] {
  const wanted = cluster.version ?? '';
  const minor = VERSION_SLUG.exec(wanted)?.[1] ?? wanted;
  if ((VERSIONS as readonly string[]).includes(minor)) return [];
  return [
    {
      path: 'cluster.version',
      message: `DigitalOcean does not offer Kubernetes \`${wanted}\`.`,
      hints: [`Choose one of ${VERSIONS.join(', ')}; the newest patch of it is installed.`],
    },
  ];
}

function systemPool({ cluster }: Environment): Finding[] {
  return cluster.nodePools.flatMap(({ name }, index) =>
    name === SYSTEM_POOL
      ? [
          {
            path: `cluster.nodePools[${index}].name`,
            message: `A node pool cannot be called \`${SYSTEM_POOL}\`: \`cluster.systemPool\` is.`,
            hints: ['Give it another name.'],
          },
        ]
      : [],
  );
}

function email({ tls }: Environment): Finding[] {
  if (tls.issuer === 'none' || tls.email !== undefined) return [];
  return [
    {
      path: 'tls.email',
      message: "Let's Encrypt wants an address to warn before a certificate expires.",
      hints: ['Add `tls.email`, or write `issuer: none` below `tls`.'],
    },
  ];
}

function controller({ ingress }: Environment): Finding[] {
  if (ingress.controller === 'traefik') return [];
  return [
    {
      path: 'ingress.controller',
      message: '`nginx` is the controller that minikube brings; on doks ffops installs Traefik.',
      hints: ['Write `traefik`, or leave the option out.'],
    },
  ];
}

function buckets({ objectStorage, backups, state }: Environment, context: EnvironmentContext): Finding[] {
  const own = objectStorage.buckets.flatMap((name, index): Finding[] => {
    const path = `objectStorage.buckets[${index}]`;
    if (backups.enabled && name === backupsBucket(context)) {
      return [{ path, message: `\`${name}\` is the bucket of backups.`, hints: ['Leave it out: ffops makes it.'] }];
    }
    return objectStorage.buckets.indexOf(name) === index ? [] : [twice(path, name)];
  });
  return [
    ...own,
    ...(backups.enabled ? tooLong('backups.enabled', backupsBucket(context)) : []),
    ...(state.backend === 'spaces' ? tooLong('state.bucket', state.bucket ?? stateBucket(context)) : []),
  ];
}

function tooLong(path: string, name: string): Finding[] {
  if (name.length <= LONGEST_BUCKET_NAME) return [];
  const message = `The bucket \`${name}\` would have ${name.length} characters; ${LONGEST_BUCKET_NAME} are allowed.`;
  return [{ path, message, hints: ['Give the workspace or the environment a shorter name.'] }];
}

function recordsWithoutZone({ mail, dns }: Environment): Finding[] {
  const written =
    mail !== undefined &&
    (mail.mx.length > 0 || mail.dkim.length > 0 || mail.spf !== undefined || mail.dmarc !== undefined);
  if (!written || dns.provider !== 'none') return [];
  const message = 'Mail records are written where the domain is served, and `dns.provider` is `none`.';
  return [
    {
      path: 'mail',
      message,
      hints: ['Leave `mail` out, or let ffops serve the domain: `dns.provider: digitalocean`.'],
    },
  ];
}

function repeatedRecords({ mail }: Environment): Finding[] {
  return [
    ...repeated(
      'mail.mx',
      'host',
      (mail?.mx ?? []).map(({ host }) => host),
    ),
    ...repeated(
      'mail.dkim',
      'selector',
      (mail?.dkim ?? []).map(({ selector }) => selector),
    ),
  ];
}

function repeated(path: string, key: string, values: readonly string[]): Finding[] {
  return values.flatMap((value, index) =>
    values.indexOf(value) === index ? [] : [twice(`${path}[${index}].${key}`, value)],
  );
}

/**
 * DigitalOcean takes a text record whole and splits it itself, but counts at most 512 characters with the quotes and
 * spaces that the split adds: an RSA key of more than 2048 bits does not fit.
 */
const LONGEST_TEXT = 504;

function longRecords({ mail }: Environment): Finding[] {
  const texts: [string, string | undefined][] = [
    ['mail.spf', mail?.spf],
    ...(mail?.dkim ?? []).map(({ publicKey }, index): [string, string | undefined] => [
      `mail.dkim[${index}].publicKey`,
      publicKey !== undefined && isDkimKey(publicKey) ? dkimRecord(publicKey) : undefined,
    ]),
    ['mail.dmarc', mail?.dmarc],
  ];
  return texts.flatMap(([path, text]) =>
    text === undefined || text.length <= LONGEST_TEXT
      ? []
      : [
          {
            path,
            message: `The record would have ${text.length} characters; DigitalOcean's DNS takes ${LONGEST_TEXT}.`,
            hints: [path.startsWith('mail.dkim') ? 'Use an RSA key of 2048 bits, or Ed25519.' : 'Shorten it.'],
          },
        ],
  );
}

/** Nothing that ffops installs tolerates a taint: with every pool tainted, all of it lands in the system pool. */
function taintedPools({ cluster }: Environment): Finding[] {
  const closed = (pool: Environment['cluster']['nodePools'][number]) =>
    pool.taints.some(({ effect }) => effect !== 'PreferNoSchedule');
  if (cluster.nodePools.length === 0 || !cluster.nodePools.every(closed)) return [];
  const { size, count } = { ...DEFAULT_SYSTEM_POOL, ...cluster.systemPool };
  if (size !== DEFAULT_SYSTEM_POOL.size || count !== DEFAULT_SYSTEM_POOL.count) return [];
  return [
    {
      path: 'cluster.nodePools',
      message: 'Every node pool is tainted, and no app tolerates a taint: all of them would share the system pool.',
      hints: ['Leave one pool without taints, or make `cluster.systemPool` large enough for everything.'],
    },
  ];
}

function twice(path: string, value: string): Finding {
  return { path, message: `\`${value}\` is listed twice.`, hints: ['Keep one of them.'] };
}
