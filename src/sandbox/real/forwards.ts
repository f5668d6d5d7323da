import { createServer, type Server, type Socket } from 'node:net';
import type { Controller, Scene, Service } from '../controllers/controller.ts';
import { Reconciler } from '../kubernetes/reconciler.ts';
import { freePort } from '../processes/ports.ts';
import type { RealNodes } from './real-nodes.ts';

export interface Forward {
  /** `namespace/name` */
  readonly service: string;
  /** Of the load balancer, as DNS has it. */
  readonly address: string;
  /** Where this machine reaches it: `127.0.0.1:<port>`. */
  readonly loopback: string;
}

export interface Forwards extends Controller {
  list(): readonly Forward[];
}

interface Open {
  readonly forward: Forward;
  readonly server: Server;
  readonly sockets: Set<Socket>;
}

/** A port of this machine's loopback for every port of every load balancer, as no route leads to their addresses. */
export function startForwards({ watched, report }: Scene, nodes: Pick<RealNodes, 'dial'>): Forwards {
  /** By `namespace/name address:port`. */
  const open = new Map<string, Open>();

  const reconciler = new Reconciler(async (key) => {
    const wanted = new Set(addressesOf(watched.services.get(key)));
    for (const [id, one] of open) {
      if (one.forward.service !== key || wanted.has(one.forward.address)) continue;
      open.delete(id);
      close(one);
    }
    for (const address of wanted) {
      const id = `${key} ${address}`;
      if (!open.has(id)) open.set(id, await openForward(key, address, nodes));
    }
  }, report);

  const stopWatching = watched.services.onChange((key) => reconciler.enqueue(key));
  return {
    list: () => [...open.values()].map(({ forward }) => forward),
    stop() {
      stopWatching();
      reconciler.stop();
      for (const one of open.values()) close(one);
      open.clear();
    },
  };
}

function addressesOf(service: Service | undefined): readonly string[] {
  const ips = service?.status?.loadBalancer?.ingress?.flatMap(({ ip }) => ip ?? []) ?? [];
  const ports = service?.spec.ports?.filter(({ protocol }) => protocol !== 'UDP') ?? [];
  return ips.flatMap((ip) => ports.map(({ port }) => `${ip}:${String(port)}`));
}

async function openForward(service: string, address: string, nodes: Pick<RealNodes, 'dial'>): Promise<Open> {
  const port = await freePort();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    nodes.dial(address).then(
      (onward) => {
        onward.on('error', () => socket.destroy()).once('close', () => socket.destroy());
        socket.once('close', () => onward.destroy());
        socket.pipe(onward).pipe(socket);
      },
      () => socket.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { forward: { service, address, loopback: `127.0.0.1:${String(port)}` }, server, sockets };
}

function close({ server, sockets }: Open): void {
  server.close();
  for (const socket of sockets) socket.destroy();
}
