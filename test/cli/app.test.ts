/** Apps at the command line: with flags, and at a real terminal. */
import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliHome, type CliHome } from '../support/cli.ts';
import { KEYS, whyNoTerminal, type TerminalSession } from '../support/terminal.ts';

const BEFORE = `# Ours.
platform: local
rootDomain: shop.kube # at home

cluster:
    context: docker-desktop

apps: {} # none yet

# Nothing is measured here.
metrics:
    enabled: false
`;
const AFTER = BEFORE.replace('apps: {} # none yet\n', 'apps: # none yet\n    hello:\n        storage: 5Gi\n');

describe('ffops app', function () {
  this.timeout(60_000);
  let cli: CliHome;
  beforeEach(() => {
    cli = cliHome('fullfrontend');
    writeFileSync(file(), BEFORE);
  });
  afterEach(() => cli.remove());

  const file = (): string => join(cli.folder, 'environments/dev.yaml');
  const text = (): string => readFileSync(file(), 'utf8');
  const everything = (): ReadonlyMap<string, string> =>
    new Map(
      [cli.folder, cli.home].filter(existsSync).flatMap((folder) =>
        readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
          .map((path): [string, string] => [path, readFileSync(path, 'latin1')]),
      ),
    );

  it('adds with flags and removes again, and leaves the rest of the file as it was', async () => {
    const added = await cli.within(['app', 'add', 'hello', '-e', 'dev', '--set', 'storage=5Gi', '--json']);
    expect(added.stderr).to.equal('');
    const { result } = added.json<{ result: { written: boolean; difference: { added: Record<string, unknown[]> } } }>();
    expect(result.written).to.equal(true);
    expect(result.difference.added['hosts']).to.deep.equal([
      { name: 'hello.shop.kube', purpose: 'the page, and its files below /files/' },
    ]);
    expect(result.difference.added['volumes']).to.deep.equal([
      { name: 'hello-files', namespace: 'apps-hello', size: '5Gi' },
    ]);
    expect(text()).to.equal(AFTER);
    expect(readFileSync(join(cli.folder, '.ffops/dev/stacks/app-hello/main.tf'), 'utf8')).to.include('helm_release');
    expect(existsSync(join(cli.folder, 'ffops.lock.yaml')), 'nothing was applied').to.equal(false);

    const list = await cli.within(['app', 'list', '-e', 'dev', '--json']);
    const hello = list
      .json<{ result: { apps: Record<string, unknown>[] } }>()
      .result.apps.find(({ id }) => id === 'hello');
    expect(hello).to.include({ added: true, upgrade: false }).and.not.have.property('installed');
    expect(hello?.['costs']).to.deep.equal({ memoryMi: 16, diskGi: 5 });

    const removed = await cli.within(['app', 'remove', 'hello', '-e', 'dev', '--json']);
    const { kept } = removed.json<{ result: { kept: { kind: string; deletedBy: string }[] } }>().result;
    expect(kept[0]).to.deep.equal({
      kind: 'volume',
      name: 'hello-files',
      deletedBy: 'ffops destroy -e dev --stack app-hello --allow-data-loss hello-files',
    });
    expect(text().replace('apps: {} # none yet', 'apps: # none yet')).to.equal(
      BEFORE.replace('apps: {} # none yet', 'apps: # none yet'),
    );
  });

  it('keeps a bucket as the environment’s own, and gives it back to the app that returns', async () => {
    const prod = join(cli.folder, 'environments/prod.yaml');
    const first =
      'platform: doks\nrootDomain: shop.be\ntls: { email: ops@shop.be }\nobjectStorage:\n  buckets:\n    - ours # by hand\napps:\n  twenty: { files: s3 }\n';
    const without = first
      .replace('# by hand\n', '# by hand\n    - fullfrontend-prod-twenty\n')
      .replace('apps:\n  twenty: { files: s3 }\n', 'apps: {}\n');
    writeFileSync(prod, first);
    const base = (): readonly string[] =>
      readFileSync(join(cli.folder, '.ffops/prod/stacks/base/main.tf'), 'utf8')
        .split('\n')
        .filter((line) => !line.startsWith('#'))
        .sort();
    expect((await cli.within(['render', '-e', 'prod'])).exitCode).to.equal(0);
    const before = base();
    expect(before.join('\n')).to.include('"fullfrontend-prod-twenty"');

    const { exitCode, stdout } = await cli.within(['app', 'remove', 'twenty', '-e', 'prod']);
    expect([exitCode, stdout]).to.deep.equal([0, stdout]);
    expect(stdout.replace(/\s+/g, ' ')).to.include(
      '= bucket fullfrontend-prod-twenty Empty it, and take it out of `objectStorage.buckets`. ffops apply -e prod --stack base --allow-data-loss fullfrontend-prod-twenty',
    );
    expect(readFileSync(prod, 'utf8')).to.equal(without);
    expect(base(), 'the next plan of base is empty').to.deep.equal(before);

    const again = await cli.within(['app', 'add', 'twenty', '-e', 'prod', '--set', 'files=s3', '--json']);
    expect(again.exitCode, again.stderr).to.equal(0);
    expect(base(), 'it is there once').to.deep.equal(before);
  });

  it('says of each thing that stays how it is deleted', async () => {
    const prod = join(cli.folder, 'environments/prod.yaml');
    writeFileSync(
      prod,
      'platform: doks\nrootDomain: shop.be\ntls: { email: ops@shop.be }\napps: { twenty: {}, n8n: {}, wordpress: {} }\n',
    );
    const { exitCode, stdout } = await cli.within(['app', 'remove', 'twenty', '-e', 'prod', '--dry-run']);
    expect([exitCode, stdout]).to.deep.equal([0, stdout]);
    expect(stdout).to.include('ffops kube -e prod -- exec --namespace data postgres-0 -- dropdb');
    expect(stdout).to.include('twenty.encryptionKey');
    expect(stdout, 'what stays does not go').to.not.match(/^ +- (volume|database|secret)/m);
    expect(stdout).to.match(/^ +- host +twenty\.shop\.be/m);

    const { kept } = (await cli.within(['app', 'remove', 'wordpress', '-e', 'prod', '--dry-run', '--json'])).json<{
      result: { kept: { kind: string; name: string; deletedBy: string }[] };
    }>().result;
    expect(
      kept.filter(({ kind }) => kind !== 'secret'),
      'nobody else needs MariaDB, and Postgres is beside it',
    ).to.deep.equal([
      {
        kind: 'volume',
        name: 'mariadb-data',
        deletedBy: 'ffops kube -e prod -- delete persistentvolumeclaim mariadb-data --namespace data',
      },
      {
        kind: 'volume',
        name: 'wordpress-content',
        deletedBy: 'ffops destroy -e prod --stack app-wordpress --allow-data-loss wordpress',
      },
    ]);
  });

  it('writes nothing with --dry-run', async () => {
    const before = everything();
    const { exitCode, stdout } = await cli.within(['app', 'add', 'hello', '-e', 'dev', '--dry-run']);
    expect(exitCode).to.equal(0);
    expect(stdout).to.include('+  hello: {}'.replace('+  ', '+    ')).and.include('hello.shop.kube');
    expect(everything()).to.deep.equal(before);
  });

  describe('upgrade', () => {
    const OLD = 'docker.io/n8nio/n8n:2.38.1';
    const applied = (app: string, version: string): void =>
      writeFileSync(
        join(cli.folder, 'ffops.lock.yaml'),
        `apps:\n  dev:\n    ${app}:\n      version: ${version}\n      charts: {}\n`,
      );
    const withApps = (apps: string): void => writeFileSync(file(), BEFORE.replace('apps: {} # none yet\n', apps));

    it('takes an image out that kept an app back, and tells what it means', async () => {
      applied('n8n', '2.38.1');
      withApps(`apps:\n    n8n:\n        image: ${OLD} # until the webhooks are moved\n        workers: 1\n`);
      const list = await cli.within(['app', 'list', '-e', 'dev', '--json']);
      const { apps } = list.json<{ result: { apps: Record<string, unknown>[] } }>().result;
      const n8n = apps.find(({ id }) => id === 'n8n');
      expect(n8n).to.include({ installed: '2.38.1', chosen: '2.38.1', upgrade: true });
      await cli.within(['render', '-e', 'dev']);
      const values = (): string => readFileSync(join(cli.folder, '.ffops/dev/stacks/app-n8n/values/n8n.yaml'), 'utf8');
      expect(values()).to.include(OLD).and.include('docker.io/n8nio/runners:2.38.1');

      const dry = everything();
      const shown = await cli.within(['app', 'upgrade', 'n8n', '-e', 'dev', '--dry-run']);
      expect(shown.stdout)
        .to.include(`2.38.1 → ${String(n8n?.['version'])}`)
        .and.include('github.com/n8n-io/n8n/releases');
      expect(shown.stdout).to.include('Nothing was written');
      expect(everything()).to.deep.equal(dry);

      const { exitCode, stdout } = await cli.within(['app', 'upgrade', '-e', 'dev']);
      expect([exitCode, stdout]).to.deep.equal([0, stdout]);
      expect(stdout).to.include('ffops plan -e dev --stack app-n8n');
      expect(text()).to.equal(BEFORE.replace('apps: {} # none yet\n', 'apps:\n    n8n:\n        workers: 1\n'));
      expect(values())
        .to.include(`docker.io/n8nio/n8n:${String(n8n?.['version'])}`)
        .and.not.include('2.38.1');
    });

    it('has nothing to do where all is new, and refuses an app that is not there', async () => {
      const none = await cli.within(['app', 'upgrade', '-e', 'dev']);
      expect([none.exitCode, none.stdout.trim()]).to.deep.equal([0, '✓ There is nothing newer than what dev has.']);
      expect((await cli.within(['app', 'upgrade', 'hello', '-e', 'dev'])).exitCode).to.equal(3);
    });

    it('refuses to skip a version, as plan and apply do before they ask for any tool', async () => {
      applied('twenty', '1.20.0');
      withApps('apps:\n    twenty: {}\n');
      const before = everything();
      for (const words of [['app', 'upgrade'], ['app', 'upgrade', 'twenty'], ['plan'], ['apply', '--yes']]) {
        const { exitCode, stderr } = await cli.within([...words, '-e', 'dev']);
        expect(exitCode).to.equal(3);
        expect(stderr)
          .to.include('environments/dev.yaml:9:5')
          .and.match(/1\.20\.0 → 1\.23\.0 → \d/);
      }
      expect(everything()).to.deep.equal(before);
    });
  });

  for (const [words, says] of [
    [['app', 'add', 'helo'], 'Did you mean `hello`?'],
    [['app', 'add', 'traefik'], 'ffops installs it when the environment needs it'],
    [['app', 'add'], 'Which app?'],
    [['app', 'add', 'hello', '--set', 'stroage=5Gi'], 'Did you mean `storage`?'],
    [['app', 'add', 'hello', '--set', 'storage=5Gx'], 'must be a size such as 10Gi'],
    [['app', 'add', 'hello', '--set', 'storage'], '--set option=value'],
    [['app', 'remove', 'hello'], '`hello` is not in environments/dev.yaml'],
    [['app', 'add', 'hello', '-e', 'prod'], '`hello` is in environments/prod.yaml already'],
  ] as const) {
    it(`refuses: ${words.join(' ')}`, async () => {
      const { exitCode, stderr } = await cli.within([
        ...words,
        ...((words as readonly string[]).includes('-e') ? [] : ['-e', 'dev']),
      ]);
      expect(exitCode).to.equal(3);
      expect(stderr.replace(/\s+/g, ' ')).to.include(says);
      expect(text()).to.equal(BEFORE);
    });
  }

  describe('at a terminal', function () {
    before(function () {
      const why = whyNoTerminal();
      if (why === undefined) return;
      (this.test as { title: string }).title += ` (${why})`;
      this.skip();
    });

    /** What is waited for, and what is typed then. */
    const steps: readonly (readonly [string, string])[] = [
      ['Which app?', 'hello'],
      // The list is narrowed down before anything can be chosen from it.
      ['Which app? hello', KEYS.enter],
      ['greeting', KEYS.enter],
      ['storage', `5Gi${KEYS.enter}`],
      ['Write environments/dev.yaml?', KEYS.enter],
    ];
    const open = (): TerminalSession => cli.atTerminal(['app', 'add', '-e', 'dev']);
    const answer = async (session: TerminalSession, count: number): Promise<void> => {
      for (const [question, keys] of steps.slice(0, count)) {
        await session.waitFor(question);
        session.type(keys);
      }
    };

    it('asks what matters, shows what would come, and writes', async () => {
      const session = open();
      await answer(session, steps.length);
      expect(await session.exitCode, session.shown()).to.equal(0);
      const before = session.shown().slice(0, session.shown().indexOf('Write environments/dev.yaml?'));
      for (const shown of [
        'hello.shop.kube',
        'hello-files',
        'hello.token',
        '16 MiB memory, 5 GiB disk',
        'apps: # none yet',
      ])
        expect(before).to.include(shown);
      expect(session.shown()).to.include('ffops plan -e dev');
      expect(text()).to.equal(AFTER);
    });

    for (const [index, [question]] of steps.entries()) {
      it(`leaves every file as it was on Ctrl-C at “${question}”`, async () => {
        const before = everything();
        const session = open();
        await answer(session, index);
        await session.waitFor(question);
        session.type(KEYS.ctrlC);
        expect(await session.exitCode, session.shown()).to.equal(130);
        expect(everything()).to.deep.equal(before);
      });
    }

    it('writes nothing when the answer is no', async () => {
      const before = everything();
      const session = open();
      await answer(session, steps.length - 1);
      await session.waitFor('Write environments/dev.yaml?');
      session.type(`n${KEYS.enter}`);
      expect(await session.exitCode, session.shown()).to.equal(6);
      expect(everything()).to.deep.equal(before);
    });
  });
});
