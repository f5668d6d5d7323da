import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { realFiles } from '../../../../src/adapters/files.ts';
import { writeImage } from '../../../../src/sandbox/real/image.ts';
import { DNS_IMAGE, PAUSE_IMAGE } from '../../../../src/sandbox/real/kit.ts';
import { writeLayer } from '../../../../src/sandbox/real/layer.ts';
import { loadRecipes } from '../../../../src/sandbox/real/recipes.ts';
import { loadPins } from '../../../../src/toolchain/pins.ts';
import { tempFolder } from '../../../support/temp.ts';

const LONG = `${'a folder with a long name/'.repeat(6)}${'and a file with a longer one '.repeat(6)}`.trim();

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
    const archives = [];
    for (const name of ['early', 'late']) {
      const source = makeSource(name);
      utimesSync(join(source, 'program'), 1, name === 'early' ? 1 : 1_000_000_000);
      const layer = await writeLayer(join(folder.path, `${name}.tar`), [{ from: source, to: '/', owner: 0 }]);
      const archive = join(folder.path, `${name}-image.tar`);
      await writeImage(archive, 'docker.io/library/example:1', [layer], { entrypoint: ['/program'] });
      archives.push(readFileSync(archive));
    }
    expect(archives[0]?.equals(archives[1] ?? Buffer.alloc(0))).to.equal(true);
  });

  it('names blobs by their digests, and itself by the name that manifests have', async () => {
    const layer = await writeLayer(join(folder.path, 'named.tar'), [{ from: makeSource('named'), to: '/' }]);
    const archive = join(folder.path, 'named-image.tar');
    await writeImage(archive, 'docker.io/library/example:1.2', [layer], { environment: { MODE: 'quiet' }, user: '7' });
    const out = join(folder.path, 'unpacked');
    mkdirSync(out);
    execFileSync('tar', ['-xf', archive, '-C', out]);
    const blob = (digest: string): Buffer => {
      const [kind = '', hex = ''] = digest.split(':');
      const content = readFileSync(join(out, 'blobs', kind, hex));
      expect(createHash('sha256').update(content).digest('hex')).to.equal(hex);
      return content;
    };
    interface Described {
      readonly digest: string;
      readonly annotations?: Readonly<Record<string, string>>;
    }
    const index = JSON.parse(readFileSync(join(out, 'index.json'), 'utf8')) as { manifests: [Described] };
    expect(index.manifests[0].annotations?.['io.containerd.image.name']).to.equal('docker.io/library/example:1.2');
    const manifest = JSON.parse(blob(index.manifests[0].digest).toString()) as {
      config: Described;
      layers: [Described];
    };
    expect(manifest.layers[0].digest).to.equal(layer.digest);
    blob(layer.digest);
    const { config } = JSON.parse(blob(manifest.config.digest).toString()) as {
      config: { Env: string[]; User: string };
    };
    expect(config.User).to.equal('7');
    expect(config.Env).to.include('MODE=quiet');
  });

  it('knows how to make what every cluster with real nodes has', async () => {
    const recipes = loadRecipes();
    expect(recipes.map(({ image }) => image)).to.include.members([PAUSE_IMAGE, DNS_IMAGE]);
    const { nodeTools } = await loadPins(realFiles());
    expect(DNS_IMAGE.split(':')[1]).to.equal(nodeTools['coredns']?.version);
  });
});
