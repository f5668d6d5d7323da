import { lookup } from 'node:dns/promises';
import { FailedError } from '../errors.ts';
import { Secret } from '../model/secret.ts';
import type { HttpRequest, HttpResponse, Network } from '../ports/network.ts';
import { askThisMachine, isLoopback } from './loopback.ts';

const defaultTimeoutMs = 30_000;

/** `variables` name the proxy: HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in capitals or not, as tofu and curl read them. */
export function realNetwork(variables: Variables = process.env): Network {
  const fetcher = fetchThrough(variables);
  return { request: (wanted) => request(fetcher, wanted), resolve };
}

type Variables = Readonly<Record<string, string | undefined>>;
type Fetch = typeof fetch;

/** Node's own fetch knows no proxy; undici's, which is the same code, is loaded when there is one. */
export function fetchThrough(variables: Variables): Fetch {
  const named = (name: string): string | undefined => variables[name] || variables[name.toUpperCase()] || undefined;
  const httpProxy = withScheme(named('http_proxy'));
  const httpsProxy = withScheme(named('https_proxy'));
  if (httpProxy === undefined && httpsProxy === undefined) return fetch;
  // Read from the process when absent: an empty text says that there is none.
  const settings = { httpProxy: httpProxy ?? '', httpsProxy: httpsProxy ?? '', noProxy: named('no_proxy') ?? '' };
  let opened: Promise<Fetch> | undefined;
  const open = async (): Promise<Fetch> => {
    const { EnvHttpProxyAgent, fetch: proxied } = await import('undici');
    const dispatcher = new EnvHttpProxyAgent(settings);
    return ((url: string, init: object) => proxied(url, { ...init, dispatcher })) as unknown as Fetch;
  };
  return async (url, init) => {
    const { protocol, hostname } = new URL(url);
    const proxy = protocol === 'https:' ? httpsProxy : httpProxy;
    if (proxy === undefined || isLoopback(hostname)) return fetch(url, init);
    return (await (opened ??= open()))(url, init);
  };
}

/** `proxy:3128` is good enough for curl. */
function withScheme(proxy: string | undefined): string | undefined {
  return proxy === undefined || proxy.includes('://') ? proxy : `http://${proxy}`;
}

async function request(fetcher: Fetch, wanted: HttpRequest): Promise<HttpResponse> {
  const headers = Object.fromEntries(
    Object.entries(wanted.headers ?? {}).map(([name, value]) => [
      name,
      value instanceof Secret ? value.reveal() : value,
    ]),
  );
  const signal = AbortSignal.timeout(wanted.timeoutMs ?? defaultTimeoutMs);
  const { method, body } = wanted;
  const { protocol, hostname, host } = new URL(wanted.url);
  try {
    if (protocol === 'http:' && isLoopback(hostname))
      return await askThisMachine(wanted.url, { method, headers, body, signal });
    const response = await fetcher(wanted.url, { method, headers, body: body as RequestInit['body'], signal });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: new Uint8Array(await response.arrayBuffer()),
    };
  } catch (error) {
    throw new FailedError('network.noAnswer', {
      message: `${host} did not answer: ${reasonOf(error)}.`,
      hints: ['Check the connection, the proxy variables (HTTPS_PROXY, NO_PROXY) and the address, then try again.'],
    });
  }
}

async function resolve(name: string): Promise<readonly string[]> {
  try {
    const answers = await lookup(name, { all: true });
    return answers.map((answer) => answer.address);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === 'ENOTFOUND' || code === 'ENODATA') return [];
    throw new FailedError('network.noResolver', {
      message: `The name ${name} could not be looked up: ${reasonOf(error)}.`,
      hints: ['Check the connection and the resolver of this machine, then try again.'],
    });
  }
}

/** The error's own text can quote the whole request; its code or name says enough. */
function reasonOf(error: unknown): string {
  if ((error as Error).name === 'TimeoutError') return 'it took too long';
  const { code, cause } = error as { code?: string; cause?: { code?: string } };
  return cause?.code ?? code ?? (error as Error).name;
}
