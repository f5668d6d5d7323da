/** Writes the DNS records of every ingress. */
import { z } from 'zod';
import type { Environment } from '../../model/environment.ts';
import type { SystemEntry, Contribution } from '../../model/plugs.ts';
import { PROMETHEUS_CRDS } from '../prometheus-crds/entry.ts';

const EXTERNAL_DNS = 'external-dns';
/** With the record's type in a label of its own, notes on the root domain itself stay inside the zone. */
const TXT_PREFIX = '_externaldns-%{record_type}.';
const CREDENTIALS = 'external-dns-credentials';

/** A token of its own: whoever reads Secrets in the cluster may then change records, and nothing else of the account. */
export const DNS_TOKEN = 'dns.token';

/** For each DNS provider of the environment: its name in external-dns, the variable of its token, and where one is made. */
const PROVIDERS = {
  digitalocean: {
    name: 'digitalocean',
    variable: 'DO_TOKEN',
    help: 'Make a token with custom scopes at https://cloud.digitalocean.com/account/api/tokens: create, read, update and delete of `domain`, nothing else.',
  },
} as const;

export const externalDns: SystemEntry = {
  id: EXTERNAL_DNS,
  kind: 'system',
  title: 'external-dns, DNS records',
  home: 'infra',
  options: z.strictObject({}),
  wanted: (environment) => provider(environment) !== undefined,
  contribute: ({ environment, origins, context, namespace, stack }): Contribution => {
    const dns = provider(environment);
    if (dns === undefined) return { releases: [] };
    return {
      secrets: [
        {
          name: DNS_TOKEN,
          description: 'Token that external-dns writes records with; it lies in the cluster.',
          supply: { kind: 'asked', help: dns.help },
        },
      ],
      kubernetesSecrets: [
        {
          namespace,
          name: CREDENTIALS,
          stack,
          origin: origins.of('dns.provider'),
          data: { token: [{ secret: DNS_TOKEN }] },
        },
      ],
      releases: [
        {
          name: EXTERNAL_DNS,
          namespace,
          entry: EXTERNAL_DNS,
          chart: { kind: 'upstream', name: 'external-dns' },
          values: 'external-dns',
          context: {
            provider: dns.name,
            tokenVariable: dns.variable,
            credentials: CREDENTIALS,
            owner: `${context.workspace}-${context.environment}`,
            txtPrefix: TXT_PREFIX,
            domain: environment.rootDomain,
            metrics: environment.metrics.enabled,
          },
          timeoutSeconds: 300,
          after: [PROMETHEUS_CRDS],
          reads: [`${namespace}/${CREDENTIALS}`],
          origin: origins.of('dns.provider'),
          workloads: true,
        },
      ],
    };
  },
};

function provider(environment: Environment): (typeof PROVIDERS)[keyof typeof PROVIDERS] | undefined {
  return environment.dns.provider === 'none' ? undefined : PROVIDERS[environment.dns.provider];
}
