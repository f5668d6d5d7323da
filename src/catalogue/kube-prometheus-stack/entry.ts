/** Measurements, dashboards and alerts: Prometheus, Alertmanager and Grafana, and what hurts when nobody looks. */
import { z } from 'zod';
import type { Contribution, SystemEntry } from '../../model/plugs.ts';
import { hostBelow, ingressOf } from '../ingress.ts';
import { NIGHTLY_BACKUP } from '../velero/entry.ts';
import { ALERTMANAGER, receiversOf } from './alertmanager.ts';

const STACK = 'kube-prometheus-stack';
const GRAFANA = 'grafana';
const GRAFANA_STORAGE = '2Gi';
const ADMIN = 'grafana.admin';
const ADMIN_SECRET = 'grafana-admin';
const ALERTS = 'alerts';
/** A nightly backup is late after a day and two hours; of other rhythms a week is expected. */
const LATE_HOURS = { nightly: 26, other: 7 * 24 + 2 } as const;

export const kubePrometheusStack: SystemEntry = {
  id: STACK,
  kind: 'system',
  title: 'Prometheus, Alertmanager and Grafana',
  home: 'metrics',
  options: z.strictObject({}),
  wanted: (environment) => environment.metrics.enabled,
  contribute: ({ environment, origins, offer, namespace, stack, needs }): Contribution => {
    const origin = origins.of('metrics.enabled');
    const host = hostBelow(environment, GRAFANA);
    const receivers = receiversOf(environment);
    const { metrics, backups } = environment;
    const parts = [
      ...(environment.ingress.controller === 'traefik' ? ['traefik'] : []),
      ...(environment.tls.issuer === 'none' ? [] : ['certificates']),
      ...(backups.enabled ? ['velero'] : []),
      ...(['postgres', 'mariadb'] as const).filter((engine) => needs.databases.some((one) => one.engine === engine)),
    ];
    return {
      hosts: [
        {
          name: host,
          owner: GRAFANA,
          purpose: 'dashboards and alerts',
          origin,
          login: { user: 'admin', secret: ADMIN },
        },
      ],
      secrets: [
        {
          name: ADMIN,
          description: 'Password of `admin` in Grafana.',
          supply: { kind: 'generated', length: 24, alphabet: 'alphanumeric' },
          neverRotates: 'Grafana reads it once, when its own database is made: change it in its pages',
        },
        ...receivers.secrets,
      ],
      kubernetesSecrets: [
        {
          namespace,
          name: ADMIN_SECRET,
          stack,
          origin,
          data: { 'admin-user': [{ text: 'admin' }], 'admin-password': [{ secret: ADMIN }] },
        },
        { namespace, name: ALERTMANAGER, stack, origin: origins.of('metrics.receivers'), data: receivers.data },
      ],
      volumes: [{ name: GRAFANA, namespace, release: STACK, size: GRAFANA_STORAGE, owner: GRAFANA, fileBackup: false }],
      releases: [
        {
          name: STACK,
          namespace,
          entry: STACK,
          chart: { kind: 'upstream', name: STACK },
          values: STACK,
          context: {
            retention: `${metrics.retentionDays}d`,
            storage: metrics.storage,
            hasStorageClass: offer.storageClass !== undefined,
            storageClass: offer.storageClass ?? null,
            grafanaStorage: GRAFANA_STORAGE,
            admin: ADMIN_SECRET,
            alertmanager: ALERTMANAGER,
            namespace,
            url: `${environment.tls.issuer === 'none' ? 'http' : 'https'}://${host}`,
            ingress: ingressOf(environment, host),
          },
          timeoutSeconds: 900,
          after: [],
          reads: [`${namespace}/${ADMIN_SECRET}`, `${namespace}/${ALERTMANAGER}`],
          origin,
          holdsData: { name: GRAFANA, what: 'what people made in Grafana' },
          workloads: true,
        },
        {
          name: ALERTS,
          namespace,
          entry: STACK,
          chart: { kind: 'first-party', name: ALERTS },
          values: ALERTS,
          context: {
            parts,
            lateHours: /^\d\d:\d\d$/.test(backups.schedule) ? LATE_HOURS.nightly : LATE_HOURS.other,
            nightlyBackup: NIGHTLY_BACKUP,
            retentionDays: backups.retentionDays,
          },
          timeoutSeconds: 300,
          after: [STACK],
          reads: [],
          origin,
          workloads: false,
        },
      ],
    };
  },
};
