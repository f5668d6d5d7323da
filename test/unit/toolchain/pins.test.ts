import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { realFiles } from '../../../src/adapters/files.ts';
import {
  expand,
  loadPins,
  TOOLCHAIN_FOLDER,
  type BuildPin,
  type Pins,
  type ToolPin,
} from '../../../src/toolchain/pins.ts';
import { compareVersions, fits } from '../../../src/toolchain/version.ts';

describe('the pinned list', () => {
  let pins: Pins;
  let tools: readonly (readonly [string, ToolPin])[];
  let builds: readonly { readonly name: string; readonly version: string; readonly build: BuildPin }[];
  before(async () => {
    pins = await loadPins(realFiles());
    tools = [...Object.entries(pins.tools), ...Object.entries(pins.nodeTools)];
    builds = [
      ...tools.map(([name, { version, build }]) => ({ name, version, build })),
      ...Object.entries(pins.providers).map(([name, { buildable, build }]) => ({ name, version: buildable, build })),
    ];
  });
  const read = (module: string, file: string): string =>
    readFileSync(join(TOOLCHAIN_FOLDER, 'go', module, file), 'utf8');

  it('accepts on PATH what it pins, and knows how to ask for the version', () => {
    for (const [name, pin] of tools) {
      if (pin.fits === undefined) continue;
      expect(fits(pin.version, pin.fits), name).to.equal(true);
      expect(pin.probe, name).to.not.equal(undefined);
    }
  });

  it('names a checksum for every release, over https, with nothing left to fill in', () => {
    for (const [name, { version, release }] of tools) {
      if (release === undefined) continue;
      expect([release.checksums, release.digests].filter(Boolean), name).to.have.length(1);
      for (const template of [release.url, release.checksums ?? release.digests!]) {
        for (const os of ['linux', 'darwin'] as const) {
          const url = expand(template, version, { os, arch: 'arm64' }, release.names);
          expect(url, name)
            .to.match(/^https:\/\/[^{}]+$/)
            .and.include(version);
        }
      }
    }
  });

  it('builds the version it names: go.mod requires it, go.sum vouches for it, tools.go imports it', () => {
    for (const { name, version, build } of builds) {
      const required = [
        ...read(build.module, 'go.mod').matchAll(
          /^(?:require )?\s*(\S+) v(\S+?)(?:\+incompatible)?(?: \/\/ indirect)?$/gm,
        ),
      ];
      const module = required
        .map(([, path, at]) => ({ path: path!, at }))
        .find(({ path }) => build.package === path || build.package.startsWith(`${path}/`));
      expect(module, `${name} in ${build.module}/go.mod`).to.not.equal(undefined);
      expect(module!.at, name).to.equal(version);
      expect(read(build.module, 'go.sum'), name).to.include(`${module!.path} v${version} h1:`);
      expect(read(build.module, 'tools.go'), name).to.include(`"${build.package}"`);
    }
  });

  it('brings a Go that every module can be built with', () => {
    for (const { build } of builds) {
      const wanted = /^go (\S+)$/m.exec(read(build.module, 'go.mod'))![1]!;
      expect(compareVersions(pins.go.goBin, wanted), build.module).to.be.at.least(0);
    }
  });

  it('has no module that nothing is built from', () => {
    expect(readdirSync(join(TOOLCHAIN_FOLDER, 'go'))).to.deep.equal(
      [...new Set(builds.map(({ build }) => build.module))].sort(),
    );
  });

  it('pins every chart by the digest of its archive', () => {
    for (const [name, { digest, module }] of Object.entries(pins.charts)) {
      expect(digest, name).to.match(/^sha256:[0-9a-f]{64}$/);
      expect(module, name).to.match(/^[^@]+@v[^@]+$/);
    }
  });
});
