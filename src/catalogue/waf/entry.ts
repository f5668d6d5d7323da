/**
 * The web application firewall: ModSecurity with the OWASP rules as a proxy between Traefik's public entry point and its
 * internal one. Nothing else leads to the apps, so when it is down they are unreachable rather than unprotected.
 */
import { z } from 'zod';
import type { JsonObject } from '../../model/blueprint.ts';
import type { Environment } from '../../model/environment.ts';
import type { SystemEntry } from '../../model/plugs.ts';
import type { WafExclusion } from '../../model/waf-exclusion.ts';
import { TRAEFIK } from '../traefik/entry.ts';
import { INTERNAL_PORT, INTERNAL_SERVICE, PRIVATE_RANGES, publicEntryPoint } from '../traefik/entry-points.ts';

const WAF = 'waf';
/** What the rules themselves need, in Mi; beside it there is room for two of the largest bodies. */
const OWN_MEMORY = 512;
const ENGINE = { detect: 'DetectionOnly', block: 'On' } as const;

export const waf: SystemEntry = {
  id: WAF,
  kind: 'system',
  title: 'Web application firewall',
  home: 'infra',
  options: z.strictObject({}),
  wanted: (environment) => engine(environment) !== undefined,
  contribute: ({ environment, origins, namespace, needs }) => ({
    releases: [
      {
        name: WAF,
        namespace,
        entry: WAF,
        chart: { kind: 'first-party', name: 'waf' },
        values: 'waf',
        context: {
          engine: engine(environment) ?? null,
          replicas: environment.ingress.replicas,
          entryPoint: publicEntryPoint(environment),
          backend: `http://${INTERNAL_SERVICE}.${namespace}.svc.cluster.local:${INTERNAL_PORT}`,
          internalPort: INTERNAL_PORT,
          trusted: PRIVATE_RANGES,
          bodyLimit: mebibytes(environment) * 1024 * 1024,
          memoryLimit: `${OWN_MEMORY + 2 * mebibytes(environment)}Mi`,
          excluding: needs.wafExclusions.length > 0,
          exclusions: inOrder(needs.wafExclusions),
        },
        timeoutSeconds: 600,
        after: [TRAEFIK],
        reads: [],
        origin: origins.of('ingress.waf'),
        workloads: true,
      },
    ],
  }),
};

function engine(environment: Environment): string | undefined {
  return environment.ingress.waf === 'off' ? undefined : ENGINE[environment.ingress.waf];
}

/** By host, so that the order of apps in the file changes nothing. */
function inOrder(exclusions: readonly WafExclusion[]): readonly JsonObject[] {
  return exclusions
    .toSorted((one, other) => (one.host < other.host ? -1 : Number(one.host > other.host)))
    .map(({ host, path, reason, ...allows }) => ({
      host,
      path,
      reason,
      allows: Object.entries(allows).map(([name, value]) => ({ name, value })),
    }));
}

function mebibytes({ ingress }: Environment): number {
  return Number.parseInt(ingress.bodyLimit, 10);
}
