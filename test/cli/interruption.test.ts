import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliHome, projectRoot, type CliHome } from '../support/cli.ts';

/** `doctor` starts git: here one that waits, writes down what it hears, and finishes in its own time. */
describe('Ctrl-C', () => {
  let cli: CliHome;
  beforeEach(() => {
    cli = cliHome('fullfrontend');
    mkdirSync(join(cli.folder, 'bin'));
    const git = join(cli.folder, 'bin/git');
    writeFileSync(
      git,
      `#!${process.execPath}
const { appendFileSync, writeFileSync } = require('node:fs');
process.on('SIGINT', () => { appendFileSync('heard', 'SIGINT '); setTimeout(() => process.exit(0), 400); });
writeFileSync('started', String(process.pid));
setInterval(() => {}, 1000);`,
    );
    chmodSync(git, 0o755);
  });
  afterEach(() => cli.remove());
  const written = (name: string): string => {
    try {
      return readFileSync(join(cli.folder, name), 'utf8');
    } catch {
      return '';
    }
  };

  async function pressed(times: number): Promise<{ code: number | null; stderr: string; tookMs: number }> {
    const env = { PATH: `${join(cli.folder, 'bin')}:/usr/bin:/bin`, HOME: cli.home, FFOPS_OFFLINE: '1' };
    const child = spawn(process.execPath, [join(projectRoot, 'bin/run.js'), 'doctor'], { cwd: cli.folder, env });
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += chunk));
    const closed = once(child, 'close');
    while (written('started') === '') await new Promise((resolve) => setTimeout(resolve, 20));
    const began = Date.now();
    for (let press = 0; press < times; press += 1) {
      child.kill('SIGINT');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const [code] = (await closed) as [number | null];
    return { code, stderr, tookMs: Date.now() - began };
  }

  const isAlive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  it('once: the program hears it once and finishes, then ffops stops and says 130', async () => {
    const { code, stderr, tookMs } = await pressed(1);
    expect(code).to.equal(130);
    expect(stderr).to.include('finishing what is in flight; press Ctrl-C again to stop now');
    expect(written('heard')).to.equal('SIGINT ');
    expect(tookMs).to.be.at.least(350);
  });

  it('twice: the program is killed, and nothing of it is left', async () => {
    const { code } = await pressed(2);
    expect(code).to.equal(130);
    expect(written('heard').trim().split(' ').length).to.be.at.most(1);
    expect(isAlive(Number(written('started')))).to.equal(false);
  });
});
