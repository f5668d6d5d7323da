/**
 * Spaces: the door in front of a real S3 server. It speaks Spaces' addresses, regions and access keys, answers what
 * that server does not know (regions, lifecycle rules), and hands the rest on, signed with the server's own key.
 */
import http from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { AddressInfo } from 'node:net';
import type { Calls } from '../calls.ts';
import { findRegion } from '../catalogue.ts';
import type { SpacesOptions } from '../contracts.ts';
import type { Bucket, SpacesKey } from '../documents.ts';
import type { Fault, Faults } from '../faults.ts';
import type { Listening } from '../server.ts';
import type { Store } from '../store.ts';
import { logBug, timestamp } from '../world.ts';
import { spacesAddress, type SpacesAddress } from './address.ts';
import { Unchunk } from './chunks.ts';
import { expectedSignature, givenSignature, sha256, sign, unsignedPayload, type Signable } from './signature.ts';
import { bucketsXml, errorXml, locationXml, wantedLocation } from './xml.ts';

export interface SpacesParts {
  readonly store: Store;
  readonly faults: Faults;
  readonly calls: Calls;
}

interface Incoming {
  readonly request: http.IncomingMessage;
  readonly response: http.ServerResponse;
  readonly address: SpacesAddress;
  readonly signed: Signable;
}

/** An answer in S3's words instead of the one asked for. */
class SpacesError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const noSuchBucket = (): SpacesError => new SpacesError(404, 'NoSuchBucket', 'The specified bucket does not exist');
const smallBodyBytes = 1024 * 1024;
/** Spaces' own default, as the provider has it. */
const fallbackRegion = 'nyc3';
/** They concern one connection and are never handed on. */
const hopHeaders = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

/** Listens on the loopback only. Rejects when the port is taken. */
export async function startSpaces(options: SpacesOptions, parts: SpacesParts): Promise<Listening> {
  const agent = new http.Agent({ keepAlive: true });
  const front = new SpacesFront(options, parts, agent);
  const server = http.createServer((request, response) => void front.answer(request, response));
  server.requestTimeout = 0;
  // Tunnels would lead anywhere.
  server.on('connect', (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

class SpacesFront {
  readonly #options: SpacesOptions;
  readonly #parts: SpacesParts;
  readonly #agent: http.Agent;
  /** Objects that someone is creating only if there is none, one after the other. */
  readonly #creating = new Map<string, Promise<void>>();

  constructor(options: SpacesOptions, parts: SpacesParts, agent: http.Agent) {
    this.#options = options;
    this.#parts = parts;
    this.#agent = agent;
  }

  async answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const started = performance.now();
    const at = new Date().toISOString();
    const method = request.method ?? 'GET';
    const host = request.headers.host ?? '';
    const url = new URL(request.url ?? '/', `http://${host}`);
    const path = rawPath(request.url ?? '/');
    const address = spacesAddress(url.host, path);
    const named =
      address === undefined
        ? `/${url.host}`
        : `/spaces/${address.bucket}${address.key === '' ? '' : `/${address.key}`}`;
    const fault = this.#parts.faults.meet(method, named);
    const record = (): void =>
      this.#parts.calls.add({
        at,
        method,
        path: named,
        ...(url.search !== '' && !url.searchParams.has('X-Amz-Signature') && { query: url.search.slice(1) }),
        status: response.headersSent ? response.statusCode : 0,
        durationMs: Math.round(performance.now() - started),
        userAgent: request.headers['user-agent'] ?? '',
        ...(fault !== undefined && { fault: fault.kind }),
      });
    response.once('close', record);
    try {
      if (address === undefined)
        throw new SpacesError(403, 'AccessDenied', `The sandbox lets nothing out, and ${url.host} is not part of it`);
      const signed: Signable = { method, path, query: url.searchParams, headers: plainHeaders(request.headers) };
      await this.#withFault(fault, { request, response, address, signed });
    } catch (error) {
      if (response.headersSent) response.destroy();
      else sendError(response, error, address?.bucket);
    }
  }

  async #withFault(fault: Fault | undefined, incoming: Incoming): Promise<void> {
    switch (fault?.kind) {
      case undefined:
        return this.#serve(incoming);
      case 'rate-limit':
        throw new SpacesError(503, 'SlowDown', 'Please reduce your request rate.');
      case 'error':
        throw new SpacesError(fault.status, 'InternalError', 'We encountered an internal error. Please try again.');
      case 'reset':
        incoming.request.socket.destroy();
        return undefined;
      case 'stall':
        await new Promise((resolve) => setTimeout(resolve, fault.delayMs).unref());
        return this.#serve(incoming);
      case 'fail-after': {
        const { method, headers, query } = incoming.signed;
        await this.#check(incoming);
        await this.#forward(incoming, { method, headers, query, body: incoming.request }, (answer) => discard(answer));
        if (fault.status === 0) incoming.request.socket.destroy();
        else
          throw new SpacesError(fault.status, 'InternalError', 'We encountered an internal error. Please try again.');
      }
    }
  }

  async #serve(incoming: Incoming): Promise<void> {
    const { address, signed, response } = incoming;
    const key = await this.#check(incoming);
    const { method, query } = signed;
    const onBucket = address.bucket !== '' && address.key === '';
    if (address.bucket === '' && method === 'GET') {
      const found = this.#parts.store
        .list('bucket')
        .filter((bucket) => address.region === undefined || bucket.region === address.region);
      return sendXml(response, 200, bucketsXml(key.accessKey, found));
    }
    if (onBucket && query.has('location') && method === 'GET')
      return sendXml(response, 200, locationXml(this.#bucket(address).region));
    if (onBucket && query.has('lifecycle')) return this.#lifecycle(incoming);
    if (onBucket && method === 'PUT' && query.size === 0) return this.#createBucket(incoming);
    if (onBucket && method === 'DELETE' && query.size === 0) return this.#deleteBucket(incoming);
    if (method === 'PUT' && signed.headers['if-none-match'] === '*') return this.#createObject(incoming);
    return this.#forward(incoming, { method, query, headers: signed.headers, body: incoming.request }, (answer) =>
      relay(answer, response),
    );
  }

  /**
   * The server behind takes an object that was deleted from a versioned bucket for one that exists, and a lock on
   * OpenTofu's state could be taken only once. So the condition is checked here, one request at a time for each object.
   */
  async #createObject(incoming: Incoming): Promise<void> {
    const { address } = incoming;
    const name = `${address.bucket}/${address.key}`;
    const before = this.#creating.get(name) ?? Promise.resolve();
    const mine = before.then(() => this.#createAbsentObject(incoming));
    const settled = mine.catch(() => undefined);
    this.#creating.set(name, settled);
    try {
      await mine;
    } finally {
      if (this.#creating.get(name) === settled) this.#creating.delete(name);
    }
  }

  async #createAbsentObject(incoming: Incoming): Promise<void> {
    const { signed, response, request } = incoming;
    let exists = false;
    await this.#forward(
      incoming,
      {
        method: 'HEAD',
        query: new URLSearchParams(),
        headers: { 'x-amz-content-sha256': sha256('') },
        body: undefined,
      },
      (answer) => {
        exists = answer.statusCode === 200;
        return discard(answer);
      },
    );
    if (exists)
      throw new SpacesError(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
    const { 'if-none-match': _, ...headers } = signed.headers;
    await this.#forward(incoming, { method: 'PUT', query: signed.query, headers, body: request }, (answer) =>
      relay(answer, response),
    );
  }

  /** Who asks, and whether they may. Throws SpacesError otherwise. */
  async #check({ signed, address }: Incoming): Promise<{ readonly accessKey: string }> {
    const given = givenSignature(signed);
    if (given === undefined) throw new SpacesError(403, 'AccessDenied', 'Access Denied');
    const { clientKey } = this.#options;
    const made = this.#parts.store.get('spaces_key', given.accessKey);
    const secret = given.accessKey === clientKey.accessKey ? clientKey.secretKey : made?.secret_key;
    if (secret === undefined)
      throw new SpacesError(403, 'InvalidAccessKeyId', 'The access key does not exist in our records.');
    if (expectedSignature(signed, given, secret) !== given.signature) {
      throw new SpacesError(
        403,
        'SignatureDoesNotMatch',
        'The request signature we calculated does not match the signature you provided.',
      );
    }
    if (made !== undefined && !isGranted(made, address.bucket, signed.method))
      throw new SpacesError(403, 'AccessDenied', 'Access Denied');
    return { accessKey: given.accessKey };
  }

  #bucket(address: SpacesAddress): Bucket {
    const bucket = this.#parts.store.get('bucket', address.bucket);
    if (bucket === undefined) throw noSuchBucket();
    return bucket;
  }

  async #createBucket(incoming: Incoming): Promise<void> {
    const { address, signed, request, response } = incoming;
    const scope = givenSignature(signed)?.region ?? '';
    const asked = wantedLocation((await smallBody(request)).toString('utf8')) ?? address.region ?? scope;
    const region = findRegion(asked)?.slug ?? fallbackRegion;
    // The server behind has one region only, and ACLs only where they are asked for.
    const { 'content-length': _, 'content-type': __, ...kept } = signed.headers;
    const headers = {
      ...kept,
      'x-amz-content-sha256': sha256(''),
      'x-amz-object-ownership': 'BucketOwnerPreferred',
      'content-length': '0',
    };
    await this.#forward(incoming, { method: 'PUT', query: signed.query, headers, body: undefined }, (answer) => {
      if (answer.statusCode === 200) {
        const bucket: Bucket = { name: address.bucket, region, created_at: timestamp() };
        this.#parts.store.write((change) => change.put('bucket', bucket.name, bucket));
      }
      return relay(answer, response);
    });
  }

  async #deleteBucket(incoming: Incoming): Promise<void> {
    const { address, signed, response } = incoming;
    await this.#forward(
      incoming,
      { method: 'DELETE', query: signed.query, headers: signed.headers, body: undefined },
      (answer) => {
        if (answer.statusCode === 204 || answer.statusCode === 404) {
          this.#parts.store.write((change) => {
            change.remove('bucket', address.bucket);
            change.remove('assignment', `do:space:${address.bucket}`);
          });
        }
        return relay(answer, response);
      },
    );
  }

  /** Kept and answered; nothing expires in a sandbox. */
  async #lifecycle({ address, signed, request, response }: Incoming): Promise<void> {
    const bucket = this.#bucket(address);
    const { lifecycle, ...bare } = bucket;
    switch (signed.method) {
      case 'GET':
        if (lifecycle === undefined)
          throw new SpacesError(404, 'NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist');
        return sendXml(response, 200, lifecycle);
      case 'PUT': {
        const rules = (await smallBody(request)).toString('utf8');
        this.#parts.store.write((change) => change.put('bucket', bucket.name, { ...bare, lifecycle: rules }));
        return sendXml(response, 200, '');
      }
      case 'DELETE':
        this.#parts.store.write((change) => change.put('bucket', bucket.name, bare));
        response.writeHead(204).end();
        return undefined;
      default:
        throw new SpacesError(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.');
    }
  }

  /** The same request to the server behind, as its own root user. */
  async #forward(
    { address, request }: Incoming,
    outgoing: Outgoing,
    use: (answer: http.IncomingMessage) => Promise<void>,
  ): Promise<void> {
    const { endpoint, accessKey, secretKey, region } = this.#options;
    const target = new URL(endpoint);
    const path = `/${address.bucket}${address.key === '' && address.bucket === '' ? '' : `/${address.key}`}`.replace(
      /^(\/[^/]+)\/$/,
      '$1',
    );
    const query = new URLSearchParams(
      [...outgoing.query].filter(
        ([name]) => !/^x-amz-(algorithm|credential|date|expires|signedheaders|signature|security-token)$/i.test(name),
      ),
    );
    const chunked = (outgoing.headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');
    const payloadHash = chunked ? unsignedPayload : (outgoing.headers['x-amz-content-sha256'] ?? unsignedPayload);
    const unsigned = { ...handedOn(outgoing.headers, chunked), host: target.host };
    const headers = sign(
      { method: outgoing.method, path, query, headers: unsigned },
      { accessKey, secretKey },
      region,
      payloadHash,
    );
    const search = [...query].length === 0 ? '' : `?${query.toString()}`;
    const onward = http.request({
      host: target.hostname,
      port: target.port,
      method: outgoing.method,
      path: `${path}${search}`,
      headers,
      agent: this.#agent,
    });
    const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
      onward.once('response', resolve);
      onward.once('error', () =>
        reject(new SpacesError(503, 'ServiceUnavailable', 'Please reduce your request rate.')),
      );
    });
    // The server may answer before it has read everything: then sending breaks off, and its answer counts.
    const sent =
      outgoing.body === undefined
        ? Promise.resolve(onward.end())
        : pipeline(chunked ? [request, new Unchunk(), onward] : [request, onward]).catch(() => undefined);
    await use(await answered);
    await sent;
  }
}

interface Outgoing {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined when it has been read, or there is none to hand on. */
  readonly body: http.IncomingMessage | undefined;
}

function handedOn(headers: Readonly<Record<string, string>>, chunked: boolean): Record<string, string> {
  const dropped = new Set([...hopHeaders, 'host', 'authorization', 'x-amz-date', 'x-amz-security-token']);
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)));
  if (!chunked) return kept;
  const {
    'x-amz-decoded-content-length': length = '0',
    'x-amz-trailer': _,
    'x-amz-sdk-checksum-algorithm': __,
    ...rest
  } = kept;
  const encodings = (rest['content-encoding'] ?? '').split(',').map((part) => part.trim());
  const encoding = encodings.filter((part) => part !== '' && part !== 'aws-chunked').join(',');
  const { 'content-encoding': ___, ...plain } = rest;
  return { ...plain, ...(encoding !== '' && { 'content-encoding': encoding }), 'content-length': length };
}

function isGranted({ grants }: SpacesKey, bucket: string, method: string): boolean {
  const reads = method === 'GET' || method === 'HEAD';
  return grants.some(
    (grant) =>
      grant.permission === 'fullaccess' ||
      (grant.bucket === bucket && (grant.permission === 'readwrite' || (reads && grant.permission === 'read'))),
  );
}

/** The path as it was sent, still encoded: of `/a%2Fb?x` and of `http://host/a%2Fb?x` alike. */
function rawPath(target: string): string {
  const path = target.replace(/^https?:\/\/[^/?]*/i, '').replace(/\?.*$/s, '');
  return path === '' ? '/' : path;
}

function plainHeaders(headers: http.IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : (value ?? '')]),
  );
}

async function smallBody(request: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > smallBodyBytes) throw new SpacesError(400, 'EntityTooLarge', 'Your request is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function relay(answer: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const headers = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !hopHeaders.has(name)));
  response.writeHead(answer.statusCode ?? 502, headers);
  await pipeline(answer, response);
}

async function discard(answer: http.IncomingMessage): Promise<void> {
  answer.resume();
  await new Promise((resolve) => answer.once('close', resolve));
}

function sendXml(response: http.ServerResponse, status: number, xml: string): void {
  response.writeHead(status, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(xml) }).end(xml);
}

function sendError(response: http.ServerResponse, error: unknown, bucket: string | undefined): void {
  if (error instanceof SpacesError) return sendXml(response, error.status, errorXml(error.code, error.message, bucket));
  logBug(error);
  return sendXml(response, 500, errorXml('InternalError', 'We encountered an internal error. Please try again.'));
}
