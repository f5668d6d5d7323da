import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { packTarGz } from '../../../src/archives/pack.ts';
import { openToolchain, type Toolchain, type ToolchainOptions } from '../../../src/toolchain/toolchain.ts';
import { tempFolder } from '../../support/temp.ts';
import {
  caught,
  collect,
  fakes,
  host,
  pins,
  portsOnDisk,
  releaseServer,
  sha256,
  type ReleaseServer,
} from './support.ts';

const PLAIN = '/dl.example.com/v1.2.3/plain-linux-amd64';

describe('a tool from its release', () => {
  let server: ReleaseServer;
  let folder: ReturnType<typeof tempFolder>;
  let cache: string;

  beforeEach(async () => {
    server = await releaseServer();
    folder = tempFolder();
    cache = join(folder.path, 'cache');
  });
  afterEach(async () => {
    await server.close();
    folder.remove();
  });

  const open = (options: ToolchainOptions = {}): Promise<Toolchain> =>
    openToolchain(portsOnDisk(cache, server.url, fakes()), { host, pins, source: 'release', ...options });
  const publish = (content: string, sum = sha256(content)): void => {
    server.answers.set(PLAIN, content);
    server.answers.set(`${PLAIN}.sha256`, `${sum}\n`);
  };
  const left = (): readonly string[] => {
    const all = readdirSync(cache, { recursive: true, withFileTypes: true });
    return all
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)
      .sort();
  };

  it('is checked, made executable, recorded, and never asked for again', async () => {
    publish('#!/bin/sh\necho 1.2.3\n');
    const { seen, onProgress } = collect();
    const [tool] = await (await open()).ensureTools(['plain'], onProgress);
    expect(tool).to.include({ name: 'plain', version: '1.2.3', origin: 'release' });
    expect(statSync(tool!.path).mode & 0o777).to.equal(0o755);
    expect(execFileSync(tool!.path, { encoding: 'utf8' })).to.equal('1.2.3\n');
    expect(seen.map(({ step }) => step)).to.deep.equal(['downloading', 'ready']);
    expect(readFileSync(join(cache, 'ffops.lock.yaml'), 'utf8')).to.equal(
      [
        'tools:',
        '  plain:',
        '    linux_amd64:',
        '      version: 1.2.3',
        '      url: https://dl.example.com/v1.2.3/plain-linux-amd64',
        `      sha256: ${sha256('#!/bin/sh\necho 1.2.3\n')}`,
        '',
      ].join('\n'),
    );
    const before = server.asked.length;
    const again = await (await open()).ensureTools(['plain']);
    expect(again[0]).to.include({ path: tool!.path, origin: 'release' });
    expect(server.asked.length).to.equal(before);
  });

  it('comes out of a .tar.gz under the names its project uses', async () => {
    const archive = packTarGz([
      { path: 'packed_v4/README.md', content: Buffer.from('read me') },
      { path: 'packed_v4/packed', content: Buffer.from('the program') },
    ]);
    server.answers.set('/dl.example.com/packed_4.5.6_Linux_x86_64.tar.gz', archive);
    server.answers.set(
      '/dl.example.com/SHA256SUMS',
      `${'0'.repeat(64)}  packed_4.5.6_Darwin_arm64.tar.gz\n${sha256(archive)} *packed_4.5.6_Linux_x86_64.tar.gz\n`,
    );
    const [tool] = await (await open()).ensureTools(['packed']);
    expect(readFileSync(tool!.path, 'utf8')).to.equal('the program');
  });

  it('is checked against the digest that GitHub computes, where its project publishes no checksums', async () => {
    server.answers.set('/dl.example.com/digested-linux', 'bytes');
    server.answers.set(
      '/api.example.com/releases/tags/v7.8.9',
      JSON.stringify({ assets: [{ name: 'digested-linux', digest: `sha256:${sha256('bytes')}` }] }),
    );
    const [tool] = await (await open()).ensureTools(['digested']);
    expect(tool!.origin).to.equal('release');
  });

  it('is refused when its checksum is wrong, and leaves nothing behind', async () => {
    publish('tampered with', sha256('the real thing'));
    const error = await caught((await open()).ensureTools(['plain']));
    expect(error.code).to.equal('toolchain.checksumWrong');
    expect(error.message).to.include(sha256('the real thing')).and.include(sha256('tampered with')).and.include(PLAIN);
    expect(error.problems?.[0]?.hints?.join(' ')).to.include('Nothing was installed');
    expect(left()).to.deep.equal([]);
  });

  it('is refused with a wrong checksum in automatic mode too: a build would hide the attack', async () => {
    publish('tampered with', sha256('the real thing'));
    const error = await caught((await open({ source: 'auto' })).ensureTools(['plain']));
    expect(error.code).to.equal('toolchain.checksumWrong');
  });

  it('is refused when the published checksum is not the one that was recorded', async () => {
    const lockFile = join(folder.path, 'ffops.lock.yaml');
    writeFileSync(
      lockFile,
      `# ours\ncharts: {}\ntools:\n  plain:\n    linux_amd64: { version: 1.2.3, url: u, sha256: ${'a'.repeat(64)} }\n`,
    );
    publish('replaced after its release');
    const error = await caught((await open({ lockFile })).ensureTools(['plain']));
    expect(error.code).to.equal('toolchain.checksumChanged');
    expect(error.message).to.include(lockFile);
    expect(server.asked).to.deep.equal([`${PLAIN}.sha256`]);
  });

  it('is recorded beside what else the lock file holds', async () => {
    const lockFile = join(folder.path, 'ffops.lock.yaml');
    writeFileSync(lockFile, '# ours\ncharts:\n  traefik: 1.0.0 # kept\n');
    publish('bytes');
    await (await open({ lockFile })).ensureTools(['plain']);
    expect(readFileSync(lockFile, 'utf8')).to.include('# ours\ncharts:\n  traefik: 1.0.0 # kept\ntools:\n  plain:\n');
  });

  it('of the cache is recorded in the next workspace, and not taken where another one is recorded', async () => {
    publish('bytes');
    await (await open()).ensureTools(['plain']);
    const second = join(folder.path, 'second.yaml');
    await (await open({ lockFile: second })).ensureTools(['plain']);
    expect(readFileSync(second, 'utf8')).to.include(sha256('bytes'));
    const third = join(folder.path, 'third.yaml');
    writeFileSync(third, `tools:\n  plain:\n    linux_amd64: { version: 1.2.3, url: u, sha256: ${'a'.repeat(64)} }\n`);
    const error = await caught((await open({ lockFile: third })).resolveTool('plain'));
    expect(error.message).to.include('is not the one that').and.include(third);
  });

  it('is begun again when the transfer breaks off, and nothing half-written is ever there', async () => {
    const content = 'x'.repeat(200_000);
    publish(content);
    let broken = 0;
    server.answers.set(PLAIN, (response) => {
      if (broken++ > 0) return void response.end(content);
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.slice(0, 1000), () => setTimeout(() => response.destroy(), 20));
    });
    const [tool] = await (await open()).ensureTools(['plain']);
    expect(broken).to.equal(2);
    expect(readFileSync(tool!.path, 'utf8')).to.equal(content);
    expect(left()).to.deep.equal(['ffops.lock.yaml', 'origin.json', 'plain']);
  });

  it('that cannot be had says so, with what to do', async () => {
    const error = await caught((await open()).ensureTools(['plain']));
    expect(error.code).to.equal('toolchain.noRelease');
    expect(error.message).to.match(/127\.0\.0\.1:\d+ answered 404 for plain-linux-amd64\.sha256/);
    expect(error.problems?.[0]?.hints?.join(' ')).to.include('FFOPS_MIRROR');
  });

  it('that is broken off every time is a failure of the network, not of the tool', async () => {
    publish('bytes');
    server.answers.set(PLAIN, (response) => response.destroy());
    const error = await caught((await open()).ensureTools(['plain']));
    expect(error.code).to.equal('toolchain.noRelease');
    expect(left()).to.deep.equal([]);
  });

  it('is not trusted without the note of its origin: it was interrupted before ffops knew', async () => {
    publish('bytes');
    const place = join(cache, 'tools', 'plain', '1.2.3-release');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'plain'), 'half', { mode: 0o755 });
    const [tool] = await (await open()).ensureTools(['plain']);
    expect(readFileSync(tool!.path, 'utf8')).to.equal('bytes');
  });

  it('asks a silent server once, not once per tool', async () => {
    server.answers.set('/dl.example.com/SHA256SUMS', (response) => response.destroy());
    server.answers.set(`${PLAIN}.sha256`, (response) => response.destroy());
    const toolchain = await open();
    await caught(toolchain.ensureTools(['plain']));
    await caught(toolchain.ensureTools(['packed']));
    expect(server.asked).to.have.length(1);
  });
});
