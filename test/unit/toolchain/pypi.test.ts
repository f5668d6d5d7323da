import { expect } from 'chai';
import { unpackWheel } from '../../../src/toolchain/pypi.ts';
import { fakePorts } from '../../support/fakes.ts';

const wheel = { requirement: 'some-bin==1.2', sha256: ['aa', 'bb'] };

async function withPip() {
  const all = fakePorts({ variables: { PATH: '/bin', PIP_INDEX_URL: 'https://pypi.example.com', HOME: '/home/me' } });
  await all.files.write('/bin/python3', 'program', { mode: 0o755 });
  all.runner.allow({ program: '/bin/python3', args: ['-m', 'pip', '--version'] });
  return all;
}

describe('a wheel of PyPI', () => {
  it('is unpacked by pip, which is told the digests and the index, and nothing else of the environment', async () => {
    const all = await withPip();
    all.runner.expect({ program: '/bin/python3', args: (args) => args.includes('install') }, async ({ args, env }) => {
      expect(args).to.include.members(['--only-binary', '--no-deps', '/there']);
      const list = args[args.indexOf('--requirement') + 1]!;
      expect(await all.files.read(list)).to.equal('some-bin==1.2 --hash=sha256:aa --hash=sha256:bb\n');
      expect(env).to.deep.equal({ PIP_INDEX_URL: 'https://pypi.example.com' });
      return {};
    });
    expect(await unpackWheel(all.ports, wheel, '/there')).to.equal(undefined);
    expect(await all.files.info('/there.txt')).to.equal(undefined);
    all.verify();
  });

  it('that cannot be had is told in the words of pip', async () => {
    const all = await withPip();
    all.runner.allow({ program: '/bin/python3' }, { exitCode: 1, stderr: 'a line\nERROR: hashes do not match\n' });
    expect(await unpackWheel(all.ports, wheel, '/there')).to.contain('hashes do not match');
    expect(await unpackWheel(fakePorts({ variables: { PATH: '/bin' } }).ports, wheel, '/there')).to.equal('');
  });
});
