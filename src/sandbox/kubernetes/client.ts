import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { GaveUp } from '../processes/wait.ts';
import type { KubeObject } from './objects.ts';

export interface KubeAddress {
  /** `https://127.0.0.1:<port>` */
  readonly server: string;
  /** PEM */
  readonly certificateAuthority: string;
  readonly token: string;
}

/** An answer of the API server that is not 2xx, or no answer at all (status 0). */
export class KubeError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'KubeError';
    this.status = status;
  }
}

export function isStatus(error: unknown, ...statuses: readonly number[]): boolean {
  return error instanceof KubeError && statuses.includes(error.status);
}

export type PatchKind = 'merge' | 'strategic' | 'json' | 'apply';

const PATCH_TYPES: Readonly<Record<PatchKind, string>> = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** Objects without spec and status: custom resource definitions are large, and only their names matter here. */
export const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
export const METADATA_EVENTS = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';
const FIELD_MANAGER = 'ffops-sandbox';
const TIMEOUT_MS = 30_000;

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: object | undefined;
  readonly contentType?: string | undefined;
  readonly accept?: string | undefined;
  readonly timeoutMs?: number;
}

/** A small Kubernetes client: JSON over HTTPS to one API server. Every method throws KubeError, or GaveUp once it is closed. */
export class KubeClient {
  readonly #address: KubeAddress;
  readonly #agent: Agent;
  #closed = false;

  constructor(address: KubeAddress) {
    this.#address = address;
    this.#agent = new Agent({ keepAlive: true, ca: address.certificateAuthority });
  }

  get<T>(path: string, accept?: string): Promise<T> {
    return this.#json('GET', path, undefined, undefined, accept);
  }

  /** Undefined when it does not exist. */
  async find<T>(path: string): Promise<T | undefined> {
    try {
      return await this.get<T>(path);
    } catch (error) {
      if (isStatus(error, 404)) return undefined;
      throw error;
    }
  }

  create<T extends KubeObject>(path: string, body: object): Promise<T> {
    return this.#json('POST', path, body);
  }

  /** Creates it, or does nothing when something of that name exists. */
  async ensure(path: string, body: object): Promise<void> {
    try {
      await this.create(path, body);
    } catch (error) {
      if (!isStatus(error, 409)) throw error;
    }
  }

  patch<T extends KubeObject>(path: string, kind: PatchKind, body: object): Promise<T> {
    const query = kind === 'apply' ? `?fieldManager=${FIELD_MANAGER}&force=true` : `?fieldManager=${FIELD_MANAGER}`;
    return this.#json('PATCH', path + query, body, PATCH_TYPES[kind]);
  }

  /** Quiet when it is gone already. */
  async remove(path: string, options: object = {}): Promise<void> {
    try {
      await this.#json('DELETE', path, options);
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
    }
  }

  /** The plain text of a path such as `/readyz`. */
  async text(path: string, timeoutMs = TIMEOUT_MS): Promise<string> {
    return read(await this.#send({ method: 'GET', path, timeoutMs }));
  }

  /** An answer that goes on: the caller reads it line by line and destroys it. */
  stream(path: string, accept?: string): Promise<IncomingMessage> {
    return this.#send({ method: 'GET', path, accept });
  }

  close(): void {
    this.#closed = true;
    this.#agent.destroy();
  }

  async #json<T>(method: string, path: string, body?: object, contentType?: string, accept?: string): Promise<T> {
    const text = await read(await this.#send({ method, path, body, contentType, accept, timeoutMs: TIMEOUT_MS }));
    return JSON.parse(text) as T;
  }

  #send({ method, path, body, contentType = 'application/json', accept, timeoutMs }: Call): Promise<IncomingMessage> {
    if (this.#closed) return Promise.reject(new GaveUp('nobody asks this API server any more'));
    const payload = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = request(
        this.#address.server + path,
        {
          method,
          agent: this.#agent,
          timeout: timeoutMs,
          headers: {
            authorization: `Bearer ${this.#address.token}`,
            accept: accept ?? 'application/json',
            ...(payload === undefined
              ? {}
              : { 'content-type': contentType, 'content-length': Buffer.byteLength(payload) }),
          },
        },
        (response) => {
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) return resolve(response);
          read(response).then(
            (text) => reject(new KubeError(status, `${method} ${path}: ${messageOf(text, status)}`)),
            (error: unknown) => reject(error as Error),
          );
        },
      );
      sent.once('timeout', () => sent.destroy(new Error('no answer in time')));
      sent.once('error', (error) => reject(new KubeError(0, `${method} ${path}: ${error.message}`)));
      sent.end(payload);
    });
  }
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function messageOf(text: string, status: number): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: string };
    if (message !== undefined) return message;
  } catch {
    // Not a Status object: the number has to do.
  }
  return `HTTP ${String(status)}`;
}
