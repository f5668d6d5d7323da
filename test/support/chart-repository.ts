/** A Helm repository on loopback: `index.yaml` and the archives it names, which a test may change behind it. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { packTarGz } from '../../src/archives/pack.ts';

export interface ChartRepository {
  readonly url: string;
  /** Paths, in order. */
  readonly asked: string[];
  /** By path; what is listed there and what is served may differ. */
  readonly served: Map<string, Uint8Array>;
  /** Lists and serves a chart; returns `sha256:…` of its archive. */
  publish(name: string, version: string, archive?: Uint8Array): string;
  close(): Promise<void>;
}

export function chartOf(name: string, version: string, marks = ''): Uint8Array {
  const description = `apiVersion: v2\nname: ${name}\nversion: ${version}\n${marks}`;
  return packTarGz([{ path: `${name}/Chart.yaml`, content: Buffer.from(description) }]);
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

export async function chartRepository(): Promise<ChartRepository> {
  const listed = new Map<string, { version: string; urls: string[]; digest: string }[]>();
  const served = new Map<string, Uint8Array>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const body =
      path === '/repo/index.yaml'
        ? Buffer.from(JSON.stringify({ apiVersion: 'v1', entries: Object.fromEntries(listed) }))
        : served.get(path);
    if (body === undefined) response.writeHead(404).end();
    else response.end(body);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    url: `${origin}/repo`,
    asked,
    served,
    publish(name, version, bytes = chartOf(name, version)) {
      const file = `${name}-${version}.tgz`;
      // Both forms occur: relative to the repository, and anywhere else.
      const isRelative = listed.size % 2 === 0;
      const path = isRelative ? `/repo/archives/${file}` : `/releases/${file}`;
      served.set(path, bytes);
      const digest = digestOf(bytes);
      const entry = { version, urls: [isRelative ? `archives/${file}` : `${origin}${path}`], digest: digest.slice(7) };
      listed.set(name, [entry, ...(listed.get(name) ?? []).filter((other) => other.version !== version)]);
      return digest;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
