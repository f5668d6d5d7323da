import { expect } from 'chai';
import { cliHome, type CliHome } from '../support/cli.ts';

describe('help', () => {
  let cli: CliHome;
  before(() => void (cli = cliHome()));
  after(() => cli.remove());

  it('greets with the first steps and the commands by what they are for, within 80 columns', async () => {
    const { exitCode, stdout, stderr } = await cli.run([]);
    expect(exitCode).to.equal(0);
    expect(stderr).to.equal('');
    expect(stdout).to.match(/^ffops \d+\.\d+\.\d+\n/);
    expect(stdout).to.include('$ ffops init shop');
    for (const title of ['First steps', 'Start', 'Change', 'Look', 'More'])
      expect(stdout).to.match(new RegExp(`^${title}$`, 'm'));
    expect(stdout).to.match(/^ {2}env +environments: .*list.*show/m);
    expect(stdout.split('\n').filter((line) => line.length > 80)).to.deep.equal([]);
    expect(stdout).to.not.include('\u001b');
  });

  it('colours when told to, and not when told not to', async () => {
    expect((await cli.run([], { variables: { CLICOLOR_FORCE: '1' } })).stdout).to.include('\u001b[1mffops');
    expect((await cli.run([], { variables: { CLICOLOR_FORCE: '1', NO_COLOR: '1' } })).stdout).to.not.include('\u001b');
  });

  it('lists the commands of a topic', async () => {
    const { exitCode, stdout } = await cli.run(['env']);
    expect(exitCode).to.equal(0);
    expect(stdout).to.match(/^ {2}ffops env list +List the environments of the workspace$/m);
  });

  for (const words of [
    ['env', 'list', '--help'],
    ['env', 'list', '-h'],
    ['help', 'env', 'list'],
    ['--json', 'env', 'list', '--help'],
  ]) {
    it(`explains a command: ffops ${words.join(' ')}`, async () => {
      const { exitCode, stdout } = await cli.run(words);
      expect(exitCode).to.equal(0);
      expect(stdout).to.match(/^List the environments of the workspace\n/);
      for (const header of ['USAGE', 'GLOBAL FLAGS', 'EXAMPLES', 'EXIT CODES'])
        expect(stdout).to.match(new RegExp(`^${header}$`, 'm'));
    });
  }

  it('says its version', async () => {
    expect((await cli.run(['--version'])).stdout).to.match(/^ffops \d+\.\d+\.\d+\n$/);
  });
});
