/** The S3 server behind Spaces: the same request in its own words, signed with its own key. */
import http from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { SpacesAddress } from './address.ts';
import { Unchunk } from './chunks.ts';
import { SpacesError, type SpacesAnswer } from './exchange.ts';
import { sign, unsignedPayload, type Credentials } from './signature.ts';

export interface ServerBehindOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly key: Credentials;
}

export interface Outgoing {
  readonly address: SpacesAddress;
  readonly method: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined when there is none to hand on. */
  readonly body: http.IncomingMessage | undefined;
}

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
/** The client's own address and signature. */
const replacedHeaders = new Set(['host', 'authorization', 'x-amz-date', 'x-amz-security-token']);
const replacedParameter = /^x-amz-(algorithm|credential|date|expires|signedheaders|signature|security-token)$/i;

export class ServerBehind {
  readonly #options: ServerBehindOptions;
  readonly #agent = new http.Agent({ keepAlive: true });

  constructor(options: ServerBehindOptions) {
    this.#options = options;
  }

  /** Resolves when the server begins to answer. Throws SpacesError when it is not there. */
  async ask({ address, method, query: given, headers, body }: Outgoing): Promise<SpacesAnswer> {
    const { endpoint, key, region } = this.#options;
    const target = new URL(endpoint);
    const path = `/${[address.bucket, address.key].filter((part) => part !== '').join('/')}`;
    const query = new URLSearchParams([...given].filter(([name]) => !replacedParameter.test(name)));
    const declared = headers['x-amz-content-sha256'] ?? unsignedPayload;
    const chunked = declared.startsWith('STREAMING-');
    const unsigned = { ...(chunked ? withoutChunking(kept(headers)) : kept(headers)), host: target.host };
    const onward = http.request({
      host: target.hostname,
      port: target.port,
      method,
      path: query.size === 0 ? path : `${path}?${query.toString()}`,
      headers: sign({ method, path, query, headers: unsigned }, key, region, chunked ? unsignedPayload : declared),
      agent: this.#agent,
    });
    const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
      onward.once('response', resolve);
      onward.once('error', () =>
        reject(new SpacesError(503, 'ServiceUnavailable', 'Please reduce your request rate.')),
      );
    });
    if (body === undefined) onward.end();
    // The server may answer before it has read everything: then sending breaks off, and its answer counts.
    else pipeline(chunked ? [body, new Unchunk(), onward] : [body, onward]).catch(() => undefined);
    const answer = await answered;
    const passed = Object.entries(answer.headers).filter(([name]) => !hopHeaders.has(name));
    return { status: answer.statusCode ?? 502, headers: Object.fromEntries(passed), body: answer };
  }

  close(): void {
    this.#agent.destroy();
  }
}

function kept(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !hopHeaders.has(name) && !replacedHeaders.has(name)),
  );
}

/** The headers of the body that comes out of the wrapping. */
function withoutChunking(headers: Readonly<Record<string, string>>): Record<string, string> {
  const {
    'x-amz-decoded-content-length': length = '0',
    'x-amz-trailer': _trailer,
    'x-amz-sdk-checksum-algorithm': _algorithm,
    'content-encoding': encodings = '',
    ...rest
  } = headers;
  const encoding = encodings
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== 'aws-chunked')
    .join(',');
  return { ...rest, ...(encoding !== '' && { 'content-encoding': encoding }), 'content-length': length };
}
