/** The ingress controller. With a firewall in front, apps' routes live on an entry point that only it can reach. */
import { z } from 'zod';
import type { SystemEntry } from '../../model/plugs.ts';
import { PROMETHEUS_CRDS } from '../prometheus-crds/entry.ts';
import { INTERNAL_PORT, PRIVATE_RANGES, publicEntryPoint } from './entry-points.ts';

export const TRAEFIK = 'traefik';

export const traefik: SystemEntry = {
  id: TRAEFIK,
  kind: 'system',
  title: 'Traefik, the ingress controller',
  home: 'infra',
  options: z.strictObject({}),
  wanted: (environment) => environment.ingress.controller === 'traefik',
  contribute: ({ environment, origins, offer, namespace }) => ({
    releases: [
      {
        name: TRAEFIK,
        namespace,
        entry: TRAEFIK,
        chart: { kind: 'upstream', name: 'traefik' },
        values: 'traefik',
        context: {
          replicas: environment.ingress.replicas,
          spread: environment.ingress.replicas > 1,
          hasServiceAnnotations: Object.keys(offer.ingress.serviceAnnotations).length > 0,
          serviceAnnotations: Object.entries(offer.ingress.serviceAnnotations).map(([name, value]) => ({
            name,
            value,
          })),
          proxyProtocol: offer.ingress.proxyProtocol,
          trusted: PRIVATE_RANGES,
          firewall: environment.ingress.waf !== 'off',
          appsOnWeb: environment.ingress.waf === 'off' && publicEntryPoint(environment) === 'web',
          appsOnWebsecure: environment.ingress.waf === 'off' && publicEntryPoint(environment) === 'websecure',
          internalPort: INTERNAL_PORT,
          https: environment.tls.issuer !== 'none',
          metrics: environment.metrics.enabled,
        },
        timeoutSeconds: 600,
        after: [PROMETHEUS_CRDS],
        reads: [],
        origin: origins.of('ingress.controller'),
        workloads: true,
      },
    ],
  }),
};
