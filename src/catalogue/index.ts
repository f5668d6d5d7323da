/** Every system and app that ffops can install, in the order people should read them. One line per entry. */
import type { CatalogueEntry } from '../model/plugs.ts';
import { analytics } from './analytics/entry.ts';
import { certManager } from './cert-manager/entry.ts';
import { dumps } from './dumps/entry.ts';
import { externalDns } from './external-dns/entry.ts';
import { hello } from './hello/entry.ts';
import { mariadb } from './mariadb/entry.ts';
import { postgres } from './postgres/entry.ts';
import { n8n } from './n8n/entry.ts';
import { kubePrometheusStack } from './kube-prometheus-stack/entry.ts';
import { prometheusCrds } from './prometheus-crds/entry.ts';
import { registry } from './registry/entry.ts';
import { traefik } from './traefik/entry.ts';
import { twenty } from './twenty/entry.ts';
import { velero } from './velero/entry.ts';
import { waf } from './waf/entry.ts';
import { wordpress } from './wordpress/entry.ts';

const list: readonly CatalogueEntry[] = [
  prometheusCrds,
  traefik,
  waf,
  certManager,
  externalDns,
  velero,
  postgres,
  mariadb,
  dumps,
  kubePrometheusStack,
  wordpress,
  n8n,
  twenty,
  analytics,
  registry,
  hello,
];

export const entries: ReadonlyMap<string, CatalogueEntry> = new Map(list.map((entry) => [entry.id, entry]));
