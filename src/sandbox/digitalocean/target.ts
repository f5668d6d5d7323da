/** What a request line asks for, of either server; nothing that a client sends makes it throw. */
import type { IncomingMessage } from 'node:http';

export interface Target {
  /** With its port. */
  readonly host: string;
  /** Still encoded, as it was sent; at least a slash. */
  readonly path: string;
  /** Without the question mark; empty when there is none. */
  readonly search: string;
  readonly query: URLSearchParams;
}

/** Of `/a%2Fb?x` and, when the client takes us for its proxy, of `http://host/a%2Fb?x` alike. */
export function targetOf({ url = '/', headers }: IncomingMessage): Target {
  const [, absoluteHost, rest = ''] = /^(?:https?:\/\/([^/?]*))?(.*)$/is.exec(url) ?? [];
  const mark = rest.indexOf('?');
  const path = mark < 0 ? rest : rest.slice(0, mark);
  const search = mark < 0 ? '' : rest.slice(mark + 1);
  return {
    host: (absoluteHost ?? headers.host ?? '127.0.0.1').toLowerCase(),
    path: path.startsWith('/') ? path : `/${path}`,
    search,
    query: new URLSearchParams(search),
  };
}

/** Undefined when it is not properly encoded. */
export function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
