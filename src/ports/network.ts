import type { Secret } from '../model/secret.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string | Secret>>;
  readonly body?: string | Uint8Array;
  readonly timeoutMs?: number;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface Network {
  /** Resolves whatever the status; throws FailedError when there was no answer. */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Addresses of a name, empty when it has none. Throws FailedError when the resolver cannot be asked. */
  resolve(name: string): Promise<readonly string[]>;
}
