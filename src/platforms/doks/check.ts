/** What types cannot say of an environment on DigitalOcean Kubernetes. */
import type { Environment } from '../../model/environment.ts';
import type { Finding } from '../../model/registry.ts';
import { VERSIONS, VERSION_SLUG } from './offering.ts';

/** Names of Spaces buckets: no dots, because certificates of `*.digitaloceanspaces.com` cover one label. */
const BUCKET_NAME = /^[a-z0-9]([a-z0-9-]{1,61})[a-z0-9]$/;

export function check(environment: Environment): readonly Finding[] {
  return [
    ...version(environment),
    ...pools(environment),
    ...email(environment),
    ...controller(environment),
    ...buckets(environment),
    ...mail(environment),
  ];
}

function version({ cluster }: Environment): Finding[] {
  const wanted = cluster.version ?? '';
  const minor = VERSION_SLUG.exec(wanted)?.[1] ?? wanted;
  if ((VERSIONS as readonly string[]).includes(minor)) return [];
  return [
    {
      path: 'cluster.version',
      about: 'value',
      message: `DigitalOcean does not offer Kubernetes ${wanted}`,
      hints: [`choose one of ${VERSIONS.join(', ')}: the newest patch is installed`],
    },
  ];
}

function pools({ cluster }: Environment): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>(['system']);
  cluster.nodePools.forEach((pool, index) => {
    const path = `cluster.nodePools[${index}]`;
    if (seen.has(pool.name)) {
      findings.push({
        path: `${path}.name`,
        about: 'value',
        message: pool.name === 'system' ? 'the pool name `system` is taken by `cluster.systemPool`' : `two node pools are named ${pool.name}`,
        hints: ['give each pool a name of its own'],
      });
    }
    seen.add(pool.name);
  });
  return findings;
}

function email({ tls }: Environment): Finding[] {
  if (tls.issuer === 'none' || tls.email !== undefined) return [];
  return [
    {
      path: 'tls.email',
      about: 'key',
      message: "Let's Encrypt wants an address to warn before a certificate expires",
      hints: ['add `tls.email`, or set `tls.issuer: none`'],
    },
  ];
}

function controller({ ingress }: Environment): Finding[] {
  if (ingress.controller === 'traefik') return [];
  return [
    {
      path: 'ingress.controller',
      about: 'value',
      message: 'nginx is the controller that minikube brings; on doks ffops installs Traefik',
      hints: ['write `traefik`, or leave the option out'],
    },
  ];
}

function buckets({ objectStorage }: Environment): Finding[] {
  return objectStorage.buckets.flatMap((name, index) =>
    BUCKET_NAME.test(name)
      ? []
      : [
          {
            path: `objectStorage.buckets[${index}]`,
            about: 'value' as const,
            message: `${name} cannot be the name of a bucket`,
            hints: ['use 3 to 63 lower-case letters, digits and hyphens'],
          },
        ],
  );
}

function mail({ mail: records }: Environment): Finding[] {
  return [
    ...repeated('mail.mx', 'host', (records?.mx ?? []).map(({ host }) => host)),
    ...repeated('mail.dkim', 'selector', (records?.dkim ?? []).map(({ selector }) => selector)),
  ];
}

function repeated(path: string, key: string, values: readonly string[]): Finding[] {
  return values.flatMap((value, index) =>
    values.indexOf(value) === index
      ? []
      : [{ path: `${path}[${index}].${key}`, about: 'value' as const, message: `${value} is listed twice`, hints: ['keep one of them'] }],
  );
}
