import type { Environment } from './environment.ts';

/** As people write it in a browser. */
export function urlOf({ tls }: Pick<Environment, 'tls'>, host: string): string {
  return `${tls.issuer === 'none' ? 'http' : 'https'}://${host}`;
}
