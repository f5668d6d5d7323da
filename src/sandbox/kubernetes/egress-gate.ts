import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { listen } from '../processes/listen.ts';

export interface EgressGate {
  /** The kubelet's address of a cluster: the only thing that an API server may dial. */
  allow(port: number): void;
  forbid(port: number): void;
  /** Dials that were refused, oldest first. */
  refused(): readonly string[];
  close(): Promise<void>;
}

const REMEMBERED = 100;

/**
 * Everything the API servers dial inside a cluster (kubelets, pods, services, webhooks, aggregated APIs) is sent
 * through this HTTP CONNECT proxy. Pods and services have addresses that nobody owns, so it refuses all but the one
 * kubelet port per cluster: no connection leaves loopback.
 */
export async function openEgressGate(socketPath: string): Promise<EgressGate> {
  const allowed = new Set<string>();
  const refusals: string[] = [];
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (request, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const target = request.url ?? '';
    if (!allowed.has(target)) {
      refusals.push(target);
      if (refusals.length > REMEMBERED) refusals.shift();
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    tunnel(socket, Number(target.split(':')[1]), head);
  });
  await listen(server, socketPath);
  return {
    allow: (port) => void allowed.add(`127.0.0.1:${String(port)}`),
    forbid: (port) => void allowed.delete(`127.0.0.1:${String(port)}`),
    refused: () => [...refusals],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function tunnel(socket: Duplex, port: number, head: Buffer): void {
  const onward = connect({ host: '127.0.0.1', port }, () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    onward.write(head);
    onward.pipe(socket);
    socket.pipe(onward);
  });
  onward.on('error', () => socket.destroy());
  socket.on('close', () => onward.destroy());
}
