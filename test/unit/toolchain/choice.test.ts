import { expect } from 'chai';
import { FailedError } from '../../../src/errors.ts';
import { openToolchain, type ToolchainOptions } from '../../../src/toolchain/toolchain.ts';
import type { Fakes } from '../../support/fakes.ts';
import { caught, fakes, host, pins } from './support.ts';

const REGISTRY = 'GET https://registry.opentofu.org/.well-known/terraform.json';
const nobody = new FailedError('network.noAnswer', { message: 'registry.opentofu.org did not answer: ENOTFOUND.' });

const open = (all: Fakes, options: ToolchainOptions = {}) => openToolchain(all.ports, { host, pins, ...options });

describe('which tool is taken', () => {
  it('the one on PATH when its version fits; it is asked for its version once', async () => {
    const all = fakes({ files: { '/usr/bin/plain': 'x' }, variables: { PATH: 'relative:/nowhere:/usr/bin' } });
    await all.files.write('/usr/bin/plain', 'x', { mode: 0o755 });
    all.runner.expect({ program: '/usr/bin/plain', args: ['version'] }, { stdout: 'plain v1.9.0-rc1 (linux)\n' });
    const tool = await (await open(all)).resolveTool('plain');
    expect(tool).to.deep.equal({
      name: 'plain',
      path: '/usr/bin/plain',
      version: '1.9.0',
      origin: 'path',
      reason: 'on PATH, and 1.9.0 fits >=1.2.0 <2.0.0',
    });
    expect(await (await open(all)).resolveTool('plain')).to.deep.equal(tool);
    all.verify();
  });

  it('not the one on PATH when its version does not fit, and the reason is told', async () => {
    const all = fakes({ variables: { PATH: '/usr/bin' } });
    await all.files.write('/usr/bin/plain', 'x', { mode: 0o755 });
    all.runner.expect({ program: '/usr/bin/plain' }, { stdout: 'plain 1.1.9' });
    const error = await caught((await open(all)).resolveTool('plain'));
    expect(error).to.include({ code: 'toolchain.missing', exitCode: 4 });
    expect(error.message).to.equal(
      'plain is needed for tests and is not installed; /usr/bin/plain is 1.1.9, and >=1.2.0 <2.0.0 is needed.',
    );
    expect(error.problems![0]!.hints).to.deep.equal(['Run `ffops toolchain install plain`.']);
  });

  it('is asked again after a day, and when the file has changed', async () => {
    const all = fakes({ variables: { PATH: '/usr/bin' } });
    await all.files.write('/usr/bin/plain', 'x', { mode: 0o755 });
    all.runner.expect({ program: '/usr/bin/plain' }, { stdout: '1.3.0' });
    all.runner.expect({ program: '/usr/bin/plain' }, { stdout: '1.4.0' });
    all.runner.expect({ program: '/usr/bin/plain' }, { stdout: '1.5.0' });
    const version = async () => (await (await open(all)).resolveTool('plain')).version;
    expect(await version()).to.equal('1.3.0');
    await all.files.write('/usr/bin/plain', 'longer', { mode: 0o755 });
    expect(await version()).to.equal('1.4.0');
    all.clock.advance(25 * 3600_000);
    expect(await version()).to.equal('1.5.0');
    all.verify();
  });

  it('not a file that nobody may execute', async () => {
    const all = fakes({ files: { '/usr/bin/plain': 'x' }, variables: { PATH: '/usr/bin' } });
    expect((await caught((await open(all)).resolveTool('plain'))).code).to.equal('toolchain.missing');
  });

  it('is told for all of them, the missing ones included', async () => {
    const all = fakes();
    const reports = await (await open(all)).reportTools();
    expect(reports.map(({ name, found }) => [name, found])).to.deep.equal([
      ['plain', undefined],
      ['packed', undefined],
      ['digested', undefined],
      ['built', undefined],
    ]);
  });

  it('and a tool that does not exist is a mistake of who asked', async () => {
    const all = fakes();
    expect((await caught((await open(all)).ensureTools(['plian']))).code).to.equal('toolchain.unknownTool');
  });
});

describe('which providers are taken', () => {
  it('by a real environment the released ones, without asking and whatever is set', async () => {
    const all = fakes({ variables: { FFOPS_OFFLINE: '1' } });
    const released = { kind: 'released', versions: { cloud: '9.0.0' }, mirror: undefined, lacks: [] };
    expect(await (await open(all)).providerSet('real')).to.deep.include(released);
    expect(await (await open(fakes())).providerSet('real')).to.deep.include(released);
    expect(await (await open(fakes(), { source: 'build' })).providerSet('real')).to.deep.include(released);
  });

  it('by a real environment the released ones, after a sandbox has asked in vain', async () => {
    const all = fakes();
    all.network.expect(REGISTRY, nobody);
    expect((await (await open(all)).providerSet('sandbox')).kind).to.equal('buildable');
    expect((await (await open(all)).providerSet('real')).kind).to.equal('released');
    all.verify();
  });

  it('by a sandbox the released ones where the registry answers; it is asked until it does, and not again', async () => {
    const all = fakes();
    all.network.expect(REGISTRY, nobody);
    all.network.expect(REGISTRY, nobody);
    all.network.expect(REGISTRY, { body: '{}' });
    const kind = async () => (await (await open(all)).providerSet('sandbox')).kind;
    expect([await kind(), await kind(), await kind(), await kind()]).to.deep.equal([
      'buildable',
      'buildable',
      'released',
      'released',
    ]);
    all.verify();
  });

  it('by a sandbox the buildable ones elsewhere, from a mirror, with what they are too old for', async () => {
    const all = fakes();
    all.network.expect(REGISTRY, nobody);
    expect(await (await open(all)).providerSet('sandbox')).to.deep.equal({
      kind: 'buildable',
      reason: 'registry.opentofu.org did not answer: ENOTFOUND',
      versions: { cloud: '1.0.0' },
      mirror: '/cache/providers',
      lacks: ['cluster.maintenance'],
    });
  });

  it('by a sandbox the buildable ones when asked for', async () => {
    const all = fakes({ variables: { FFOPS_OFFLINE: '1' } });
    expect((await (await open(all)).providerSet('sandbox')).kind).to.equal('buildable');
    expect((await (await open(fakes(), { source: 'build' })).providerSet('sandbox')).kind).to.equal('buildable');
    expect((await (await open(fakes(), { source: 'release' })).providerSet('sandbox')).kind).to.equal('released');
  });

  it('is decided anew by an installation: the registry may be gone', async () => {
    const all = fakes();
    all.network.expect(REGISTRY, { body: '{}' });
    all.network.expect(REGISTRY, { body: '{}' });
    expect((await (await open(all)).providerSet('sandbox')).kind).to.equal('released');
    expect((await (await open(all)).ensureProviders()).kind).to.equal('released');
    all.verify();
  });

  it("are put where OpenTofu's filesystem mirror looks for them, once", async () => {
    const all = fakes({ variables: { FFOPS_OFFLINE: '1', PATH: '/bin' } });
    await all.files.write('/bin/go', 'x', { mode: 0o755 });
    all.runner.allow({ program: '/bin/go', args: ['env', 'GOVERSION'] }, { stdout: 'go1.26.8' });
    all.runner.expect({ program: '/bin/go', args: (args) => args[0] === 'build' }, async ({ args }) => {
      await all.files.write(args[args.indexOf('-o') + 1]!, 'provider');
      return {};
    });
    const toolchain = await open(all);
    expect(await toolchain.missingProviders()).to.deep.equal(['terraform-provider-cloud']);
    await toolchain.ensureProviders();
    await toolchain.ensureProviders();
    const target =
      '/cache/providers/registry.opentofu.org/maker/cloud/1.0.0/linux_amd64/terraform-provider-cloud_v1.0.0';
    expect(all.files.content.get(target)).to.equal('provider');
    expect(all.files.modes.get(target)).to.equal(0o755);
    expect(await toolchain.missingProviders()).to.deep.equal([]);
    all.verify();
  });
});
