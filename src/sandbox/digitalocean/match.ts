/** Which route a path means, and with which parameters. */
import type { Route } from './http.ts';
import { decoded } from './target.ts';

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

export function matchRoute(routes: readonly Route[], method: string, path: string): Match | undefined {
  const actual = path.split('/');
  for (const route of routes) {
    const params = route.method === method ? paramsOf(route.path.split('/'), actual) : undefined;
    if (params !== undefined) return { route, params };
  }
  return undefined;
}

function paramsOf(pattern: readonly string[], actual: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== actual.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const value = decoded(actual[index] ?? '');
    if (value === undefined || value === '' ? part !== '' : !part.startsWith(':') && part !== value) return undefined;
    if (part.startsWith(':')) params[part.slice(1)] = value ?? '';
  }
  return params;
}
