/**
 * A registry as Docker Hub and its like are, on loopback under the address of a mirror: anonymous tokens for one repository
 * each, lists of images by platform, blobs that lie elsewhere, and what can go wrong. Its images are those of a folder of
 * blobs as `writeImage` leaves them.
 */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { blobPath, MANIFEST_TYPE } from '../../src/sandbox/real/image.ts';

export interface ImageRegistry {
  /** `<mirror>/<host>/<path>` is what `https://<host>/<path>` would be. */
  readonly mirror: string;
  readonly asked: readonly Asked[];
  /** Makes it have an image, in a list beside that of a platform which is nobody's. Returns the digest of the list. */
  add(
    image: { readonly server: string; readonly name: string; readonly tag: string },
    folder: string,
    manifest: string,
  ): string;
  /** From now on this is what becomes of whoever asks for it: a repository, or a digest. */
  spoil(what: string, how: Spoiling): void;
  close(): Promise<void>;
}

export interface Asked {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly range?: string | undefined;
  readonly withToken: boolean;
}

type Spoiling =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Its tokens are refused, as for what is private. */
  | { readonly kind: 'private' }
  /** Once, after so many bytes. */
  | { readonly kind: 'breaks'; readonly after: number }
  | { readonly kind: 'altered' }
  | { readonly kind: 'sentTo'; readonly url: string };

const TOKENS = 'auth.registry.test';
const BLOBS = 'blobs.registry.test';
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';

interface Content {
  readonly bytes: Buffer;
  readonly type: string;
}

export async function openImageRegistry(): Promise<ImageRegistry> {
  /** By `server/name:tag` and by digest. */
  const manifests = new Map<string, Content>();
  const blobs = new Map<string, () => Buffer>();
  const spoilt = new Map<string, Spoiling>();
  /** What each token opens. */
  const tokens = new Map<string, string>();
  const asked: Asked[] = [];

  const server = createServer((request, response) => {
    const [, host = '', path = '', query = ''] = /^\/([^/]+)(\/[^?]*)\??(.*)$/.exec(request.url ?? '') ?? [];
    const { authorization, range } = request.headers;
    asked.push({ method: request.method ?? '', host, path, range, withToken: authorization !== undefined });
    if (host === TOKENS) return giveToken(new URLSearchParams(query).get('scope') ?? '', response);
    if (host === BLOBS) return giveBlob(request, response, path.slice(1));
    return giveContent(request, response, host, path);
  });

  function giveToken(scope: string, response: ServerResponse): void {
    const name = /^repository:(.+):pull$/.exec(scope)?.[1] ?? '';
    if (spoilt.get(name)?.kind === 'private') return json(response, 401, { errors: [{ code: 'UNAUTHORIZED' }] });
    const token = randomBytes(8).toString('hex');
    tokens.set(token, name);
    json(response, 200, { token, expires_in: 300 });
  }

  function giveContent(request: IncomingMessage, response: ServerResponse, host: string, path: string): void {
    const [, name = '', what, reference = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(path) ?? [];
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    if (tokens.get(token) !== name) {
      const challenge = `Bearer realm="https://${TOKENS}/token",service="registry.test",scope="repository:${name}:pull"`;
      response.setHeader('www-authenticate', challenge);
      return json(response, 401, { errors: [{ code: 'UNAUTHORIZED' }] });
    }
    const wrong = spoilt.get(name);
    if (wrong?.kind === 'status') {
      for (const [key, value] of Object.entries(wrong.headers ?? {})) response.setHeader(key, value);
      return json(response, wrong.status, { errors: [{ code: 'UNKNOWN' }] });
    }
    if (wrong?.kind === 'sentTo') return void response.writeHead(307, { location: wrong.url }).end();
    if (what === 'blobs') return void response.writeHead(307, { location: `https://${BLOBS}/${reference}` }).end();
    const found = manifests.get(reference.startsWith('sha256:') ? reference : `${host}/${name}:${reference}`);
    // As some do to who does not know lists.
    const knowsLists = request.headers.accept?.includes(INDEX_TYPE) === true;
    if (found === undefined || !knowsLists) return json(response, 404, { errors: [{ code: 'MANIFEST_UNKNOWN' }] });
    const bytes =
      spoilt.get(reference)?.kind === 'altered' ? Buffer.concat([found.bytes, Buffer.from(' ')]) : found.bytes;
    response.writeHead(200, {
      'content-type': found.type,
      'content-length': bytes.length,
      'docker-content-digest': digestOf(found.bytes),
    });
    response.end(request.method === 'HEAD' ? undefined : bytes);
  }

  function giveBlob(request: IncomingMessage, response: ServerResponse, digest: string): void {
    const content = blobs.get(digest)?.();
    // Where blobs lie, a token of the registry is an error.
    if (content === undefined || request.headers.authorization !== undefined)
      return json(response, content === undefined ? 404 : 400, {});
    const wrong = spoilt.get(digest);
    const bytes = wrong?.kind === 'altered' ? Buffer.concat([content.subarray(0, -1), Buffer.from('!')]) : content;
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const headers = { 'content-length': bytes.length - from };
    if (from >= bytes.length) return void response.writeHead(416).end();
    if (from === 0) response.writeHead(200, headers);
    else response.writeHead(206, { ...headers, 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` });
    if (wrong?.kind === 'breaks') {
      spoilt.delete(digest);
      response.write(bytes.subarray(from, from + wrong.after), () => response.destroy());
    } else response.end(bytes.subarray(from));
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    mirror: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    add({ server: host, name, tag }, folder, manifest) {
      const own = readFileSync(blobPath(folder, manifest));
      manifests.set(manifest, { bytes: own, type: MANIFEST_TYPE });
      const { config, layers } = JSON.parse(own.toString()) as Record<'config', Described> & { layers: Described[] };
      for (const { digest } of [config, ...layers]) blobs.set(digest, () => readFileSync(blobPath(folder, digest)));
      const described = { mediaType: MANIFEST_TYPE, digest: manifest, size: own.length };
      const platform = { os: 'linux', architecture: ARCHITECTURES[process.arch] };
      const nobodys = { os: 'linux', architecture: 's390x' };
      const list = Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: INDEX_TYPE,
          manifests: [
            { ...described, digest: `sha256:${'0'.repeat(64)}`, platform: nobodys },
            { ...described, platform },
          ],
        }),
      );
      const content = { bytes: list, type: INDEX_TYPE };
      manifests.set(digestOf(list), content).set(`${host}/${name}:${tag}`, content);
      return digestOf(list);
    },
    spoil: (what, how) => void spoilt.set(what, how),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Described {
  readonly digest: string;
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
