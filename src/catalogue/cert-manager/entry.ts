/** Certificates, and the issuer that apps name in their ingress. */
import { z } from 'zod';
import type { SystemEntry, Contribution } from '../../model/plugs.ts';
import { DNS_TOKEN } from '../external-dns/entry.ts';
import { PROMETHEUS_CRDS } from '../prometheus-crds/entry.ts';

const CERT_MANAGER = 'cert-manager';
const DNS_CREDENTIALS = 'cert-manager-dns';
const ACME_SERVERS = {
  letsencrypt: 'https://acme-v02.api.letsencrypt.org/directory',
  'letsencrypt-staging': 'https://acme-staging-v02.api.letsencrypt.org/directory',
} as const;

export const certManager: SystemEntry = {
  id: CERT_MANAGER,
  kind: 'system',
  title: 'cert-manager, certificates',
  home: 'infra',
  options: z.strictObject({}),
  wanted: (environment) => environment.tls.issuer !== 'none',
  contribute: ({ environment, origins, offer, namespace, stack }): Contribution => {
    const issuer = environment.tls.issuer;
    if (issuer === 'none') return { releases: [] };
    // Behind a load balancer that speaks the PROXY protocol, cert-manager's own look at an answer over HTTP fails.
    const dns01 = offer.ingress.proxyProtocol && environment.dns.provider !== 'none';
    return {
      kubernetesSecrets: dns01
        ? [
            {
              namespace,
              name: DNS_CREDENTIALS,
              stack,
              origin: origins.of('dns.provider'),
              data: { token: [{ secret: DNS_TOKEN }] },
            },
          ]
        : [],
      variables: [
        {
          name: 'acme_server',
          type: 'string',
          description: 'Directory of the authority that signs certificates.',
          default: ACME_SERVERS[issuer],
        },
      ],
      releases: [
        {
          name: CERT_MANAGER,
          namespace,
          entry: CERT_MANAGER,
          chart: { kind: 'upstream', name: 'cert-manager' },
          values: 'cert-manager',
          context: { namespace, metrics: environment.metrics.enabled },
          timeoutSeconds: 600,
          after: [PROMETHEUS_CRDS],
          reads: [],
          origin: origins.of('tls.issuer'),
          workloads: true,
        },
        {
          name: 'cluster-issuers',
          namespace,
          entry: CERT_MANAGER,
          chart: { kind: 'first-party', name: 'cluster-issuers' },
          values: 'cluster-issuers',
          context: {
            issuer,
            email: environment.tls.email ?? null,
            ingressClass: environment.ingress.controller,
            dns01,
            dns01Provider: environment.dns.provider,
            dns01Secret: DNS_CREDENTIALS,
            http01: !dns01,
            traefik: !dns01 && environment.ingress.controller === 'traefik',
          },
          variables: ['acme_server'],
          timeoutSeconds: 300,
          after: [CERT_MANAGER],
          reads: dns01 ? [`${namespace}/${DNS_CREDENTIALS}`] : [],
          origin: origins.of('tls.issuer'),
          workloads: false,
        },
      ],
    };
  },
};
