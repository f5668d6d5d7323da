/**
 * Prometheus' custom resource definitions, as the first release of all: every other chart may then describe what is to
 * be measured, whether Prometheus is there yet or not.
 */
import { z } from 'zod';
import type { SystemEntry } from '../../model/plugs.ts';

export const PROMETHEUS_CRDS = 'prometheus-crds';

export const prometheusCrds: SystemEntry = {
  id: PROMETHEUS_CRDS,
  kind: 'system',
  title: "Prometheus' resource definitions",
  home: 'infra',
  options: z.strictObject({}),
  wanted: (environment) => environment.metrics.enabled,
  contribute: ({ origins, namespace }) => ({
    releases: [
      {
        name: PROMETHEUS_CRDS,
        namespace,
        entry: PROMETHEUS_CRDS,
        chart: { kind: 'upstream', name: 'prometheus-operator-crds' },
        context: {},
        timeoutSeconds: 300,
        after: [],
        reads: [],
        origin: origins.of('metrics.enabled'),
        workloads: false,
      },
    ],
  }),
};
