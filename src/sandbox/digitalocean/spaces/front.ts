/** Spaces' door: an HTTP server, and an HTTP proxy for the clients that put the bucket into the host name. */
import http from 'node:http';
import { listenForHttp, type Listening } from '../../processes/listen.ts';
import type { Calls } from '../calls.ts';
import type { SpacesOptions } from '../contracts.ts';
import type { Fault, Faults } from '../faults.ts';
import type { Store } from '../store.ts';
import { decoded, targetOf } from '../target.ts';
import { logBug } from '../world.ts';
import { spacesAddress, type SpacesAddress } from './address.ts';
import {
  accessDenied,
  deliver,
  discard,
  errorAnswer,
  internalError,
  SpacesError,
  type SpacesAnswer,
  type SpacesRequest,
} from './exchange.ts';
import { ServerBehind } from './server-behind.ts';
import { SpacesService } from './service.ts';

export interface SpacesParts {
  readonly store: Store;
  readonly faults: Faults;
  readonly calls: Calls;
}

/** Listens on the loopback only. Rejects when the port is taken. */
export async function startSpaces(options: SpacesOptions, { store, faults, calls }: SpacesParts): Promise<Listening> {
  const { endpoint, region, accessKey, secretKey, clientKey } = options;
  const behind = new ServerBehind({ endpoint, region, key: { accessKey, secretKey } });
  const service = new SpacesService(store, behind, clientKey);
  const server = http.createServer((request, response) => void answer({ service, faults, calls }, request, response));
  server.requestTimeout = 0;
  // Tunnels would lead anywhere.
  server.on('connect', (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
  return await listenForHttp(server, options.port, () => behind.close());
}

interface Parts {
  readonly service: SpacesService;
  readonly faults: Faults;
  readonly calls: Calls;
}

async function answer(
  { service, faults, calls }: Parts,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const started = performance.now();
  const at = new Date().toISOString();
  const method = request.method ?? 'GET';
  const { host, path, search, query } = targetOf(request);
  const address = spacesAddress(host, path);
  const named = address === undefined ? `/${host}` : namedPath(address);
  const fault = faults.meet(method, named);
  response.once('close', () =>
    calls.add({
      at,
      method,
      path: named,
      // A presigned link is a key for whoever reads it.
      ...(search !== '' && !query.has('X-Amz-Signature') && { query: search }),
      status: response.headersSent ? response.statusCode : 0,
      durationMs: Math.round(performance.now() - started),
      userAgent: request.headers['user-agent'] ?? '',
      ...(fault !== undefined && { fault: fault.kind }),
    }),
  );
  try {
    if (address === undefined) {
      throw accessDenied(`The sandbox lets nothing out, and ${host} is not part of it`);
    }
    if (decoded(path) === undefined) throw new SpacesError(400, 'InvalidURI', "Couldn't parse the specified URI.");
    const signed = { method, path, query, headers: plainHeaders(request.headers) };
    const outcome = await underFault(fault, service, { address, signed, body: request });
    if (outcome === 'broken') request.socket.destroy();
    else await deliver(outcome, response);
  } catch (error) {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    // A client that left in the middle of its request is no news.
    if (!(error instanceof SpacesError) && request.complete) logBug(error);
    await deliver(errorAnswer(error instanceof SpacesError ? error : internalError(), address?.bucket), response);
  }
}

async function underFault(
  fault: Fault | undefined,
  service: SpacesService,
  request: SpacesRequest,
): Promise<SpacesAnswer | 'broken'> {
  switch (fault?.kind) {
    case undefined:
      return service.serve(request);
    case 'rate-limit':
      throw new SpacesError(503, 'SlowDown', 'Please reduce your request rate.');
    case 'error':
      throw internalError(fault.status);
    case 'reset':
      return 'broken';
    case 'stall': {
      const served = await service.serve(request);
      await new Promise((resolve) => setTimeout(resolve, fault.delayMs).unref());
      return served;
    }
    case 'fail-after':
      await discard(await service.serve(request));
      if (fault.status === 0) return 'broken';
      throw internalError(fault.status);
  }
}

/** How faults and the record of calls name it. */
function namedPath({ bucket, key }: SpacesAddress): string {
  return `/spaces/${bucket}${key === '' ? '' : `/${key}`}`;
}

function plainHeaders(headers: http.IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : (value ?? '')]),
  );
}
