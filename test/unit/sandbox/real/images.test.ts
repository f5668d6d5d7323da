import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { realFiles } from '../../../../src/adapters/files.ts';
import { blobPath, isWhole, writeImage } from '../../../../src/sandbox/real/image.ts';
import { serveImages } from '../../../../src/sandbox/real/image-server.ts';
import { DNS_IMAGE, PAUSE_IMAGE } from '../../../../src/sandbox/real/kit.ts';
import { writeLayer } from '../../../../src/sandbox/real/layer.ts';
import { rebuiltImages } from '../../../../src/sandbox/real/rebuilt-images.ts';
import { loadRecipes } from '../../../../src/sandbox/real/recipes.ts';
import { loadPins } from '../../../../src/toolchain/pins.ts';
import { tempFolder } from '../../../support/temp.ts';

const LONG = `${'a folder with a long name/'.repeat(6)}${'and a file with a longer one '.repeat(6)}`.trim();

interface Described {
  readonly digest: string;
}

describe('images without a registry', () => {
  const folder = tempFolder();
  after(() => folder.remove());

  function makeSource(name: string): string {
    const root = join(folder.path, name);
    mkdirSync(join(root, LONG, '..'), { recursive: true });
    writeFileSync(join(root, LONG), 'far down');
    writeFileSync(join(root, 'program'), 'x'.repeat(700));
    chmodSync(join(root, 'program'), 0o4755);
    linkSync(join(root, 'program'), join(root, 'second-name'));
    symlinkSync('program', join(root, 'alias'));
    return root;
  }

  it('has layers that tar understands: modes, links of both kinds, names of any length', async () => {
    const layer = await writeLayer(join(folder.path, 'layer.tar'), [
      { from: makeSource('one'), to: '/opt/app', owner: 7 },
    ]);
    const listed = execFileSync('tar', ['-tvf', layer.path, '--numeric-owner'], { encoding: 'utf8' });
    expect(listed).to.match(/^drwxr-xr-x 0\/0 .* opt\/$/m);
    expect(listed).to.match(/^-rwsr-xr-x 7\/7 +700 .* opt\/app\/program$/m);
    expect(listed).to.match(/^h.* opt\/app\/second-name link to opt\/app\/program$/m);
    expect(listed).to.match(/^l.* opt\/app\/alias -> program$/m);
    expect(listed).to.contain(`opt/app/${LONG}`);
  });

  it('is the same image whenever and wherever its files were made', async () => {
    const manifests = new Set<string>();
    for (const name of ['early', 'late']) {
      const source = makeSource(name);
      utimesSync(join(source, 'program'), 1, name === 'early' ? 1 : 1_000_000_000);
      const layer = await writeLayer(join(folder.path, `${name}.tar`), [{ from: source, to: '/', owner: 0 }]);
      manifests.add(writeImage(join(folder.path, name), [layer], { entrypoint: ['/program'] }));
    }
    expect(manifests.size).to.equal(1);
  });

  it('is served under the name that manifests have, blob by blob, each named by its digest', async () => {
    const blobs = join(folder.path, 'blobs');
    const layer = await writeLayer(join(folder.path, 'named.tar'), [{ from: makeSource('named'), to: '/' }]);
    const manifest = writeImage(blobs, [layer], { environment: { MODE: 'quiet' }, user: '7' });
    const source = rebuiltImages(blobs, [{ name: 'docker.io/library/example:1.2', manifest }]);
    const server = serveImages(source).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const ask = (path: string) =>
      fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v2/library/${path}`);
    const blob = async (digest: string): Promise<string> => {
      const content = Buffer.from(await (await ask(`example/blobs/${digest}?ns=docker.io`)).arrayBuffer());
      expect(`sha256:${createHash('sha256').update(content).digest('hex')}`).to.equal(digest);
      return content.toString();
    };
    try {
      const named = await ask('example/manifests/1.2?ns=docker.io');
      expect(named.headers.get('docker-content-digest')).to.equal(manifest);
      const { config, layers } = (await named.json()) as Record<'config', Described> & { layers: [Described] };
      expect(layers[0].digest).to.equal(layer.digest);
      await blob(layer.digest);
      const start = (JSON.parse(await blob(config.digest)) as { config: { Env: string[]; User: string } }).config;
      expect(start.User).to.equal('7');
      expect(start.Env).to.include('MODE=quiet');
      expect(isWhole(blobs, manifest)).to.equal(true);

      expect((await ask('example/manifests/1.2?ns=ghcr.io')).status, 'another registry').to.equal(404);
      expect((await ask('example/manifests/1.3?ns=docker.io')).status, 'another tag').to.equal(404);
      expect((await ask(`example/blobs/sha256:${'0'.repeat(64)}`)).status, 'another blob').to.equal(404);
      rmSync(blobPath(blobs, layer.digest));
      expect(isWhole(blobs, manifest), 'without its layer').to.equal(false);
    } finally {
      server.close();
    }
  });

  it('knows how to make what every cluster with real nodes has', async () => {
    const recipes = loadRecipes();
    expect(recipes.map(({ image }) => image)).to.include.members([PAUSE_IMAGE, DNS_IMAGE]);
    const { nodeTools } = await loadPins(realFiles());
    expect(DNS_IMAGE.split(':')[1]).to.equal(nodeTools['coredns']?.version);
  });
});
