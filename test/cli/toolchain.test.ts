import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { cacheRoot } from '../../src/toolchain/layout.ts';
import { tempFolder } from '../support/temp.ts';

const launcher = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

describe('ffops toolchain', () => {
  let folder: ReturnType<typeof tempFolder>;
  beforeEach(() => {
    folder = tempFolder();
  });
  afterEach(() => folder.remove());

  /** Nothing on PATH, nothing in the cache, nothing to be asked: what is not there is not there. */
  const run = (args: readonly string[], variables: Readonly<Record<string, string>> = {}) => {
    const bin = join(folder.path, 'bin');
    mkdirSync(bin, { recursive: true });
    const env = {
      PATH: bin,
      HOME: folder.path,
      FFOPS_CACHE: join(folder.path, 'cache'),
      FFOPS_OFFLINE: '1',
      ...variables,
    };
    const began = performance.now();
    const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, 'toolchain', ...args], {
      cwd: folder.path,
      env,
      encoding: 'utf8',
    });
    return { status, stdout, stderr, ms: performance.now() - began };
  };
  const onPath = (name: string, script: string): void => {
    mkdirSync(join(folder.path, 'bin'), { recursive: true });
    writeFileSync(join(folder.path, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  };

  it('list says what is there, what is off, and what gets the rest', () => {
    onPath('kubectl', 'echo "Client Version: v1.35.2"');
    onPath('tofu', 'echo "OpenTofu v1.6.0"');
    const { status, stdout } = run(['list']);
    expect(status).to.equal(0);
    expect(stdout).to.match(/✓ +kubectl +1\.35\.2 +on PATH +Secrets/);
    expect(stdout).to.match(/✗ +tofu +1\.12\.6 +missing +every plan/);
    const words = stdout.replace(/\s+/g, ' ');
    expect(words).to.include('kubectl: on PATH, and 1.35.2 fits >=1.34.0 <1.38.0.');
    expect(words).to.match(/tofu: \S+\/tofu is 1\.6\.0, and >=1\.11\.0 <2\.0\.0 is needed\./);
    expect(words).to.include('The sandbox uses what can be built here: FFOPS_OFFLINE is set.');
    expect(words).to.match(/digitalocean 2\.\S+ 1\.\S+ in the sandbox/);
    expect(stdout).to.match(/ffops toolchain install tofu helm doctl/);
  });

  it('list fits a terminal of 80 columns', () => {
    const real = { FFOPS_CACHE: cacheRoot(process.env) };
    for (const { stdout } of [run(['list']), run(['list'], real)])
      for (const line of stdout.split('\n')) expect([...line], line).to.have.length.at.most(80);
  });

  it('list --json is one document, with the file of each tool', () => {
    onPath('age', 'echo v1.2.0');
    const { status, stdout } = run(['list', '--json']);
    expect(status).to.equal(0);
    const document = JSON.parse(stdout);
    expect(document).to.include({ schema: 'ffops.toolchain.list/v1', ok: true });
    const age = document.result.tools.find((tool: { name: string }) => tool.name === 'age');
    expect(age.found).to.deep.include({ path: join(folder.path, 'bin', 'age'), version: '1.2.0', origin: 'path' });
    expect(document.result.providers.versions).to.have.all.keys('digitalocean', 'helm');
    expect(document.result.charts.map((chart: { name: string }) => chart.name)).to.include('traefik');
  });

  it('install without Go and without releases says what to install, and leaves with 4', () => {
    const { status, stdout, stderr } = run(['install', 'age', '--json']);
    expect(status).to.equal(4);
    expect(JSON.parse(stdout).error).to.include({ code: 'toolchain.noGo' });
    expect(stderr).to.include('age: failed, Building from source needs Go');
  });

  it('install of something unknown is a mistake of who typed it', () => {
    const { status, stderr } = run(['install', 'terraform']);
    expect(status).to.equal(3);
    expect(stderr).to.include('no tool and no chart named terraform').and.include('tofu');
  });

  it('install takes what is there: a tool on PATH that fits needs nothing', () => {
    onPath('sops', 'echo "sops 3.10.0"');
    const { status, stdout, stderr } = run(['install', 'sops']);
    expect(status).to.equal(0);
    expect(stdout).to.include('Ready: 1 tool.');
    expect(stderr).to.equal('');
    expect(existsSync(join(folder.path, 'cache', 'tools', 'sops'))).to.equal(false);
  });

  it('install of everything does nothing in under a second when everything is there', function () {
    const real = {
      PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      FFOPS_CACHE: cacheRoot(process.env),
      FFOPS_OFFLINE: process.env['FFOPS_OFFLINE'] ?? '',
    };
    const missing = JSON.parse(run(['list', '--json'], real).stdout).result.tools.filter(
      (tool: { found?: unknown }) => !tool.found,
    );
    if (missing.length > 0) return this.skip();
    expect(run(['install', '--quiet'], real).status).to.equal(0);
    // A busy machine gets more than one chance: what counts is that nothing is built, asked or probed.
    let quickest = Infinity;
    for (let attempt = 0; attempt < 8 && quickest >= 1000; attempt++) {
      quickest = Math.min(quickest, run(['install', '--quiet'], real).ms);
    }
    expect(quickest).to.be.below(1000);
  });
});
