/**
 * Runs real nodes from inside their namespaces: containerd and a kubelet for each, one kube-proxy, their images, what network
 * policies say, and the two doors through which the nodes and the machine reach each other. Started by toolchain/node/boot.sh
 * with its options' file.
 */
import { rmSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import { KubeClient } from '../kubernetes/client.ts';
import { addressIn } from '../kubernetes/kubeconfig.ts';
import { answerAnnouncements } from './announcements.ts';
import { serveImages } from './image-server.ts';
import { IMAGES_PORT, insideNode, insideOptions, PLUGINS_INSIDE } from './inside-options.ts';
import { applyRules, makeNetwork } from './network.ts';
import { NodeParts } from './node-parts.ts';
import { PolicyEnforcer } from './policies/enforcer.ts';
import { rebuiltImages } from './rebuilt-images.ts';
import { messageOf } from '../../errors.ts';

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: inside OPTIONS');
const options = insideOptions.parse(JSON.parse(readFileSync(file, 'utf8')));

const network = await makeNetwork(options);
const nodes = new NodeParts(options, network);
for (const [port, address, way] of [
  [options.apiPort, '127.0.0.1', options.apiSocket],
  [443, options.apiAddress, options.apiSocket],
  [options.spacesPort, options.apiAddress, options.spacesSocket],
] as const) {
  openDoor(port, address, way);
}

if (options.imagesSocket !== undefined) openDoor(IMAGES_PORT, '127.0.0.1', options.imagesSocket);
else serveImages(rebuiltImages(options.blobs, options.images)).listen(IMAGES_PORT, '127.0.0.1');

const report = (message: string): void => void process.stderr.write(`${new Date().toISOString()} ${message}\n`);
const enforcer = new PolicyEnforcer({
  client: new KubeClient(addressIn(readFileSync(options.kubeconfig, 'utf8'))),
  network: options,
  apply: (ruleset) => applyRules(ruleset, options),
  report,
});
enforcer.start();
answerAnnouncements(PLUGINS_INSIDE, enforcer, report);

const server = createServer((request, response) => {
  answer(request).then(
    (body) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
    (error: unknown) => response.writeHead(500).end(messageOf(error)),
  );
});
// Everything that is dialled inside the cluster from outside: kubelets, pods, services, load balancers.
server.on('connect', (request, socket: Duplex, head: Buffer) => {
  const [host = '', port = ''] = (request.url ?? '').split(':');
  const onward = connect({ host, port: Number(port) }, () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    onward.write(head);
    join(socket, onward);
  });
  onward.once('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
  socket.once('error', () => onward.destroy());
});
rmSync(options.socket, { force: true });
server.listen(options.socket);

function openDoor(port: number, address: string, way: string): void {
  createTcpServer((socket) => join(socket, connect(way))).listen(port, address);
}

async function answer(request: IncomingMessage): Promise<unknown> {
  switch (`${request.method ?? ''} ${request.url ?? ''}`) {
    case 'PUT /nodes':
      await nodes.set(z.array(insideNode).parse(JSON.parse(await bodyOf(request))));
      return nodes.status();
    case 'GET /parts':
      return nodes.status();
    case 'POST /stop':
      // The first process ends with this one, and everything else with it.
      setImmediate(() => process.exit(0));
      return [];
    default:
      throw new Error('no such path');
  }
}

function join(one: Duplex, other: Socket): void {
  one.pipe(other);
  other.pipe(one);
  one.on('error', () => other.destroy());
  other.on('error', () => one.destroy());
  one.on('close', () => other.destroy());
  other.on('close', () => one.destroy());
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
