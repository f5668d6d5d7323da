import { expect } from 'chai';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { realFiles } from '../../src/adapters/files.ts';
import { renderEnvironment } from '../../src/render/environment.ts';
import { loadPins } from '../../src/toolchain/pins.ts';
import { cliHome, type CliHome } from '../support/cli.ts';
import { exampleBlueprint, renderInputs } from '../support/example.ts';

interface RenderDocument {
  ok: boolean;
  env: string;
  result: {
    stacks: { name: string; files: number; changed: number }[];
    written: string[];
    removed: string[];
    unchanged: number;
    stale: { path: string; reason: string }[];
  };
}

describe('render', () => {
  let cli: CliHome;
  beforeEach(() => void (cli = cliHome('fullfrontend')));
  afterEach(() => cli.remove());
  const at = (path: string) => join(cli.folder, path);
  const render = async (...args: string[]) => (await cli.within(['render', '--json', ...args])).json<RenderDocument>();

  for (const [env, first] of [
    ['prod', ['base', 'cloud', 'infra']],
    ['dev', ['infra']],
  ] as const) {
    it(`lists the stacks of ${env}, and writes them`, async () => {
      const { ok, env: chosen, result } = await render('-e', env);
      expect({ ok, chosen }).to.deep.equal({ ok: true, chosen: env });
      expect(result.stacks.slice(0, first.length).map(({ name }) => name)).to.deep.equal(first);
      for (const { name, files, changed } of result.stacks) {
        expect(files).to.be.greaterThan(2);
        expect(changed).to.equal(files);
        expect(existsSync(at(`.ffops/${env}/stacks/${name}/main.tf`))).to.equal(true);
      }
      expect(result.written.length).to.be.at.least(result.stacks.reduce((sum, { files }) => sum + files, 0));
    });
  }

  it('writes with the templates of the package, which are compiled already, what those of the source say', async () => {
    await render('-e', 'prod');
    const tree = renderEnvironment(await exampleBlueprint('prod'), await renderInputs());
    for (const [path, text] of tree) expect(readFileSync(at(`.ffops/prod/${path}`), 'utf8'), path).to.equal(text);
  });

  it('writes the current providers for a real environment, whether their registry can be reached or not', async () => {
    expect((await cli.within(['render', '-e', 'prod'])).stderr).to.equal('');
    const { providers } = await loadPins(realFiles());
    const versions = readFileSync(at('.ffops/prod/stacks/cloud/versions.tf'), 'utf8');
    expect(versions).to.include(`"${providers['digitalocean']!.released}"`);
  });

  it('says what the providers of a sandbox are too old for, before one is started', async () => {
    const file = at('environments/prod.yaml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/^ {2}# (maintenance: .*)$/m, '  $1'));
    expect((await render('-e', 'prod')).ok).to.equal(true);
    const { exitCode, stderr } = await cli.within(['render', '-e', 'prod', '--sandbox']);
    expect(exitCode).to.equal(3);
    expect(stderr)
      .to.match(/`cluster\.maintenance` cannot be rehearsed here/)
      .and.match(/environments\/prod\.yaml:\d+/);
    expect(stderr).to.include('FFOPS_OFFLINE is set');
    expect(existsSync(at('.ffops/sandbox'))).to.equal(false);
  });

  it('says that a sandbox uses old providers, unless it is to be quiet', async () => {
    const said = 'The sandbox uses old providers (digitalocean 1.';
    expect((await cli.within(['render', '-e', 'prod', '--sandbox'])).stderr).to.include(said);
    expect((await cli.within(['render', '-e', 'prod', '--sandbox', '--quiet'])).stderr).to.not.include(said);
  });

  it('touches nothing the second time', async () => {
    await render('-e', 'prod');
    const file = at('.ffops/prod/stacks/base/main.tf');
    const before = statSync(file);
    const { result } = await render('-e', 'prod');
    expect(result).to.deep.include({ written: [], removed: [] });
    expect(result.stacks.every(({ changed }) => changed === 0)).to.equal(true);
    const after = statSync(file);
    expect([after.mtimeMs, after.ino]).to.deep.equal([before.mtimeMs, before.ino]);
  });

  it('writes only what a change of the environment changes, and removes what it drops', async () => {
    await render('-e', 'prod');
    const file = at('environments/prod.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('waf: block', 'waf: "off"'));
    const { result } = await render('-e', 'prod');
    expect(result.stacks.filter(({ changed }) => changed > 0).map(({ name }) => name))
      .to.include('infra')
      .and.not.include('base');
    expect(result.removed.some((path) => path.startsWith('stacks/infra/values/waf'))).to.equal(true);
  });

  it('--check writes nothing, and fails when something is stale', async () => {
    const fresh = await cli.within(['render', '-e', 'dev', '--check']);
    expect(fresh.exitCode).to.equal(1);
    expect(fresh.stdout).to.match(/^ {2}missing +stacks\/infra\/main\.tf$/m);
    expect(existsSync(at('.ffops/dev'))).to.equal(false);

    await render('-e', 'dev');
    expect((await cli.within(['render', '-e', 'dev', '--check'])).exitCode).to.equal(0);

    writeFileSync(at('.ffops/dev/stacks/infra/main.tf'), '# edited by hand\n');
    rmSync(at('.ffops/dev/stacks/infra/versions.tf'));
    const { ok, result } = (await cli.within(['render', '-e', 'dev', '--check', '--json'])).json<RenderDocument>();
    expect(ok).to.equal(false);
    expect(result.stale).to.deep.equal([
      { path: 'stacks/infra/main.tf', reason: 'changed' },
      { path: 'stacks/infra/versions.tf', reason: 'missing' },
    ]);
  });

  it('works from any folder, and names it as the user would', async () => {
    const { stdout } = await cli.within(['render', '-e', 'dev'], { cwd: 'environments' });
    expect(stdout).to.match(/ in \.\.\/\.ffops\/dev\.$/m);
    expect((await cli.within(['render', '-e', 'dev', '--workspace', cli.folder], { cwd: '..' })).stdout).to.include(
      'up to date',
    );
  });
});
