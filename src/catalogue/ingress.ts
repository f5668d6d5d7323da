/** What the ingress of any app says. Host names derive from the root domain and from nothing else. */
import type { JsonObject } from '../model/blueprint.ts';
import type { Environment } from '../model/environment.ts';

export function hostBelow(environment: Environment, name: string): string {
  return `${name}.${environment.rootDomain}`;
}

/** The `ingress` of a first-party chart's values. */
export function ingressOf(environment: Environment, host: string): JsonObject {
  const issuer = environment.tls.issuer === 'none' ? null : environment.tls.issuer;
  return { className: environment.ingress.controller, host, issuer };
}
