import { rmSync } from 'node:fs';
import { fetchThrough } from '../../adapters/network.ts';
import { listen } from '../processes/listen.ts';
import { serveImages } from './image-server.ts';
import { IMAGES_SOCKET } from './inside-options.ts';
import type { RealNodeKit } from './kit.ts';
import { registryClient } from './registry-client.ts';
import { upstreamImages, type UpstreamImage } from './upstream-images.ts';

export interface Upstream {
  list(): readonly UpstreamImage[];
  /** Throws ImageTrouble when it cannot be had. */
  require(image: string): Promise<void>;
  close(): Promise<void>;
}

/** The images of registries for the nodes, which reach none: behind a socket in the runtime folder, which this process works in. */
export async function openUpstream(
  { folder, mirror }: NonNullable<RealNodeKit['upstream']>,
  report: (message: string) => void,
): Promise<Upstream> {
  const client = registryClient({ fetch: fetchThrough(process.env), mirror });
  const images = upstreamImages({ client, folder, report });
  const server = serveImages(images);
  rmSync(IMAGES_SOCKET, { force: true });
  await listen(server, IMAGES_SOCKET);
  return {
    list: () => images.list(),
    async require(image) {
      const [, registry = '', name = '', tag = ''] = /^([^/]+)\/(.+):([^:]+)$/.exec(image) ?? [];
      await images.manifest({ registry, name }, tag);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
