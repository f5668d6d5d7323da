import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliHome, type CliHome } from '../support/cli.ts';

describe('env', () => {
  let cli: CliHome;
  beforeEach(() => void (cli = cliHome('fullfrontend')));
  afterEach(() => cli.remove());
  const at = (path: string) => join(cli.folder, path);

  describe('list', () => {
    it('shows what the files say of themselves, and which one is chosen', async () => {
      const { exitCode, stdout } = await cli.within(['env', 'list']);
      expect(exitCode).to.equal(0);
      expect(stdout).to.equal(
        '*  dev   local  fullfrontend.kube\n   prod  doks   fullfrontend.be\n* chosen by ffops.yaml\n',
      );
    });

    it('keeps going when a file cannot be read', async () => {
      writeFileSync(at('environments/broken.yaml'), 'platform: [');
      const { exitCode, stdout } = await cli.within(['env', 'list']);
      expect(exitCode).to.equal(0);
      expect(stdout).to.match(/^ {3}broken +not readable: ffops env show broken$/m);
    });

    it('is one document for machines', async () => {
      const document = (await cli.within(['env', 'list', '--json'])).json();
      expect(document).to.deep.equal({
        schema: 'ffops.env.list/v1',
        ok: true,
        result: {
          environments: [
            {
              name: 'dev',
              chosen: true,
              file: 'environments/dev.yaml',
              readable: true,
              platform: 'local',
              rootDomain: 'fullfrontend.kube',
            },
            {
              name: 'prod',
              chosen: false,
              file: 'environments/prod.yaml',
              readable: true,
              platform: 'doks',
              rootDomain: 'fullfrontend.be',
            },
          ],
          chosen: { name: 'dev', by: 'ffops.yaml' },
        },
      });
    });
  });

  it('is chosen by the flag, then FFOPS_ENV, then APP_ENV, then `env use`, then the workspace', async () => {
    const chosen = async (args: string[], variables: Record<string, string> = {}) =>
      (await cli.within(['env', 'list', '--json', ...args], { variables })).json<{ result: { chosen: object } }>()
        .result.chosen;
    expect(await chosen([])).to.deep.equal({ name: 'dev', by: 'ffops.yaml' });
    await cli.within(['env', 'use', 'prod']);
    expect(await chosen([])).to.deep.equal({ name: 'prod', by: 'ffops env use' });
    expect(await chosen([], { APP_ENV: 'dev' })).to.deep.equal({ name: 'dev', by: 'APP_ENV' });
    expect(await chosen([], { APP_ENV: 'dev', FFOPS_ENV: 'prod' })).to.deep.equal({ name: 'prod', by: 'FFOPS_ENV' });
    expect(await chosen(['-e', 'dev'], { FFOPS_ENV: 'prod' })).to.deep.equal({ name: 'dev', by: '--env' });
  });

  it('use: says when a variable still decides otherwise', async () => {
    const { exitCode, stdout } = await cli.within(['env', 'use', 'prod'], { variables: { FFOPS_ENV: 'dev' } });
    expect(exitCode).to.equal(0);
    expect(stdout).to.include('FFOPS_ENV says dev in this shell, and comes first');
  });

  describe('show', () => {
    it('prints YAML that means the same, with the origin of each value', async () => {
      const { exitCode, stdout } = await cli.within(['env', 'show', 'prod']);
      expect(exitCode).to.equal(0);
      expect(stdout).to.match(/^platform: doks +# line 2$/m);
      expect(stdout).to.match(/^ {2}controller: traefik +# default of doks$/m);
      expect(stdout).to.match(/^ {4}- name: apps +# line \d+$/m);
      const resolved = (await cli.within(['env', 'show', 'prod', '--json'])).json<{ result: { environment: object } }>()
        .result.environment;
      const { parse } = await import('yaml');
      expect(parse(stdout)).to.deep.equal(resolved);
    });

    it('is its own fixed point: shown as a file, it shows the same', async () => {
      const { stdout } = await cli.within(['env', 'show', 'prod']);
      const environment = async (name: string) =>
        (await cli.within(['env', 'show', name, '--json'])).json<{ result: { environment: object } }>().result
          .environment;
      const before = await environment('prod');
      // In its place: two files that claim the same cluster and the same domain are refused.
      rmSync(at('environments/prod.yaml'));
      writeFileSync(at('environments/copy.yaml'), stdout);
      expect(await environment('copy')).to.deep.equal(before);
    });

    it('refuses a copy that still claims the domain of the original, and names both places', async () => {
      writeFileSync(at('environments/twin.yaml'), readFileSync(at('environments/prod.yaml')));
      const { exitCode, stderr } = await cli.within(['env', 'show', 'twin']);
      expect(exitCode).to.equal(3);
      expect(stderr).to.include(
        'The domain `fullfrontend.be` belongs to the environment prod (environments/prod.yaml:3:1).',
      );
      expect(stderr).to.include('at environments/twin.yaml:3:1\n');
    });

    it('points at what is wrong, where the user stands', async () => {
      writeFileSync(at('environments/bad.yaml'), 'platform: local\nrootDomain: shop.kube\ningres:\n  waf: off\n');
      const { exitCode, stdout, stderr } = await cli.within(['env', 'show', 'bad'], { cwd: 'environments' });
      expect(exitCode).to.equal(3);
      expect(stdout).to.equal('');
      expect(stderr).to.include('at bad.yaml:3:1\n');
      expect(stderr).to.match(/3 │ ingres:\n +│ \^\n/);
      expect(stderr).to.include('Did you mean `ingress`?');
    });
  });

  describe('create', () => {
    it('writes about ten lines that are right from the start, with the header editors read', async () => {
      const { exitCode, stdout } = await cli.within([
        'env',
        'create',
        'stage',
        '--platform',
        'doks',
        '--domain',
        'stage.fullfrontend.be',
      ]);
      expect(exitCode).to.equal(0);
      expect(stdout).to.include('Wrote environments/stage.yaml: stage.fullfrontend.be on doks.');
      const text = readFileSync(at('environments/stage.yaml'), 'utf8');
      expect(text).to.match(/^# yaml-language-server: \$schema=\.\.\/\.ffops\/environment\.schema\.json\n/);
      expect(text.split('\n').length).to.be.within(8, 16);
      expect(existsSync(at('.ffops/environment.schema.json'))).to.equal(true);
      expect((await cli.within(['env', 'show', 'stage'])).exitCode).to.equal(0);
    });

    for (const platform of ['doks', 'local']) {
      it(`writes a file for ${platform} that renders`, async () => {
        await cli.within(['env', 'create', 'fresh', '--platform', platform, '--domain', 'fresh.fullfrontend.be']);
        expect((await cli.within(['render', '-e', 'fresh'])).exitCode).to.equal(0);
      });
    }

    const refusals: [string, string[], string][] = [
      [
        'a name that is taken',
        ['prod', '--platform', 'doks', '--domain', 'x.be'],
        'environments/prod.yaml is there already.',
      ],
      [
        'a name that is none',
        ['Prod!', '--platform', 'doks', '--domain', 'x.be'],
        'An environment cannot be called "Prod!".',
      ],
      [
        'a name whose folder ffops uses itself',
        ['sandbox', '--platform', 'local', '--domain', 'x.kube'],
        'ffops keeps files of its own in `.ffops/sandbox`',
      ],
      [
        'a platform that does not exist',
        ['stage', '--platform', 'dosk', '--domain', 'x.be'],
        'There is no platform `dosk`.',
      ],
      ['a domain that is none', ['stage', '--platform', 'doks', '--domain', 'not a domain'], 'rootDomain'],
      ['an answer nobody can give', ['stage'], '`--platform` is missing.'],
    ];
    for (const [name, args, message] of refusals) {
      it(`refuses ${name}, and writes nothing`, async () => {
        const { exitCode, stderr } = await cli.within(['env', 'create', ...args]);
        expect(exitCode).to.equal(3);
        expect(stderr).to.include(message);
        expect(readdirSync(at('environments'))).to.deep.equal(['dev.yaml', 'prod.yaml']);
      });
    }
  });

  describe('hosts', () => {
    it('prints lines for /etc/hosts', async () => {
      const { exitCode, stdout } = await cli.within(['env', 'hosts', 'dev', '--address', '192.168.49.2']);
      expect(exitCode).to.equal(0);
      expect(stdout.trim().split('\n')).to.satisfy((lines: string[]) =>
        lines.every((line) => /^192\.168\.49\.2 {2}[\w.-]+\.fullfrontend\.kube +# /.test(line)),
      );
    });

    it('refuses where names are published', async () => {
      const { exitCode, stderr } = await cli.within(['env', 'hosts', 'prod']);
      expect(exitCode).to.equal(3);
      expect(stderr).to.include('--address IP');
    });
  });

  it('schema: publishes once, and prints on request', async () => {
    expect((await cli.within(['env', 'schema'])).stdout).to.equal('.ffops/environment.schema.json written.\n');
    expect((await cli.within(['env', 'schema'])).stdout).to.equal('.ffops/environment.schema.json is up to date.\n');
    const printed = JSON.parse((await cli.within(['env', 'schema', '--print'])).stdout) as object;
    expect(JSON.parse(readFileSync(at('.ffops/environment.schema.json'), 'utf8'))).to.deep.equal(printed);
  });

  it('the examples name the schema where it is published', () => {
    for (const name of ['dev', 'prod']) {
      expect(readFileSync(at(`environments/${name}.yaml`), 'utf8')).to.match(
        /^# yaml-language-server: \$schema=\.\.\/\.ffops\/environment\.schema\.json\n/,
      );
    }
  });
});
