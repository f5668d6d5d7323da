import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../support/cli.ts';
import { tempFolder } from '../support/temp.ts';

describe('launchers', () => {
  it('say what to do when ffops was not built', () => {
    const temp = tempFolder();
    try {
      mkdirSync(join(temp.path, 'bin'));
      for (const file of ['package.json', 'bin/run.js']) cpSync(join(projectRoot, file), join(temp.path, file));
      const { status, stderr } = spawnSync(process.execPath, [join(temp.path, 'bin/run.js')], { encoding: 'utf8' });
      expect(status).to.equal(4);
      expect(stderr).to.match(/^ffops is not built yet\. Run `npm run build` in its folder/);
    } finally {
      temp.remove();
    }
  });

  it('run the source as it is written, too', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(projectRoot, 'bin/dev.js'), 'env', '--help'], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    expect(stdout).to.match(/^ffops env: environments\n/);
  });
});
