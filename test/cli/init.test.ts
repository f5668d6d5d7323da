import { expect } from 'chai';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { cliHome, type CliHome } from '../support/cli.ts';
import { toolOrSkip } from '../support/tools.ts';

interface InitDocument {
  result: { name: string; files: string[]; secrets: object };
}

describe('init', () => {
  let cli: CliHome;
  beforeEach(() => void (cli = cliHome()));
  afterEach(() => cli.remove());
  const at = (path: string) => join(cli.folder, path);

  for (const template of ['minimal', 'fullfrontend']) {
    it(`makes a workspace from ${template} whose environments all render`, async () => {
      const { exitCode, stdout } = await cli.within(['init', 'My Shop', '--template', template]);
      expect(exitCode).to.equal(0);
      expect(stdout).to.include('Made the workspace my-shop in My Shop');
      expect(readFileSync(at('My Shop/ffops.yaml'), 'utf8')).to.match(/^name: my-shop$/m);
      expect(readFileSync(at('My Shop/.gitignore'), 'utf8').split('\n')).to.include('.ffops/');
      expect(existsSync(at('My Shop/.ffops/environment.schema.json'))).to.equal(true);
      const list = await cli.within(['env', 'list', '--json'], { cwd: 'My Shop' });
      const { environments } = list.json<{ result: { environments: { name: string }[] } }>().result;
      expect(environments).to.not.have.length(0);
      for (const { name } of environments) {
        expect((await cli.within(['render', '-e', name], { cwd: 'My Shop' })).exitCode, name).to.equal(0);
      }
    });
  }

  it('puts the domain into every file, and nobody’s where none is given', async () => {
    await cli.within(['init', 'shop', '--domain', 'shop.be']);
    const read = (path: string) => readFileSync(at(path), 'utf8');
    expect(read('shop/environments/prod.yaml'))
      .to.match(/^rootDomain: shop\.be$/m)
      .and.include('ops@shop.be');
    expect(read('shop/environments/dev.yaml')).to.match(/^rootDomain: shop\.kube$/m);
    await cli.within(['init', 'trial']);
    expect(read('trial/environments/prod.yaml')).to.match(/^rootDomain: example\.com$/m);
    for (const path of ['shop/environments/prod.yaml', 'trial/environments/prod.yaml'])
      expect(read(path)).not.to.include('fullfrontend.be');
    const { exitCode, stderr } = await cli.within(['init', 'wrong', '--domain', 'https://shop.be/']);
    expect(exitCode).to.equal(3);
    expect(stderr).to.include('The domain must be a bare domain').and.to.include('Write `shop.be`.');
    expect(existsSync(at('wrong'))).to.equal(false);
  });

  it('is whole without the tools that encrypt, and says what is left to do', async () => {
    const { exitCode, stdout } = await cli.within(['init', 'shop']);
    expect(exitCode).to.equal(0);
    expect(stdout)
      .to.include('No secrets yet: ')
      .and.to.include('ffops toolchain install sops age-keygen')
      .and.to.include('ffops secrets init -e dev');
    expect(existsSync(at('shop/.sops.yaml'))).to.equal(false);
  });

  it('makes an age key outside of the workspace, for its owner alone, and the first secrets', async function () {
    const tools = [await toolOrSkip(this, 'sops'), await toolOrSkip(this, 'age-keygen')].map((path) => dirname(path));
    const variables = { PATH: [...tools, '/usr/bin', '/bin'].join(delimiter) };
    const { result } = (await cli.within(['init', 'shop', '--json'], { variables })).json<InitDocument>();
    const key = join(cli.home, '.config/ffops/age/shop.txt');
    expect(result.secrets).to.deep.include({ made: true, ageKeyFile: key, createdKey: true });
    expect(statSync(key).mode & 0o777).to.equal(0o600);
    expect(readFileSync(key, 'utf8')).to.match(/^AGE-SECRET-KEY-/m);
    for (const file of result.files) {
      const text = readFileSync(at(`shop/${file}`), 'utf8');
      expect(text, file).to.not.include('AGE-SECRET-KEY');
      if (file.startsWith('secrets/')) expect(text, file).to.include('ENC[');
    }
    expect(result.files).to.include.members(['.sops.yaml', 'secrets/dev.sops.yaml', 'secrets/prod.sops.yaml']);
  });

  it('overwrites nothing', async () => {
    mkdirSync(at('shop/environments'), { recursive: true });
    writeFileSync(at('shop/environments/prod.yaml'), 'mine');
    const { exitCode, stderr } = await cli.within(['init', 'shop']);
    expect(exitCode).to.equal(3);
    expect(stderr).to.include('shop/environments/prod.yaml is there already; ffops overwrites nothing.');
    expect(readFileSync(at('shop/environments/prod.yaml'), 'utf8')).to.equal('mine');
    expect(existsSync(at('shop/ffops.yaml'))).to.equal(false);
  });

  it('refuses an age key that would be committed', async () => {
    const variables = { SOPS_AGE_KEY_FILE: at('shop/keys/age.txt') };
    const { exitCode, stderr } = await cli.within(['init', 'shop'], { variables });
    expect(exitCode).to.equal(3);
    expect(stderr).to.include('The age key would lie in the workspace');
    expect(existsSync(at('shop'))).to.equal(false);
  });

  it('adds to a .gitignore that is there', async () => {
    mkdirSync(at('shop'));
    writeFileSync(at('shop/.gitignore'), 'node_modules/');
    await cli.within(['init', 'shop']);
    expect(readFileSync(at('shop/.gitignore'), 'utf8')).to.match(/^node_modules\/\n# .*\n\.ffops\/\n$/);
  });

  it('refuses a folder that is a file, and a name that is none', async () => {
    writeFileSync(at('file'), '');
    const file = await cli.within(['init', 'file']);
    expect(file.exitCode).to.equal(3);
    expect(file.stderr).to.include(`${at('file')} is a file; a workspace is a folder.`);
    const name = await cli.within(['init', 'shop', '--name', 'Ünïcode']);
    expect(name.exitCode).to.equal(3);
    expect(name.stderr).to.include('A workspace cannot be called "Ünïcode".');
    expect(existsSync(at('shop'))).to.equal(false);
  });
});
