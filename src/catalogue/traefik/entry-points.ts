/** The entry points that requests come in by, and the one behind the firewall where the routes of apps live then. */
import type { Environment } from '../../model/environment.ts';

export const INTERNAL_PORT = 8082;
export const INTERNAL_SERVICE = 'traefik-internal';

/** Networks that may be trusted to say who the client is: the private ranges that load balancers and pods live in. */
export const PRIVATE_RANGES = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'] as const;

export function publicEntryPoint({ tls }: Environment): 'web' | 'websecure' {
  return tls.issuer === 'none' ? 'web' : 'websecure';
}
