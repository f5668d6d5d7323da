import { createReadStream, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { blobPath, MANIFEST_TYPE } from './image.ts';

export interface ServedImage {
  /** Whole, as manifests name it: `docker.io/library/postgres:17.9-trixie`. */
  readonly name: string;
  /** Digest of its manifest. */
  readonly manifest: string;
}

const MANIFEST = /^\/v2\/(?<repository>.+)\/manifests\/(?<reference>[^/]+)$/;
const BLOB = /^\/v2\/.+\/blobs\/(?<digest>sha256:[0-9a-f]{64})$/;

/**
 * What containerd asks instead of any registry: it reads what a pod needs when the pod comes, so that a node is Ready as
 * soon with many images as with few. Only what is read of the OCI distribution API is there.
 */
export function serveImages(folder: string, images: readonly ServedImage[]): Server {
  const manifests = new Map(images.map(({ name, manifest }) => [name.split('@')[0], manifest]));
  return createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://images');
    const asked = MANIFEST.exec(url.pathname)?.groups;
    if (asked === undefined) {
      send(request, response, folder, BLOB.exec(url.pathname)?.groups?.['digest'], 'application/octet-stream');
      return;
    }
    const { repository = '', reference = '' } = asked;
    const named = manifests.get(`${url.searchParams.get('ns') ?? ''}/${repository}:${reference}`);
    send(request, response, folder, reference.startsWith('sha256:') ? reference : named, MANIFEST_TYPE);
  });
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  folder: string,
  digest: string | undefined,
  type: string,
): void {
  const path = digest === undefined ? undefined : blobPath(folder, digest);
  const size = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false })?.size;
  if (path === undefined || size === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': type, 'content-length': size, 'docker-content-digest': digest });
  if (request.method === 'HEAD') response.end();
  else
    createReadStream(path)
      .on('error', () => response.destroy())
      .pipe(response);
}
