/** One request to Spaces and what becomes of it. */
import type http from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { SpacesAddress } from './address.ts';
import type { Signable } from './signature.ts';
import { errorXml } from './xml.ts';

export interface SpacesRequest {
  readonly address: SpacesAddress;
  readonly signed: Signable;
  readonly body: http.IncomingMessage;
}

export interface SpacesAnswer {
  readonly status: number;
  readonly headers: http.OutgoingHttpHeaders;
  /** Text, or the answer of the server behind, still to be read. */
  readonly body: string | http.IncomingMessage;
}

/** An answer in S3's words instead of the one asked for. */
export class SpacesError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const accessDenied = (message = 'Access Denied'): SpacesError => new SpacesError(403, 'AccessDenied', message);
export const internalError = (status = 500): SpacesError =>
  new SpacesError(status, 'InternalError', 'We encountered an internal error. Please try again.');
export const noSuchBucket = (): SpacesError =>
  new SpacesError(404, 'NoSuchBucket', 'The specified bucket does not exist');

export const empty = (status: number): SpacesAnswer => ({ status, headers: {}, body: '' });
export const xml = (body: string, status = 200): SpacesAnswer => ({
  status,
  headers: { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(body) },
  body,
});
export const errorAnswer = (error: SpacesError, bucket: string | undefined): SpacesAnswer =>
  xml(errorXml(error.code, error.message, bucket), error.status);

/** Rejects when the connection breaks on the way. */
export async function deliver(answer: SpacesAnswer, response: http.ServerResponse): Promise<void> {
  response.writeHead(answer.status, answer.headers);
  if (typeof answer.body === 'string') response.end(answer.body);
  else await pipeline(answer.body, response);
}

/** Reads to the end and forgets. */
export async function discard({ body }: SpacesAnswer): Promise<void> {
  if (typeof body === 'string') return;
  body.resume();
  await new Promise((resolve) => body.once('close', resolve));
}

const textLimitBytes = 1024 * 1024;

/** A body that is a small document. Throws SpacesError when it is not small. */
export async function textOf(body: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > textLimitBytes) throw new SpacesError(400, 'EntityTooLarge', 'Your request is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
