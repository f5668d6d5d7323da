/** What the ingress of any app says. Host names derive from the root domain and from nothing else. */
import { LEFT_OUT_OF_BACKUPS } from '../model/backup-label.ts';
import type { JsonObject } from '../model/blueprint.ts';
import type { Environment } from '../model/environment.ts';

export function hostBelow(environment: Environment, name: string): string {
  return `${name}.${environment.rootDomain}`;
}

/** For templates: the class, the host, whether there is a certificate, and what cert-manager and external-dns read. */
export function ingressOf({ ingress, tls, dns }: Environment, host: string): JsonObject {
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
    host,
    tls: tls.issuer !== 'none',
    annotations,
    annotated: annotations.length > 0,
  };
}
