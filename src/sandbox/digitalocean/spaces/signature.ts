/** AWS Signature Version 4 for S3: reading it, making it. */
import { createHash, createHmac } from 'node:crypto';

export interface Credentials {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** What is signed of a request. Header names are in lower case. */
export interface Signable {
  readonly method: string;
  /** Percent-encoded, as sent. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
}

/** A signature as a client gave it, in the header or, presigned, in the query. */
export interface GivenSignature {
  readonly accessKey: string;
  /** `20260131/fra1/s3/aws4_request` */
  readonly scope: string;
  readonly region: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly time: string;
  readonly payloadHash: string;
  readonly presigned: boolean;
}

export const unsignedPayload = 'UNSIGNED-PAYLOAD';
const algorithm = 'AWS4-HMAC-SHA256';

/** Undefined when the request is not signed, or not in this way. */
export function givenSignature({ headers, query }: Signable): GivenSignature | undefined {
  const presigned = query.get('X-Amz-Algorithm') === algorithm;
  const fields = presigned ? presignedFields(query) : headerFields(headers['authorization']);
  const [accessKey, ...scope] = (fields['Credential'] ?? '').split('/');
  const time = presigned ? (query.get('X-Amz-Date') ?? undefined) : headers['x-amz-date'];
  const { SignedHeaders: signed, Signature: signature } = fields;
  if (
    accessKey === undefined ||
    scope.length !== 4 ||
    signed === undefined ||
    signature === undefined ||
    time === undefined
  )
    return undefined;
  return {
    accessKey,
    scope: scope.join('/'),
    region: scope[1] ?? '',
    signedHeaders: signed.split(';'),
    signature,
    time,
    payloadHash: headers['x-amz-content-sha256'] ?? unsignedPayload,
    presigned,
  };
}

function presignedFields(query: URLSearchParams): Record<string, string> {
  const names = ['Credential', 'SignedHeaders', 'Signature'];
  return Object.fromEntries(names.map((name) => [name, query.get(`X-Amz-${name}`) ?? '']));
}

function headerFields(header: string | undefined): Record<string, string> {
  if (header?.startsWith(`${algorithm} `) !== true) return {};
  const pairs = header
    .slice(algorithm.length)
    .split(',')
    .map((pair) => pair.trim());
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

/** The signature that this request must carry when it is signed with this secret. */
export function expectedSignature(
  request: Signable,
  given: Omit<GivenSignature, 'signature' | 'accessKey'>,
  secretKey: string,
): string {
  const query = [...request.query]
    .filter(([name]) => !(given.presigned && name === 'X-Amz-Signature'))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort(byCodePoint);
  const canonical = [
    request.method,
    canonicalPath(request.path),
    query.join('&'),
    ...given.signedHeaders.map((name) => `${name}:${(request.headers[name] ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    given.signedHeaders.join(';'),
    given.payloadHash,
  ].join('\n');
  const [date = '', region = '', service = '', terminator = ''] = given.scope.split('/');
  const key = [date, region, service, terminator].reduce<Buffer | string>(
    (secret, part) => hmac(secret, part),
    `AWS4${secretKey}`,
  );
  return hmac(
    key,
    [algorithm, given.time, given.scope, createHash('sha256').update(canonical).digest('hex')].join('\n'),
  ).toString('hex');
}

/** The headers with a signature over the host and everything of Amazon's. */
export function sign(
  request: Signable,
  credentials: Credentials,
  region: string,
  payloadHash: string,
): Record<string, string> {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const headers = { ...request.headers, 'x-amz-date': time, 'x-amz-content-sha256': payloadHash };
  const signedHeaders = Object.keys(headers)
    .filter((name) => name === 'host' || name.startsWith('x-amz-'))
    .sort(byCodePoint);
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
  const signature = expectedSignature(
    { ...request, headers },
    { scope, region, signedHeaders, time, payloadHash, presigned: false },
    credentials.secretKey,
  );
  return {
    ...headers,
    authorization: `${algorithm} Credential=${credentials.accessKey}/${scope}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`,
  };
}

export function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

/** S3 encodes each part of a path once, whatever the client encoded. */
function canonicalPath(path: string): string {
  return path
    .split('/')
    .map((part) => encode(decodeURIComponent(part)))
    .join('/');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

const byCodePoint = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
