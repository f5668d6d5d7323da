/** Servers of this machine that nobody else reaches. */
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** At a port of the loopback, 0 for any, or at a socket file. Rejects when that is taken. */
export function listen(server: Server, at: number | string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    if (typeof at === 'string') server.listen(at, resolve);
    else server.listen(at, '127.0.0.1', resolve);
  });
}

/** `onClose` comes first when it is closed. */
export async function listenForHttp(server: HttpServer, port: number, onClose?: () => void): Promise<Listening> {
  await listen(server, port);
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: () =>
      new Promise((resolve) => {
        onClose?.();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
