import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliHome, type CliHome } from '../support/cli.ts';

interface DoctorDocument {
  ok: boolean;
  result: { checks: { about: string; title: string; state: string; detail: string; cures: string[] }[] };
}

describe('doctor', () => {
  let cli: CliHome;
  beforeEach(() => void (cli = cliHome('fullfrontend')));
  afterEach(() => cli.remove());
  const doctor = async (variables: Record<string, string> = {}) => {
    const outcome = await cli.within(['doctor', '-e', 'prod', '--json'], { variables });
    const { ok, result } = outcome.json<DoctorDocument>();
    const find = (title: string) => result.checks.find((check) => check.title === title);
    return { exitCode: outcome.exitCode, ok, checks: result.checks, find };
  };

  it('has a cure for everything that is off, and fails when something has to be put right', async () => {
    const { exitCode, ok, checks, find } = await doctor();
    expect({ exitCode, ok }).to.deep.equal({ exitCode: 1, ok: false });
    expect(find('node')).to.include({ state: 'fine', detail: process.versions.node });
    expect(find('missing')).to.deep.include({ state: 'wrong', cures: ['ffops toolchain install'] });
    // Beside a name stands what the machine has of it and does not fit.
    const missing = find('missing')!
      .detail.replaceAll(/ \([^)]*\)/g, '')
      .split(', ');
    expect(missing).to.include.members(['tofu', 'helm', 'doctl', 'velero', 'sops', 'age', 'age-keygen']);
    expect(find('for --sandbox')!.state).to.equal('note');
    expect(find('environment')!.detail).to.match(/^prod on doks, \d+ stacks; chosen by --env$/);
    for (const check of checks.filter(({ state }) => state !== 'fine'))
      expect(check.cures, check.title).to.not.have.length(0);
  });

  it('sees that working files would be committed', async () => {
    execFileSync('git', ['init', '--quiet'], { cwd: cli.folder });
    writeFileSync(join(cli.folder, '.gitignore'), 'node_modules/\n');
    expect((await doctor()).find('.gitignore')).to.include({ state: 'wrong' });
    writeFileSync(join(cli.folder, '.gitignore'), '.ffops/\n');
    expect((await doctor()).find('.gitignore')).to.include({ state: 'fine' });
  });

  it('looks at the age key: there, private, and outside of the workspace', async () => {
    const missing = (await doctor()).find('age key')!;
    expect(missing.detail).to.equal(`there is no ${join(cli.home, '.config/ffops/age/fullfrontend.txt')}`);
    mkdirSync(cli.home, { recursive: true });
    const key = join(cli.home, 'key.txt');
    writeFileSync(key, 'AGE-SECRET-KEY-1');
    chmodSync(key, 0o644);
    expect((await doctor({ SOPS_AGE_KEY_FILE: key })).find('age key')!.cures).to.deep.equal([`chmod 600 ${key}`]);
    chmodSync(key, 0o600);
    expect((await doctor({ SOPS_AGE_KEY_FILE: key })).find('age key')!.state).to.equal('fine');
    const inside = join(cli.folder, 'key.txt');
    writeFileSync(inside, 'AGE-SECRET-KEY-1', { mode: 0o600 });
    expect((await doctor({ SOPS_AGE_KEY_FILE: inside })).find('age key')!.detail).to.include('lies in the workspace');
  });

  it('goes on when the environment is wrong, and when there is no workspace', async () => {
    writeFileSync(join(cli.folder, 'environments/prod.yaml'), 'platform: doks\nrootDomain: 7\n');
    const wrong = (await doctor()).checks.filter(({ about, state }) => about !== 'tools' && state === 'wrong');
    expect(wrong.map(({ about, detail }) => [about, detail.split(': ')[0]])).to.deep.equal([
      ['workspace', 'environments/prod.yaml:2'],
    ]);
    const outside = (await cli.within(['doctor', '--json'], { cwd: '..' })).json<DoctorDocument>();
    expect(outside.result.checks.find(({ title }) => title === 'workspace')).to.include({ state: 'wrong' });
  });

  it('shows what it starts with --verbose, on stderr', async () => {
    const { stdout, stderr } = await cli.within(['doctor', '--verbose', '--json']);
    expect(stderr).to.match(/^\$ git --version\n {2}exit code 0 after \d+ ms\n/);
    expect(() => JSON.parse(stdout)).to.not.throw();
    expect((await cli.within(['doctor'])).stderr).to.equal('');
  });

  it('says it to people with marks that need no colour', async () => {
    const { stdout } = await cli.within(['doctor', '-e', 'prod']);
    expect(stdout).to.match(/^ {2}✔ {2}node +\d/m);
    expect(stdout).to.match(/^ {2}✖ {2}age key +there is no\s/m);
    expect(stdout).to.match(/things? to put right, \d+ to know\.\n$/);
    expect(stdout.match(/toolchain install/g)).to.have.length(2);
    const tools = stdout.slice(stdout.indexOf('Tools'), stdout.indexOf('Workspace'));
    for (const line of tools.split('\n')) expect([...line], line).to.have.length.at.most(80);
  });
});
