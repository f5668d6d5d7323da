import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliHome, type CliHome } from '../support/cli.ts';

const isRoot = process.getuid?.() === 0;

describe('bad input', () => {
  let cli: CliHome;
  beforeEach(() => void (cli = cliHome('fullfrontend')));
  afterEach(() => cli.remove());
  const at = (path: string) => join(cli.folder, path);

  async function refused(args: readonly string[], cwd = '.'): Promise<string> {
    const { exitCode, stdout, stderr } = await cli.within(args, { cwd });
    expect(stderr).to.match(/^Error: /);
    expect(stderr).to.not.match(/bug in ffops|^\s+at .*\.[jt]s:\d+/m);
    expect(stdout).to.equal('');
    expect(exitCode).to.equal(3);
    return stderr;
  }

  it('no workspace', async () => {
    mkdirSync(at('../elsewhere'));
    const said = await refused(['render'], '../elsewhere');
    expect(said).to.include('There is no workspace here').and.to.include('ffops init DIR');
  });

  it('a workspace that does not exist', async () => {
    expect(await refused(['render', '--workspace', 'nowhere']))
      .to.include('There is no folder')
      .and.to.include('nowhere');
  });

  it('a workspace that is a file', async () => {
    expect(await refused(['render', '--workspace', 'ffops.yaml'])).to.include(
      `Name its folder: --workspace ${cli.folder}`,
    );
  });

  it('an environment that does not exist, with the one that was meant', async () => {
    const said = await refused(['render', '-e', 'pord']);
    expect(said).to.include('There is no environment `pord`').and.to.include('Did you mean `prod`?');
  });

  it('images for nodes that run none', async () => {
    expect(await refused(['sandbox', 'start', '--images', 'upstream']))
      .to.include('Pods of simulated nodes run no image.')
      .and.to.include('`ffops sandbox start --nodes real --images upstream`');
  });

  it('no environments at all', async () => {
    rmSync(at('environments'), { recursive: true });
    expect(await refused(['render', '-e', 'prod'])).to.include('Make one: ffops env create NAME.');
    expect((await cli.within(['env', 'list'])).stdout).to.equal(
      'No environments yet. Make one: ffops env create prod\n',
    );
  });

  it('environments that is a file', async () => {
    rmSync(at('environments'), { recursive: true });
    writeFileSync(at('environments'), '');
    expect(await refused(['render', '-e', 'prod'])).to.include(
      `${at('environments')}: part of that path is a file, not a folder.`,
    );
  });

  it('a workspace file with a mistake, with its line', async () => {
    writeFileSync(at('ffops.yaml'), 'name: shop\ndefaultEnvironmnet: dev\n');
    const said = await refused(['env', 'list']);
    expect(said)
      .to.include('at ffops.yaml:2:1')
      .and.to.include('2 │ defaultEnvironmnet: dev')
      .and.to.include('Did you mean `defaultEnvironment`?');
  });

  it('an environment file with two mistakes, both with their lines', async () => {
    writeFileSync(
      at('environments/prod.yaml'),
      'platform: doks\nrootDomain: fullfrontend.be\nappps: {}\ndns:\n  ttl: soon\n',
    );
    const said = await refused(['render', '-e', 'prod']);
    expect(said)
      .to.include('at environments/prod.yaml:3:1')
      .and.to.include('at environments/prod.yaml:5:8')
      .and.to.match(/^\d problems$/m);
  });

  it('terminal codes in a file stay text', async () => {
    writeFileSync(at('environments/prod.yaml'), 'platform: doks\nrootDomain: "\\e[31m"\nbad: "\u001b[31mred"\n');
    expect(await refused(['render', '-e', 'prod'])).to.not.include('\u001b');
  });

  it('a folder that may not be written to', async function () {
    if (isRoot) this.skip();
    chmodSync(cli.folder, 0o500);
    try {
      expect(await refused(['render', '-e', 'prod'])).to.include('permission denied');
    } finally {
      chmodSync(cli.folder, 0o700);
    }
  });

  describe('on a disk of its own', () => {
    const mount = (context: Mocha.Context, options: string): void => {
      mkdirSync(at('disk'));
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', at('disk')], { stdio: 'ignore' });
      } catch {
        context.skip();
      }
    };
    const fill = () => {
      cpSync(at('ffops.yaml'), at('disk/ffops.yaml'));
      cpSync(at('environments'), at('disk/environments'), { recursive: true });
    };
    afterEach(() => {
      try {
        execFileSync('umount', [at('disk')], { stdio: 'ignore' });
      } catch {
        // It was never mounted: this machine does not let us.
      }
    });

    it('that is read-only', async function () {
      mount(this, 'size=1m');
      fill();
      execFileSync('mount', ['-o', 'remount,ro', at('disk')]);
      expect(await refused(['render', '-e', 'prod'], 'disk')).to.include('the file system is read-only');
      expect(await refused(['env', 'use', 'prod'], 'disk')).to.include('the file system is read-only');
    });

    it('that is full: the old files stay whole', async function () {
      mount(this, 'size=1m');
      fill();
      expect((await cli.within(['render', '-e', 'dev'], { cwd: 'disk' })).exitCode).to.equal(0);
      const before = readFileSync(at('disk/.ffops/dev/stacks/infra/main.tf'), 'utf8');
      const file = at('disk/environments/dev.yaml');
      writeFileSync(file, readFileSync(file, 'utf8').replace('fullfrontend.kube', 'elsewhere.kube'));
      fillUp(at('disk/ballast'));
      expect(await refused(['render', '-e', 'dev'], 'disk'))
        .to.include('the disk is full')
        .and.to.include('df -h');
      expect(readFileSync(at('disk/.ffops/dev/stacks/infra/main.tf'), 'utf8')).to.equal(before);
      rmSync(at('disk/ballast'));
      expect((await cli.within(['render', '-e', 'dev'], { cwd: 'disk' })).exitCode).to.equal(0);
    });

    function fillUp(path: string): void {
      for (;;) {
        try {
          writeFileSync(path, Buffer.alloc(4096), { flag: 'a' });
        } catch {
          return;
        }
      }
    }
  });
});
