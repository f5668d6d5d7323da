/** The HTTP side of the cloud: who may in, which route, faults on the way, and a record of it all. */
import { randomUUID, timingSafeEqual } from 'node:crypto';
import http from 'node:http';
import { listenForHttp, type Listening } from '../processes/listen.ts';
import type { Calls } from './calls.ts';
import type { Fault, Faults } from './faults.ts';
import {
  ApiError,
  badRequest,
  notFound,
  serverError,
  tooManyRequests,
  unauthorized,
  type ApiRequest,
  type Reply,
  type Route,
} from './http.ts';
import { matchRoute } from './match.ts';
import { RateLimit } from './rate-limit.ts';
import { targetOf } from './target.ts';
import { logBug } from './world.ts';

export interface ServerOptions {
  readonly port: number;
  readonly tokens: readonly string[];
  readonly routes: readonly Route[];
  readonly faults: Faults;
  readonly calls: Calls;
}

/** What became of a request: an answer, or a broken connection. */
type Outcome = { readonly reply: Reply; readonly headers?: Readonly<Record<string, string>> } | 'broken';

const bodyLimitBytes = 4 * 1024 * 1024;

/** Listens on the loopback only. Rejects when the port is taken. */
export async function startServer(options: ServerOptions): Promise<Listening> {
  const limit = new RateLimit();
  const server = http.createServer((request, response) => {
    void answer(options, limit, request, response);
  });
  // A stalled request may well outlast what Node thinks reasonable.
  server.requestTimeout = 0;
  return await listenForHttp(server, options.port);
}

async function answer(
  options: ServerOptions,
  limit: RateLimit,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const started = performance.now();
  const at = new Date().toISOString();
  const method = request.method ?? 'GET';
  const { host, search, query, ...target } = targetOf(request);
  const path = target.path.replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1');
  // The sandbox's own routes stay reachable whatever is broken, and out of the record.
  const own = path.startsWith('/_sandbox/');
  const fault = own ? undefined : options.faults.meet(method, path);
  const outcome = await outcomeOf(options, { request, method, origin: `http://${host}`, path, query }, fault);
  if (!own) {
    options.calls.add({
      at,
      method,
      path,
      ...(search !== '' && { query: search }),
      status: outcome === 'broken' ? 0 : outcome.reply.status,
      durationMs: Math.round(performance.now() - started),
      userAgent: request.headers['user-agent'] ?? '',
      ...(fault !== undefined && { fault: fault.kind }),
    });
  }
  if (outcome === 'broken') {
    request.socket.destroy();
    return;
  }
  send(response, outcome.reply, { ...limit.take(), ...outcome.headers });
}

interface Incoming extends Pick<ApiRequest, 'method' | 'origin' | 'path' | 'query'> {
  readonly request: http.IncomingMessage;
}

async function outcomeOf(options: ServerOptions, incoming: Incoming, fault: Fault | undefined): Promise<Outcome> {
  switch (fault?.kind) {
    case undefined:
      return { reply: await replyTo(options, incoming) };
    case 'rate-limit':
      return {
        reply: errorReply(tooManyRequests()),
        headers: { 'ratelimit-remaining': '0', 'retry-after': String(fault.retryAfterSeconds) },
      };
    case 'error':
      return { reply: errorReply(new ApiError(fault.status, 'server_error', serverError().message)) };
    case 'reset':
      return 'broken';
    case 'stall': {
      const reply = await replyTo(options, incoming);
      await new Promise((resolve) => setTimeout(resolve, fault.delayMs).unref());
      return { reply };
    }
    case 'fail-after':
      await replyTo(options, incoming);
      return fault.status === 0
        ? 'broken'
        : { reply: errorReply(new ApiError(fault.status, 'server_error', serverError().message)) };
  }
}

async function replyTo({ tokens, routes }: ServerOptions, incoming: Incoming): Promise<Reply> {
  try {
    if (incoming.path !== '/_sandbox/health' && !isKnown(tokens, incoming.request.headers.authorization))
      throw unauthorized();
    const found = matchRoute(routes, incoming.method, incoming.path);
    if (found === undefined) throw notFound();
    const { method, origin, path, query } = incoming;
    return await found.route.handle({
      method,
      origin,
      path,
      query,
      params: found.params,
      body: await readBody(incoming.request),
    });
  } catch (error) {
    if (error instanceof ApiError) return errorReply(error);
    // The client left in the middle of its request: nobody will read this.
    if (!incoming.request.complete) return errorReply(badRequest('error parsing request body'));
    // A bug of the sandbox's: the client gets what the real API would say, the log gets the truth.
    logBug(error);
    return errorReply(serverError());
  }
}

function errorReply(error: ApiError): Reply {
  return { status: error.status, body: { id: error.id, message: error.message, request_id: randomUUID() } };
}

function send(response: http.ServerResponse, reply: Reply, headers: Readonly<Record<string, string>>): void {
  const json =
    reply.body === undefined
      ? undefined
      : { type: 'application/json; charset=utf-8', content: JSON.stringify(reply.body) };
  const payload = reply.text ?? json;
  response.writeHead(reply.status, {
    ...(payload !== undefined && { 'content-type': payload.type }),
    ...(reply.status !== 204 && { 'content-length': Buffer.byteLength(payload?.content ?? '') }),
    'x-request-id': requestIdOf(reply.body) ?? randomUUID(),
    ...headers,
  });
  response.end(payload?.content);
}

function requestIdOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('request_id' in body)) return undefined;
  return String(body.request_id);
}

function isKnown(tokens: readonly string[], header: string | undefined): boolean {
  const given = Buffer.from(/^Bearer (.+)$/i.exec(header ?? '')?.[1] ?? '');
  return tokens.some((token) => {
    const known = Buffer.from(token);
    return known.length === given.length && timingSafeEqual(known, given);
  });
}

async function readBody(request: http.IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyLimitBytes) throw badRequest('request body is too large');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8').trim();
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest('error parsing request body');
  }
}
