/** Secrets from the command line, with the real sops and age: their whole life, and that a value never shows. */
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import fc from 'fast-check';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Secret } from '../../src/model/secret.ts';
import { prepareStore } from '../../src/secrets/init.ts';
import { placeOf } from '../../src/secrets/place.ts';
import { openStore } from '../../src/secrets/store.ts';
import { cacheRoot } from '../../src/toolchain/layout.ts';
import { canary } from '../support/canary.ts';
import { cliHome, projectRoot, type CliHome, type CliOptions, type CliOutcome } from '../support/cli.ts';
import { realPorts, sandboxHands } from '../support/sandbox-workspace.ts';
import { tempFolder } from '../support/temp.ts';
import { runTool, toolchain, toolOrSkip } from '../support/tools.ts';

const ENVIRONMENT = 'prod';

describe('secrets, from the command line', function () {
  let cli: CliHome;
  const watched = canary('canary-7c1f"\n$\\ 5e0d');

  before(async function () {
    await toolOrSkip(this.test!.ctx!, 'sops');
    await toolOrSkip(this.test!.ctx!, 'age-keygen');
    cli = cliHome('fullfrontend');
  });
  after(() => cli.remove());

  function secrets(words: string, options: CliOptions = {}): Promise<CliOutcome> {
    const variables = { FFOPS_CACHE: cacheRoot(process.env), TMPDIR: cli.home, ...options.variables };
    const all = ['secrets', ...words.split(' '), '-e', ENVIRONMENT];
    return options.stdin === undefined
      ? cli.within(all, { ...options, variables })
      : cli.run(all, { ...options, variables });
  }

  const file = () => join(cli.folder, 'secrets', `${ENVIRONMENT}.sops.yaml`);
  const identity = () => join(cli.home, '.config/ffops/age/fullfrontend.txt');

  it('are missing at first: names are listed, opening them says what to do', async () => {
    const listed = await secrets('list --json');
    expect(listed.exitCode).to.equal(0);
    const states = listed.json<{ result: { secrets: { name: string; state: string }[] } }>().result.secrets;
    expect(states).to.deep.include({ ...states[0], state: 'missing' });
    const check = await secrets('check');
    expect(check.exitCode).to.equal(3);
    expect(check.stderr).to.contain(`ffops secrets init -e ${ENVIRONMENT}`);
  });

  it('begin with an identity of one’s own and everything that can be made up', async () => {
    const { exitCode, stdout } = await secrets('init');
    expect(exitCode).to.equal(0);
    expect(stdout).to.contain('Still to do').and.to.contain('digitalocean.token');
    expect(statSync(identity()).mode & 0o777).to.equal(0o600);
    expect(readFileSync(join(cli.folder, '.sops.yaml'), 'utf8')).to.match(/age: age1/);
    const text = readFileSync(file(), 'utf8');
    expect(text).to.match(/^state\.passphrase: ENC\[/m);
    expect(existsSync(join(cli.folder, '.config'))).to.equal(false);
    const again = await secrets('init --json');
    expect(again.json<{ result: object }>().result).to.deep.include({
      createdIdentity: false,
      createdConfig: false,
      generated: [],
    });
    expect(readFileSync(file(), 'utf8')).to.equal(text);
  });

  it('take a value by stdin, give it back whole, and show it nowhere else', async () => {
    const value = watched.forms[0]!;
    const before = readFileSync(file(), 'utf8');
    const watch = watched.watchArguments();
    const set = await secrets('set digitalocean.token --verbose', { stdin: `${value}\n` });
    const list = await secrets('list --verbose');
    const check = await secrets('check --verbose --json');
    const get = await secrets('get digitalocean.token');
    expect(watch.stop(), 'command lines').to.deep.equal([]);
    expect(set.exitCode, set.stderr).to.equal(0);
    expect(get.stdout).to.equal(`${value}\n`);
    for (const { stdout, stderr } of [set, list, check]) expect(watched.isIn(stdout + stderr)).to.equal(false);
    expect(watched.filesWith(cli.folder)).to.deep.equal([]);
    expect(watched.filesWith(cli.home)).to.deep.equal([]);
    const unchanged = (text: string) => text.split('\n').find((line) => line.startsWith('state.passphrase'));
    expect(unchanged(readFileSync(file(), 'utf8'))).to.equal(unchanged(before));
  });

  it('refuse a value as an argument, an empty one, and a name that is none', async () => {
    expect((await secrets('set digitalocean.token value')).exitCode).to.equal(3);
    expect((await secrets('set digitalocean.token', { stdin: '\n' })).exitCode).to.equal(3);
    expect((await secrets('set sops', { stdin: 'x' })).exitCode).to.equal(3);
    expect((await secrets('get digitalocean.token')).stdout).to.equal(`${watched.forms[0]}\n`);
  });

  it('open with the identity of a pipeline', async () => {
    const key = readFileSync(identity(), 'utf8');
    const variables = { SOPS_AGE_KEY: key, SOPS_AGE_KEY_FILE: join(cli.home, 'nowhere.txt') };
    expect((await secrets('get digitalocean.token', { variables })).stdout).to.equal(`${watched.forms[0]}\n`);
    const none = await secrets('get digitalocean.token', { variables: { ...variables, SOPS_AGE_KEY: undefined } });
    expect(none.exitCode).to.equal(3);
    expect(none.stderr).to.contain('No age identity of yours').and.to.contain('age1');
  });

  it('that were changed without sops, cut, or never encrypted are refused with a cure, and nothing of them is quoted', async () => {
    const good = readFileSync(file(), 'utf8');
    const damages: readonly (readonly [string, string])[] = [
      [good.replace(/data:./, 'data:A'), 'git checkout'],
      [`${good}added: ${watched.forms[2]}\n`, 'git checkout'],
      [good.slice(0, 150), 'git checkout'],
      [`<<<<<<< ours\n${good}`, 'git checkout --ours'],
      [`digitalocean.token: ${watched.forms[2]}\n`, 'sops encrypt -i'],
      ['', 'git checkout'],
    ];
    try {
      for (const [text, cure] of damages) {
        writeFileSync(file(), text);
        const { exitCode, stdout, stderr } = await secrets('check');
        expect([1, 3], stderr).to.include(exitCode);
        expect(stderr).to.contain(cure);
        expect(watched.isIn(stdout + stderr), stderr).to.equal(false);
      }
    } finally {
      writeFileSync(file(), good);
    }
  });

  it('are listed with their kinds, without a key', async () => {
    const listed = await secrets('list --json', { variables: { SOPS_AGE_KEY_FILE: join(cli.home, 'nowhere.txt') } });
    const rows = listed.json<{ result: { secrets: { name: string; kind: string }[] } }>().result.secrets;
    expect(rows.find(({ name }) => name === 'digitalocean.token')).to.include({ kind: 'given', state: 'set' });
    expect(rows.find(({ name }) => name === 'state.passphrase')).to.include({ kind: 'generated', state: 'set' });
  });

  it('open for a colleague who is let in, and no longer for one who is shut out', async () => {
    const theirs = join(cli.home, 'theirs.txt');
    expect(readFileSync(join(cli.folder, '.gitignore'), 'utf8')).to.match(/^\*\.tfvars$/m);
    const made = await secrets('init', { variables: { SOPS_AGE_KEY_FILE: theirs } });
    const recipient = /age1[a-z0-9]+/.exec(made.stderr)![0];
    const asThem = { variables: { SOPS_AGE_KEY_FILE: theirs } };
    expect((await secrets('get digitalocean.token', asThem)).stderr).to.contain('No age identity of yours');

    const before = readFileSync(file(), 'utf8');
    const added = await secrets(`recipients add ${recipient} --json`);
    expect(added.json<{ result: { recipients: string[]; files: string[] } }>().result.recipients).to.have.length(2);
    const line = (text: string) => text.split('\n').find((one) => one.startsWith('digitalocean.token'));
    expect(line(readFileSync(file(), 'utf8')), 'the values stay as they are').to.equal(line(before));
    expect((await secrets('get digitalocean.token', asThem)).stdout).to.equal(`${watched.forms[0]}\n`);

    const removed = await secrets(`recipients remove ${recipient} --json`);
    const { rotate, exposed } = removed.json<{ result: { rotate: string[]; exposed: { name: string }[] } }>().result;
    expect(rotate).to.include('digitalocean.token').and.not.to.include('state.passphrase');
    expect(exposed.map(({ name }) => name)).to.include('state.passphrase');
    expect(line(readFileSync(file(), 'utf8')), 'encrypted anew').not.to.equal(line(before));
    expect((await secrets('get digitalocean.token', asThem)).stderr).to.contain('No age identity of yours');
    expect((await secrets('get digitalocean.token')).stdout).to.equal(`${watched.forms[0]}\n`);
    expect(readFileSync(join(cli.folder, '.sops.yaml'), 'utf8'))
      .to.contain('# Who can open')
      .and.not.to.contain(recipient);
    const own = (await secrets('recipients list --json')).json<{ result: { recipients: string[] } }>().result
      .recipients;
    expect(own).to.have.length(1);
    expect((await secrets(`recipients remove ${own[0]}`)).stderr).to.contain('only recipient');
    expect((await secrets('recipients add AGE-SECRET-KEY-1')).exitCode).to.equal(3);
    expect(readdirSync(join(cli.folder, 'secrets'))).to.deep.equal([`${ENVIRONMENT}.sops.yaml`]);
  });

  it('are taken over from what was there before ffops, and what is left is listed', async () => {
    const clear = join(cli.home, 'old.tfvars');
    writeFileSync(
      clear,
      'spaces_access_key = "DO00imported"\n# note\nmystery = "x"\nregions = ["fra1"]\ndo_pat = "dop_v1_later"\n',
    );
    const imported = await secrets(`import ${clear} --json`);
    type Imported = {
      result: { imported: { name: string }[]; unknown: { name: string; line: number }[]; kept: unknown[] };
    };
    const { result } = imported.json<Imported>();
    expect(result.imported).to.deep.equal([{ name: 'spaces.accessKey', from: 'spaces_access_key' }]);
    expect(result.unknown).to.deep.equal([
      { name: 'mystery', line: 3 },
      { name: 'regions', line: 4 },
      { name: 'do_pat', line: 5 },
    ]);
    expect((await secrets('get spaces.accessKey')).stdout).to.equal('DO00imported\n');
    const again = (await secrets(`import ${clear} --as do_pat=digitalocean.token --json`)).json<Imported>().result;
    expect(again.kept).to.deep.equal([{ name: 'digitalocean.token', from: 'do_pat' }]);
    expect((await secrets('get digitalocean.token')).stdout).to.equal(`${watched.forms[0]}\n`);

    const sops = await (await toolchain()).resolveTool('sops');
    const recipient = /age1[a-z0-9]+/.exec(readFileSync(join(cli.folder, '.sops.yaml'), 'utf8'))![0];
    const sealed = await runTool(sops.path, ['encrypt', '--age', recipient, '--input-type', 'binary', clear], {
      cwd: cli.home,
    });
    writeFileSync(`${clear}.enc`, sealed.replace('', ''));
    const opened = (await secrets(`import ${clear}.enc --json`)).json<{ result: { same: unknown[] } }>().result;
    expect(opened.same).to.deep.equal([{ name: 'spaces.accessKey', from: 'spaces_access_key' }]);
    rmSync(clear);
  });

  it('that lie in clear in the workspace, in its history or in the next commit are found, and a hook says so in time', async () => {
    const git = (...words: string[]) =>
      runTool('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...words], {
        cwd: cli.folder,
        env: { HOME: cli.home, FFOPS_CACHE: cacheRoot(process.env), FFOPS_OFFLINE: '1' },
      });
    await git('init', '--quiet');
    await git('add', '.');
    await git('commit', '--quiet', '-m', 'all that may be seen');
    type Checked = { result: { search: { leaks: { what: string; form?: string; path: string; commit?: string }[] } } };
    const leaks = async (words = 'check --json') => (await secrets(words)).json<Checked>().result.search.leaks;
    expect(await leaks()).to.deep.equal([]);
    // The sandbox's identity is where it must be; the user's own there would be a leak like anywhere else.
    const sandboxKey = join(cli.folder, '.ffops', 'sandbox', 'secrets', 'age.txt');
    mkdirSync(dirname(sandboxKey), { recursive: true });
    for (const path of [sandboxKey, `${sandboxKey}.copy`]) copyFileSync(identity(), path);
    expect(await leaks()).to.deep.equal([
      { what: 'an age identity', path: join('.ffops', 'sandbox', 'secrets', 'age.txt.copy') },
    ]);
    rmSync(join(cli.folder, '.ffops', 'sandbox'), { recursive: true });
    expect((await secrets('list --json')).json<{ result: { secrets: object[] } }>().result.secrets[0]).to.include.keys(
      'name',
    );

    const value = 'DO00imported';
    writeFileSync(join(cli.folder, 'notes.txt'), `see ${Buffer.from(`x${value}`).toString('base64')}`);
    await git('add', '.');
    await git('commit', '--quiet', '-m', 'a mistake');
    writeFileSync(join(cli.folder, 'notes.txt'), 'nothing');
    writeFileSync(join(cli.folder, 'secrets.tfvars'), 'x = 1');
    await git('add', '--force', '.');
    await git('commit', '--quiet', '-m', 'hidden again');
    const found = await leaks();
    expect(found).to.deep.include({ what: 'a tfvars file', path: 'secrets.tfvars' });
    const old = found.find(({ what }) => what === 'spaces.accessKey');
    expect(old).to.include({ form: 'in base64', path: 'notes.txt' });
    expect(old?.commit).to.match(/^[0-9a-f]{7,}$/);

    expect((await secrets('check --install-hook')).exitCode).to.equal(0);
    const commit = async (text: string) => {
      writeFileSync(join(cli.folder, 'notes.txt'), text);
      return git('commit', '--quiet', '-am', 'next').then(
        () => 'committed',
        ({ stdout, stderr }: { stdout: string; stderr: string }) => `${stdout}${stderr}`,
      );
    };
    expect(await commit('harmless')).to.equal('committed');
    expect(await commit(`url?key=${encodeURIComponent(value)}`)).to.contain('spaces.accessKey');
    rmSync(join(cli.folder, '.git'), { recursive: true });
    rmSync(join(cli.folder, 'secrets.tfvars'));
  });

  it('survive being killed at any moment: the value is the one before or the new one, and none lies in clear', async () => {
    const [before, after] = ['before-3f9a', 'after-77c2'].map((value) => canary(value));
    const rounds = 8;
    let changed = 0;
    for (let round = 0; round < rounds; round += 1) {
      const value = round % 2 === 0 ? after! : before!;
      const earlier = (await secrets('get dns.token')).stdout;
      await killedAfter((round * 900) / rounds, ['secrets', 'set', 'dns.token', '-e', ENVIRONMENT], value.forms[0]!);
      const { exitCode, stdout } = await secrets('get dns.token');
      if (stdout !== earlier) changed += 1;
      if (exitCode === 0) expect([earlier, `${value.forms[0]}\n`]).to.include(stdout);
      else expect(earlier, 'it had no value yet').to.equal('');
    }
    expect(changed, 'some came through, some did not').to.be.lessThan(rounds);
    for (const one of [before!, after!])
      expect([...one.filesWith(cli.folder), ...one.filesWith(cli.home)]).to.deep.equal([]);
    await secrets('set dns.token', { stdin: 'dop_v1_done' });
    expect((await secrets('get dns.token')).stdout).to.equal('dop_v1_done\n');
  });

  /** ffops and everything it started. */
  async function killedAfter(ms: number, args: readonly string[], stdin: string): Promise<void> {
    const variables = { FFOPS_CACHE: cacheRoot(process.env), FFOPS_OFFLINE: '1', HOME: cli.home, TMPDIR: cli.home };
    const child = spawn(process.execPath, [join(projectRoot, 'bin/run.js'), ...args], {
      cwd: cli.folder,
      env: { PATH: '/usr/bin:/bin', ...variables },
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    child.stdin.on('error', () => undefined).end(stdin);
    const ended = new Promise((resolve) => child.once('close', resolve));
    await new Promise((resolve) => setTimeout(resolve, ms));
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // It was done already.
    }
    await ended;
  }

  it('of somebody who is not a recipient yet say how to become one', async () => {
    const variables = { SOPS_AGE_KEY_FILE: join(cli.home, 'newcomer.txt') };
    const { exitCode, stderr } = await secrets('init', { variables });
    expect(exitCode).to.equal(3);
    expect(stderr).to.contain('is not in').and.to.contain('secrets recipients add');
  });
});

describe('the store, with the real sops', function () {
  it('gives back any text', async function () {
    await toolOrSkip(this, 'sops');
    const folder = tempFolder();
    try {
      const hands = await sandboxHands(realPorts());
      const ports = realPorts();
      const run = async (tool: string, call: object) =>
        ports.runner.run({ program: await hands.tool(tool as 'sops' as never), args: [], ...call });
      const store = { ...ports, run, variables: {} };
      const root = folder.path;
      const surroundings = {
        kind: 'sandbox',
        podsRun: false,
        root,
        secretsFile: join(root, 'secrets/x.sops.yaml'),
        ageKeyFile: join(root, 'age.txt'),
        variables: {},
        tofuVariables: {},
      } as const;
      const place = placeOf(surroundings, root, 'x');
      await prepareStore(store, place);
      const awkward = [
        'yes',
        '0123',
        '1e3',
        '~',
        'null',
        '2026-01-01',
        '- a',
        '#x',
        "'",
        'ENC[AES256_GCM,data:x]',
        '\u0000',
        '\u2028',
        ' x ',
        '\r\n',
        '🔑',
      ];
      let count = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.dictionary(
            fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/),
            fc.oneof(fc.string({ unit: 'grapheme', minLength: 1 }), fc.constantFrom(...awkward)),
            { minKeys: 1, maxKeys: 8 },
          ),
          async (values) => {
            const entries = Object.entries(values).map(([name, value]) => [`p.${name}`, new Secret(value)] as const);
            count += 1;
            // Made anew and changed in place take different ways through sops.
            if (count % 2 === 0) await store.files.remove(place.secretsFile);
            await openStore(store, place).write(new Map(entries));
            const read = await openStore(store, place).values();
            for (const [name, value] of entries) expect(read.get(name)?.reveal(), name).to.equal(value.reveal());
          },
        ),
        { numRuns: 40 },
      );
    } finally {
      folder.remove();
    }
  });
});
