/** Requests to this machine, which need no proxy and no redirect: Node's `fetch` takes a tenth of a second to load. */
import { request as send } from 'node:http';
import type { HttpResponse } from '../ports/network.ts';

export interface PlainRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
  readonly signal: AbortSignal;
}

/** A proxy elsewhere would look for it on its own machine, and be told what is sent to it. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}

/** Rejects like `fetch` when there is no whole answer. */
export function askThisMachine(url: string, { method, headers, body, signal }: PlainRequest): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    // The signal's own reason says more than the error that the socket makes of it.
    const fail = (error: Error): void => reject(signal.aborted ? (signal.reason as Error) : error);
    const sent = send(url, { method, headers, signal, agent: false }, (answer) => {
      const chunks: Uint8Array[] = [];
      answer.on('data', (chunk: Uint8Array) => chunks.push(chunk));
      answer.on('error', fail);
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: Object.fromEntries(
            Object.entries(answer.headersDistinct).map(([name, values = []]) => [name, values.join(', ')]),
          ),
          body: new Uint8Array(Buffer.concat(chunks)),
        }),
      );
    });
    sent.on('error', fail);
    sent.end(body);
  });
}
