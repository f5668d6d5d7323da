/** A cloud of its own for one test file, and a client that says what came back. */
import type { CloudOptions } from '../../../src/sandbox/digitalocean/contracts.ts';
import { startCloud } from '../../../src/sandbox/digitalocean/cloud.ts';
import { tempFolder } from '../../support/temp.ts';
import { fakeClusters, type FakeClusters } from './fake-clusters.ts';

export const token = 'dop_v1_of_this_test';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Whatever the API says; assertions look inside.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

export type Call = (method: string, path: string, body?: unknown) => Promise<Answer>;

export interface OpenCloud {
  readonly url: string;
  readonly folder: string;
  readonly clusters: FakeClusters;
  readonly call: Call;
  readonly cloud: Awaited<ReturnType<typeof startCloud>>;
  /** Closes it and starts another in the same folder. */
  restart(): Promise<OpenCloud>;
  close(): Promise<void>;
}

export async function openCloud(
  options: Partial<CloudOptions> & { readonly folder?: string } = {},
): Promise<OpenCloud> {
  const temporary = options.folder === undefined ? tempFolder() : undefined;
  const folder = options.folder ?? temporary?.path ?? '';
  const clusters = fakeClusters();
  const cloud = await startCloud({ tokens: [token], port: 0, clusters, delayMs: 250, ...options, folder });
  const close = async (): Promise<void> => {
    await cloud.close();
    temporary?.remove();
  };
  return {
    url: cloud.url,
    folder,
    clusters,
    call: caller(cloud.url),
    cloud,
    restart: async () => {
      await cloud.close();
      const next = await openCloud({ ...options, folder });
      return {
        ...next,
        close: async () => {
          await next.close();
          temporary?.remove();
        },
      };
    },
    close,
  };
}

export function caller(url: string, bearer = token): Call {
  return async (method, path, body) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', 'user-agent': 'ffops-test/1' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
}

/** The first truthy value of `look`; fails after ten seconds. */
export async function eventually<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + 10_000;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error('it never came to pass');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
