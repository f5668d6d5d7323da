import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cliHome, projectRoot, type CliHome } from '../support/cli.ts';

describe('output', () => {
  let cli: CliHome;
  before(() => void (cli = cliHome('fullfrontend')));
  after(() => cli.remove());

  /** In a shell, because it is about redirection; gives the exit code of ffops, not of its reader. */
  const shell = (line: string) => {
    const command = line.replace('ffops', `"${process.execPath}" "${join(projectRoot, 'bin/run.js')}"`);
    const env = { PATH: '/usr/bin:/bin', HOME: cli.home };
    return spawnSync('bash', ['-c', `set -o pipefail; ${command}`], { cwd: cli.folder, env, encoding: 'utf8' });
  };

  for (const words of ['', 'env show prod', 'env show prod --json', 'autocomplete fish']) {
    it(`does not mind a reader that goes away: ffops ${words}`, () => {
      const { status, stderr } = shell(`ffops ${words} | true`);
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    });
  }

  it('says when it cannot be written', function () {
    if (!existsSync('/dev/full')) this.skip();
    const { status, stderr } = shell('ffops env list > /dev/full');
    expect(status).to.equal(3);
    expect(stderr).to.match(/^Error: The output cannot be written: the disk is full\.\n/);
  });
});
