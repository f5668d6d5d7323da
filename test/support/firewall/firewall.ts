/** The firewall as its chart renders it, with the real nginx and ModSecurity, in front of a real HTTP server. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: number;
}

export interface Backend {
  readonly port: number;
  readonly seen: readonly Seen[];
  forget(): void;
  close(): Promise<void>;
}

/** Takes whatever comes, counts what it reads, and echoes what comes over a WebSocket. */
export async function startBackend(): Promise<Backend> {
  const seen: Seen[] = [];
  const server = createServer((incoming, answer) => {
    let bytes = 0;
    incoming.on('data', (chunk: Buffer) => (bytes += chunk.length));
    incoming.on('end', () => {
      seen.push({ method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers, bytes });
      answer.end('the app answers');
    });
  });
  server.on('upgrade', (incoming, socket) => {
    seen.push({ method: 'UPGRADE', url: incoming.url ?? '', headers: incoming.headers, bytes: 0 });
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    socket.pipe(socket);
  });
  server.requestTimeout = 0;
  await listening(server);
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    forget: () => void (seen.length = 0),
    close: () => new Promise((resolve) => void (server.closeAllConnections(), server.close(() => resolve()))),
  };
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}

export interface Firewall {
  readonly port: number;
  /** What the rules have written down of a request, as JSON: nginx does so once it has answered. */
  finding(words: string): Promise<string>;
  /** The most memory that any of its processes has had, in MiB. */
  peakMemory(): number;
  stop(): Promise<void>;
}

export interface FirewallFiles {
  /** Where the packages and the rules are. */
  readonly server: string;
  /** Files of the chart's ConfigMap. */
  readonly files: Readonly<Record<string, string>>;
  /** Of a scratch folder that the firewall owns. */
  readonly folder: string;
}

/** Rejects with what nginx says when it does not start. */
export async function startFirewall(wish: FirewallFiles): Promise<Firewall> {
  const port = await freePort();
  const folder = join(wish.folder, 'etc-waf');
  for (const path of [folder, join(wish.folder, 'tmp')]) mkdirSync(path, { recursive: true });
  const places = await placesOf(wish, folder, port);
  for (const [name, content] of Object.entries(wish.files)) {
    let text = content;
    for (const [inImage, here] of places) text = text.replaceAll(inImage, here);
    writeFileSync(join(folder, name), text);
  }
  const root = join(wish.server, 'root');
  // In its container nginx is nobody in particular; where the tests run as root it would turn into somebody else.
  const asRoot = process.getuid?.() === 0 ? ' user root;' : '';
  const child = spawn(
    join(root, 'usr/sbin/nginx'),
    ['-e', 'stderr', '-p', wish.folder, '-c', join(folder, 'nginx.conf'), '-g', `daemon off;${asRoot}`],
    {
      env: { LD_LIBRARY_PATH: join(root, 'usr/lib', `${archOf()}-linux-gnu`), PATH: '/usr/bin:/bin' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  await answering(child, port, () => output.stderr);
  let peak = 0;
  return {
    port,
    async finding(words) {
      for (let tries = 0; ; tries++) {
        const lines = readFileSync(join(wish.folder, 'audit.log'), 'utf8').split('\n');
        const found = lines.findLast((line) => line.startsWith('{') && line.includes(words));
        if (found !== undefined) return found;
        if (tries === 100) throw new Error(`the rules have written down nothing of ${words}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    peakMemory: () => (peak = Math.max(peak, ...familyOf(child.pid!).map(peakOf))),
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null) return resolve();
        child.once('close', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}

/** What the image and the cluster have somewhere else. Everything else of the configuration is used as it is. */
async function placesOf({ server, folder }: FirewallFiles, etc: string, port: number): Promise<[string, string][]> {
  const [inspect, passed] = [await freePort(), await freePort()];
  const root = join(server, 'root');
  return [
    [' /tmp', ` ${join(folder, 'tmp')}`],
    ['/etc/nginx/modules/', `${join(root, 'usr/lib/nginx/modules')}/`],
    ['/etc/modsecurity.d/unicode.mapping', join(root, 'etc/nginx/unicode.mapping')],
    ['/opt/owasp-crs/rules/', `${join(server, 'owasp-crs')}/`],
    ['/etc/waf/', `${etc}/`],
    ['SecAuditLog /dev/stdout', `SecAuditLog ${join(folder, 'audit.log')}`],
    ['listen 8080', `listen 127.0.0.1:${port}`],
    ['127.0.0.1:8090', `127.0.0.1:${inspect}`],
    ['127.0.0.1:8091', `127.0.0.1:${passed}`],
  ];
}

async function answering(child: ChildProcess, port: number, said: () => string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`nginx does not start: ${said()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** The master and its workers. */
function familyOf(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean);
  return [pid, ...children.map(Number)];
}

function peakOf(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

function archOf(): string {
  return process.arch === 'arm64' ? 'aarch64' : 'x86_64';
}
