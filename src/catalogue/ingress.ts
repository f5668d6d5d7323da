/** What the ingress of any app says. Host names derive from the root domain and from nothing else. */
import { LEFT_OUT_OF_BACKUPS } from '../model/backup-label.ts';
import type { JsonObject } from '../model/blueprint.ts';
import type { Environment } from '../model/environment.ts';

export function hostBelow(environment: Environment, name: string): string {
  return `${name}.${environment.rootDomain}`;
}

/** The root domain itself, for the one app that lives there. */
export function rootHost(environment: Environment): string {
  return environment.rootDomain;
}

/** For templates: the class, the host, whether there is a certificate, and what cert-manager and external-dns read. */
export function ingressOf(environment: Environment, host: string): JsonObject {
  return { ...ingressFor(environment), host };
}

/** The same for several hosts. */
export function ingressFor({ ingress, tls, dns }: Environment): JsonObject {
  const annotations = [
    ...(tls.issuer === 'none'
      ? []
      : [
          { name: 'cert-manager.io/cluster-issuer', value: tls.issuer },
          { name: 'cert-manager.io/secret-template', value: JSON.stringify({ labels: LEFT_OUT_OF_BACKUPS }) },
        ]),
    ...(dns.provider === 'none' ? [] : [{ name: 'external-dns.alpha.kubernetes.io/ttl', value: String(dns.ttl) }]),
  ];
  return {
    className: ingress.controller,
    tls: tls.issuer !== 'none',
    annotations,
    annotated: annotations.length > 0,
  };
}

/** The pods that requests come in through: the only ones that reach an app. minikube's addon has a namespace of its own. */
const INGRESS_PODS = {
  traefik: { namespace: 'infra', name: 'traefik' },
  nginx: { namespace: 'ingress-nginx', name: 'ingress-nginx' },
} as const;

export function ingressPods({ ingress }: Environment): JsonObject {
  const { namespace, name } = INGRESS_PODS[ingress.controller];
  return { namespace, labels: { 'app.kubernetes.io/name': name } };
}
