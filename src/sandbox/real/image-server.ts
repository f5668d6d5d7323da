import { createReadStream, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ImageTrouble } from './image-trouble.ts';
import type { ImageFile, ImageSource } from './image-source.ts';

const ASKED = /^\/v2\/(?<name>.+)\/(?<what>manifests|blobs)\/(?<reference>[^/]+)$/;
/** A gateway's: containerd tries no other way after it, and shows the words of the status. */
const TROUBLED = 502;

/**
 * What containerd asks instead of any registry: it reads what a pod needs when the pod comes, so that a node is Ready as
 * soon with many images as with few. Only what is read of the OCI distribution API is there.
 */
export function serveImages(source: ImageSource): Server {
  return createServer((request, response) => {
    find(source, request.url ?? '').then(
      (file) => send(request, response, file),
      (error: unknown) => {
        if (!(error instanceof ImageTrouble)) process.stderr.write(`${String((error as Error).stack)}\n`);
        const { message } = error as Error;
        response.writeHead(TROUBLED, plain(message), { 'content-type': 'application/json' });
        response.end(JSON.stringify({ errors: [{ code: 'UNAVAILABLE', message }] }));
      },
    );
  });
}

async function find(source: ImageSource, path: string): Promise<ImageFile | undefined> {
  const url = new URL(path, 'http://images');
  const { name, what, reference } = ASKED.exec(url.pathname)?.groups ?? {};
  if (name === undefined || reference === undefined) return undefined;
  const repository = { registry: url.searchParams.get('ns') ?? '', name };
  return what === 'manifests' ? source.manifest(repository, reference) : source.blob(repository, reference);
}

function send(request: IncomingMessage, response: ServerResponse, file: ImageFile | undefined): void {
  const size = file === undefined ? undefined : statSync(file.path, { throwIfNoEntry: false })?.size;
  if (file === undefined || size === undefined) {
    response.writeHead(404).end();
    return;
  }
  const { path, digest, type } = file;
  response.writeHead(200, { 'content-type': type, 'content-length': size, 'docker-content-digest': digest });
  if (request.method === 'HEAD') response.end();
  else
    createReadStream(path)
      .on('error', () => response.destroy())
      .pipe(response);
}

/** What may stand beside a status. */
function plain(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]+/g, ' ');
}
