import { ImageTrouble } from './image-trouble.ts';

export interface Repository {
  /** As images name it: `docker.io`. */
  readonly registry: string;
  /** `library/postgres` */
  readonly name: string;
}

export interface RegistryOptions {
  /** Knows the proxy of this machine, where there is one. */
  readonly fetch: typeof fetch;
  /** Serves `<base>/<host>/<path>` for every `https://<host>/<path>`. */
  readonly mirror?: string | undefined;
}

export interface RegistryClient {
  /** What the registry has at `/v2/<repository>/<path>`, read from `offset` on. Throws ImageTrouble. */
  ask(method: 'GET' | 'HEAD', repository: Repository, path: string, offset?: number): Promise<Response>;
}

/** Where images of Docker Hub are served; every other registry has its own name. */
const HUB = { name: 'docker.io', server: 'registry-1.docker.io' };
/** Some say that there is no such image to who does not take a list of images by platform. */
const ACCEPTED = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  '*/*',
].join(', ');
const ANSWER_WITHIN_MS = 30_000;
const REDIRECTS = 5;
const TOKEN_SECONDS = 60;
/** A token is not used to the very end of its time. */
const TOKEN_MARGIN_SECONDS = 10;

interface Token {
  readonly value: string;
  readonly until: number;
}

/** The OCI distribution API as a reader without a login sees it: tokens, redirects, and each refusal in words. */
export function registryClient({ fetch, mirror }: RegistryOptions): RegistryClient {
  const base = mirror?.replace(/\/+$/, '');
  /** By repository. */
  const tokens = new Map<string, Token>();

  async function ask(method: 'GET' | 'HEAD', repository: Repository, path: string, offset = 0): Promise<Response> {
    const { registry, name } = repository;
    const server = registry === HUB.name ? HUB.server : registry;
    const url = `https://${server}/v2/${name}/${path}`;
    const id = `${registry}/${name}`;
    const known = tokens.get(id);
    const headers = {
      accept: ACCEPTED,
      'accept-encoding': 'identity',
      ...(offset > 0 && { range: `bytes=${String(offset)}-` }),
    };
    let token = known !== undefined && known.until > Date.now() ? known.value : undefined;
    let response = await follow(method, url, headers, token);
    if (response.status === 401) {
      await discard(response);
      token = await newToken(response.headers.get('www-authenticate') ?? '', id, server);
      response = await follow(method, url, headers, token);
    }
    if (response.ok) return response;
    await discard(response);
    throw refusal(response, server, `${name}${asked(path)}`);
  }

  /** Redirects by hand: a token is for its registry alone. */
  async function follow(
    method: string,
    first: string,
    headers: Readonly<Record<string, string>>,
    token: string | undefined,
  ): Promise<Response> {
    const withToken = token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` };
    const { origin } = new URL(first);
    let url = first;
    for (let hop = 0; hop <= REDIRECTS; hop += 1) {
      const response = await once(method, url, new URL(url).origin === origin ? withToken : headers);
      const location = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || location === null) return response;
      await discard(response);
      url = unmirrored(new URL(location, url).href);
    }
    throw new ImageTrouble('refused', `${new URL(first).host} sends from one address to the next without an end`);
  }

  async function newToken(challenge: string, id: string, server: string): Promise<string> {
    const { realm, service, scope } = challengeIn(challenge);
    if (realm === undefined) throw needsLogin(server, id);
    const url = new URL(realm);
    if (service !== undefined) url.searchParams.set('service', service);
    if (scope !== undefined) url.searchParams.set('scope', scope);
    const response = await once('GET', url.href, { accept: 'application/json' });
    if (!response.ok) {
      await discard(response);
      throw response.status === 401 || response.status === 403
        ? needsLogin(server, id)
        : refusal(response, url.host, id);
    }
    const answer = (await response.json().catch(() => ({}))) as {
      readonly token?: string;
      readonly access_token?: string;
      readonly expires_in?: number;
    };
    const value = answer.token ?? answer.access_token;
    if (value === undefined) throw new ImageTrouble('refused', `${url.host} answers without a token`);
    const seconds = (answer.expires_in ?? TOKEN_SECONDS) - TOKEN_MARGIN_SECONDS;
    tokens.set(id, { value, until: Date.now() + seconds * 1000 });
    return value;
  }

  async function once(method: string, url: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), ANSWER_WITHIN_MS);
    try {
      return await fetch(mirrored(url), { method, headers, redirect: 'manual', signal: patience.signal });
    } catch (error) {
      throw error instanceof ImageTrouble ? error : unreachable(new URL(mirrored(url)).host, error);
    } finally {
      clearTimeout(timer);
    }
  }

  function mirrored(url: string): string {
    const { protocol, host, pathname, search } = new URL(url);
    if (protocol !== 'https:') throw new ImageTrouble('refused', `${host} would have to be asked without encryption`);
    return base === undefined ? url : `${base}/${host}${pathname}${search}`;
  }

  /** A mirror may send to an address of its own. */
  function unmirrored(url: string): string {
    return base !== undefined && url.startsWith(`${base}/`) ? `https://${url.slice(base.length + 1)}` : url;
  }

  return { ask };
}

/** A transfer that broke off says the same. */
export function unreachable(host: string, error: unknown): ImageTrouble {
  return new ImageTrouble(
    'unreachable',
    `${host} does not answer (${reasonOf(error)}): check the connection, or name a mirror in FFOPS_MIRROR`,
  );
}

/** `Bearer realm="…",service="…",scope="…"`: scopes have commas in them. */
function challengeIn(header: string): Readonly<Partial<Record<'realm' | 'service' | 'scope', string>>> {
  if (!/^bearer /i.test(header)) return {};
  return Object.fromEntries(
    [...header.matchAll(/([a-z_]+)="([^"]*)"/gi)].map(([, key = '', value = '']) => [key.toLowerCase(), value]),
  );
}

function refusal({ status, headers }: Response, server: string, what: string): ImageTrouble {
  switch (status) {
    case 401:
    case 403:
      return needsLogin(server, what);
    case 404:
      return new ImageTrouble('missing', `${server} has no ${what}: check its name and its tag`);
    case 429: {
      const wait = Number(headers.get('retry-after'));
      const until = wait > 0 ? `in ${String(Math.ceil(wait / 60))} minutes` : 'later';
      return new ImageTrouble(
        'limited',
        `${server} lets this address download no more for now: it goes on by itself, try ${until}, or name a mirror in FFOPS_MIRROR`,
      );
    }
    default:
      return new ImageTrouble(
        status >= 500 ? 'unreachable' : 'refused',
        `${server} answers ${String(status)} for ${what}: try again later, or name a mirror in FFOPS_MIRROR`,
      );
  }
}

function needsLogin(server: string, what: string): ImageTrouble {
  return new ImageTrouble(
    'forbidden',
    `${server} gives ${what} to nobody without a login, if there is one: public images alone can be had, check its name`,
  );
}

/** `:1.37.0`, or `@sha256:…` */
function asked(path: string): string {
  const reference = path.slice(path.indexOf('/') + 1);
  return reference.startsWith('sha256:') ? `@${reference}` : `:${reference}`;
}

/** The connection can be used again. */
async function discard(response: Response): Promise<void> {
  await response.body?.cancel();
}

function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error & { readonly cause?: { readonly code?: string } };
  return name === 'AbortError' ? 'it takes too long' : (cause?.code ?? message);
}
