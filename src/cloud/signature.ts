/** AWS Signature Version 4, as far as S3 requests with their whole body in memory need it. Pure. */
import { createHash, createHmac } from 'node:crypto';
import type { Secret } from '../model/secret.ts';

export interface Credentials {
  readonly accessKey: Secret;
  readonly secretKey: Secret;
}

export interface SignableRequest {
  readonly method: string;
  readonly url: string;
  /** Without `host`, which comes from the address. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The headers to send: those given, and what the signature adds. Names come back in lower case. */
export function signed(
  request: SignableRequest,
  credentials: Credentials,
  scope: { readonly region: string; readonly service: string; readonly at: Date },
): Record<string, string> {
  const url = new URL(request.url);
  const time = scope.at.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const day = time.slice(0, 8);
  const bodyHash = sha256(request.body);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value.trim();
  headers['x-amz-date'] = time;
  headers['x-amz-content-sha256'] = bodyHash;

  const all: Readonly<Record<string, string>> = { ...headers, host: url.host };
  const names = Object.keys(all).sort();
  const canonical = [
    request.method,
    url.pathname,
    canonicalQuery(url.searchParams),
    ...names.map((name) => `${name}:${all[name] ?? ''}`),
    '',
    names.join(';'),
    bodyHash,
  ].join('\n');
  const credentialScope = `${day}/${scope.region}/${scope.service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', time, credentialScope, sha256(canonical)].join('\n');
  const key = [day, scope.region, scope.service, 'aws4_request'].reduce<string | Buffer>(
    (previous, part) => hmac(previous, part),
    `AWS4${credentials.secretKey.reveal()}`,
  );
  const signature = hmac(key, toSign).toString('hex');
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${credentials.accessKey.reveal()}/${credentialScope}, ` +
    `SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return headers;
}

function canonicalQuery(parameters: URLSearchParams): string {
  return [...parameters]
    .map(([name, value]): readonly [string, string] => [encode(name), encode(value)])
    .sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** RFC 3986: encodeURIComponent leaves five characters alone that AWS wants encoded. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
