import { expect } from 'chai';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { blobPath, writeImage } from '../../../../src/sandbox/real/image.ts';
import { serveImages } from '../../../../src/sandbox/real/image-server.ts';
import { ImageTrouble } from '../../../../src/sandbox/real/image-trouble.ts';
import { writeLayer } from '../../../../src/sandbox/real/layer.ts';
import { registryClient } from '../../../../src/sandbox/real/registry-client.ts';
import { upstreamImages, type UpstreamImages } from '../../../../src/sandbox/real/upstream-images.ts';
import { openImageRegistry, type ImageRegistry } from '../../../support/image-registry.ts';
import { tempFolder } from '../../../support/temp.ts';

const HUB = 'registry-1.docker.io';
const EXAMPLE = { registry: 'docker.io', name: 'library/example' };
const SIZE = 300_000;

describe('images of registries', () => {
  const folder = tempFolder();
  let registry: ImageRegistry;
  let list: string;
  let manifest: string;
  let layer: string;
  let caches = 0;

  beforeEach(async () => {
    registry = await openImageRegistry();
    const source = join(folder.path, 'source');
    mkdirSync(source, { recursive: true });
    writeFileSync(join(source, 'program'), randomBytes(SIZE));
    const blobs = join(folder.path, 'blobs');
    mkdirSync(blobs, { recursive: true });
    const written = await writeLayer(join(folder.path, 'layer.tar'), [{ from: source, to: '/', owner: 0 }]);
    layer = written.digest;
    manifest = writeImage(blobs, [written], { command: ['/program'] });
    list = registry.add({ server: HUB, name: EXAMPLE.name, tag: '1.2' }, blobs, manifest);
  });
  afterEach(() => registry.close());
  after(() => folder.remove());

  function newCache(): string {
    return join(folder.path, `cache-${String((caches += 1))}`);
  }

  function open(cache = newCache(), mirror: string | undefined = registry.mirror): UpstreamImages {
    return upstreamImages({ client: registryClient({ fetch, mirror }), folder: cache, report: () => undefined });
  }

  async function troubleOf(work: Promise<unknown>): Promise<ImageTrouble> {
    const caught = await work.catch((error: unknown) => error);
    expect(caught).to.be.instanceOf(ImageTrouble);
    return caught as ImageTrouble;
  }

  it('come by tag with an anonymous token: the list, the manifest and the blobs, each the bytes of its digest', async () => {
    const images = open();
    const named = await images.manifest(EXAMPLE, '1.2');
    expect(named).to.include({ digest: list, type: 'application/vnd.oci.image.index.v1+json' });
    expect(await images.manifest(EXAMPLE, manifest)).to.include({ digest: manifest });
    const blob = await images.blob(EXAMPLE, layer);
    expect(digestOf(readFileSync(blob!.path))).to.equal(layer);
    expect(images.list()).to.deep.equal([{ name: 'docker.io/library/example:1.2', digest: list }]);
    expect(registry.asked.filter(({ path }) => path === '/token')).to.have.length(1);
    // The test's own server answers 400 to a token where it is none of its business.
    expect(registry.asked.find(({ host }) => host === 'blobs.registry.test')).to.include({ withToken: false });
  });

  it('are downloaded once, however many ask, and stay when the registry cannot be reached', async () => {
    const cache = newCache();
    const images = open(cache);
    await Promise.all([images, images, images].map((one) => one.blob(EXAMPLE, layer)));
    await images.manifest(EXAMPLE, '1.2');
    expect(registry.asked.filter(({ host }) => host === 'blobs.registry.test')).to.have.length(1);
    await registry.close();
    const later = open(cache);
    expect(await later.manifest(EXAMPLE, '1.2')).to.include({ digest: list });
    expect(existsSync((await later.blob(EXAMPLE, layer))!.path)).to.equal(true);
    expect((await troubleOf(later.manifest(EXAMPLE, '1.3'))).kind).to.equal('unreachable');
  });

  it('go on where a transfer broke off', async () => {
    registry.spoil(layer, { kind: 'breaks', after: 100_000 });
    const blob = await open().blob(EXAMPLE, layer);
    expect(digestOf(readFileSync(blob!.path))).to.equal(layer);
    const ranges = registry.asked.filter(({ host }) => host === 'blobs.registry.test').map(({ range }) => range);
    expect(ranges).to.have.length(2);
    expect(ranges[1]).to.match(/^bytes=[1-9]\d*-$/);
  });

  it('go on where a process that is gone had come to, and begin anew when that was something else', async () => {
    const content = readFileSync(blobPath(join(folder.path, 'blobs'), layer));
    for (const [left, requests] of [
      [content.subarray(0, 1000), ['bytes=1000-']],
      [content, [`bytes=${String(content.length)}-`, undefined]],
      [Buffer.alloc(1000, 'x'), ['bytes=1000-', undefined]],
    ] as const) {
      const cache = newCache();
      mkdirSync(join(cache, 'partial'), { recursive: true });
      const before = registry.asked.length;
      // No process has this number.
      writeFileSync(join(cache, 'partial', `${layer.slice('sha256:'.length)}.4194305`), left);
      const blob = await open(cache).blob(EXAMPLE, layer);
      expect(digestOf(readFileSync(blob!.path))).to.equal(layer);
      const asked = registry.asked.slice(before).filter(({ host }) => host === 'blobs.registry.test');
      expect(asked.map(({ range }) => range)).to.deep.equal(requests);
      expect(readdirSync(join(cache, 'partial'))).to.deep.equal([]);
    }
  });

  it('are refused, and nothing is kept, when they are not what their digest says', async () => {
    const cache = newCache();
    const images = open(cache);
    for (const [digest, work] of [
      [layer, () => images.blob(EXAMPLE, layer)],
      [manifest, () => images.manifest(EXAMPLE, manifest)],
    ] as const) {
      registry.spoil(digest, { kind: 'altered' });
      const { kind, message } = await troubleOf(work());
      expect(kind).to.equal('altered');
      expect(message).to.contain(digest).and.contain('nothing of it was kept');
    }
    expect(readdirSync(join(cache, 'sha256')).concat(readdirSync(join(cache, 'partial')))).to.deep.equal([]);
  });

  it('say why they cannot be had, and what to do', async () => {
    const images = open();
    const reasons: [Parameters<ImageRegistry['spoil']>[1] | undefined, ImageTrouble['kind'], RegExp][] = [
      [undefined, 'missing', /^registry-1\.docker\.io has no library\/other:2: check its name/],
      [{ kind: 'private' }, 'forbidden', /^registry-1\.docker\.io gives .*library\/other.* without a login/],
      [{ kind: 'status', status: 403 }, 'forbidden', /without a login/],
      [{ kind: 'status', status: 429, headers: { 'retry-after': '90' } }, 'limited', /in 2 minutes.*FFOPS_MIRROR/],
      [{ kind: 'status', status: 503 }, 'unreachable', /answers 503 .*try again later/],
      [{ kind: 'sentTo', url: 'http://elsewhere.test/x' }, 'refused', /elsewhere\.test .* without encryption/],
      [{ kind: 'sentTo', url: '/v2/library/other/manifests/2' }, 'refused', /without an end/],
    ];
    for (const [how, kind, words] of reasons) {
      const other = { registry: 'docker.io', name: 'library/other' };
      if (how !== undefined) registry.spoil(other.name, how);
      const trouble = await troubleOf((how?.kind === 'private' ? open() : images).manifest(other, '2'));
      expect(trouble.message).to.match(words);
      expect(trouble.kind).to.equal(kind);
    }
    expect(images.list().at(-1)).to.have.property('trouble');
    await registry.close();
    const { kind, message } = await troubleOf(open().manifest(EXAMPLE, '1.2'));
    expect(kind).to.equal('unreachable');
    expect(message).to.match(/ECONNREFUSED.*FFOPS_MIRROR/);
  });

  it('are asked for without encryption nowhere but at a mirror', async () => {
    const urls: unknown[] = [];
    const client = registryClient({ fetch: async (url) => Promise.reject(new Error(`nobody at ${urls.push(url)}`)) });
    const { message } = await troubleOf(client.ask('GET', { registry: '127.0.0.1:5000', name: 'x' }, 'manifests/1'));
    expect(message).to.match(/^127\.0\.0\.1:5000 does not answer \(nobody at 1\)/);
    expect(urls).to.deep.equal(['https://127.0.0.1:5000/v2/x/manifests/1']);
  });

  it('tell who serves them to a node what is wrong in the words of the status', async () => {
    const server = serveImages(open()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/v2`;
    try {
      const good = await fetch(`${base}/library/example/manifests/1.2?ns=docker.io`, { method: 'HEAD' });
      expect(good.headers.get('docker-content-digest')).to.equal(list);
      const bad = await fetch(`${base}/library/other/manifests/2?ns=docker.io`, { method: 'HEAD' });
      expect([bad.status, bad.statusText]).to.deep.equal([
        502,
        'registry-1.docker.io has no library/other:2: check its name and its tag',
      ]);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
