/** Where state is kept, from the command line, in the sandbox: a bucket that can be locked, and moves that lose nothing. */
import { expect } from 'chai';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { StateMoveResult } from '../../src/usecases/state-move.ts';
import { cacheRoot } from '../../src/toolchain/layout.ts';
import { cliHome, type CliHome, type CliOutcome } from '../support/cli.ts';

const ENVIRONMENT = `platform: doks
rootDomain: example.com
cluster:
  name: shop
  region: ams3
  systemPool: { size: s-2vcpu-4gb, count: 1 }
tls: { issuer: none }
apps: {}
`;

describe('the state of an environment', function () {
  this.timeout(240_000);
  let cli: CliHome;
  before(async () => {
    cli = cliHome();
    writeFileSync(join(cli.folder, 'ffops.yaml'), 'name: shop\n');
    write('spaces');
    await ffops('sandbox', 'start');
  });
  after(async () => {
    await ffops('sandbox', 'stop');
    cli.remove();
  });

  function write(backend: 'spaces' | 'local'): void {
    const file = join(cli.folder, 'environments/prod.yaml');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${ENVIRONMENT}state: { backend: ${backend} }\n`);
  }

  function ffops(...words: readonly string[]): Promise<CliOutcome> {
    const variables = { FFOPS_CACHE: cacheRoot(process.env), FFOPS_OFFLINE: undefined };
    return cli.run(words, { variables });
  }

  async function done(...words: readonly string[]): Promise<CliOutcome> {
    const outcome = await ffops('-e', 'prod', '--sandbox', ...words);
    expect(outcome.exitCode, `${words.join(' ')}: ${outcome.stdout}${outcome.stderr}`).to.equal(0);
    return outcome;
  }

  async function move(): Promise<StateMoveResult['stacks'][number]> {
    const { result } = (await done('state', 'move', '--stack', 'base', '--json')).json<{ result: StateMoveResult }>();
    return result.stacks[0]!;
  }

  const localState = () => join(cli.folder, '.ffops/sandbox/prod/state/base.tfstate');

  it('has a private bucket that keeps versions and that two people cannot lock at once', async () => {
    const first = (await done('env', 'bootstrap', '--json')).json<{ result: object }>().result;
    expect(first).to.deep.equal({
      environment: 'prod',
      state: 'bucket',
      bucket: 'shop-prod-state',
      created: true,
      versioned: true,
      locks: true,
    });
    const second = (await done('env', 'bootstrap', '--json')).json<{ result: object }>().result;
    expect(second).to.deep.include({ created: false, versioned: true });
  });

  it('is read by people and scripts', async () => {
    await done('apply', '--stack', 'base', '-y');
    expect((await done('output', 'domain')).stdout).to.equal('example.com\n');
    const all = (await done('output', '--json')).json<{ result: { outputs: { name: string }[] } }>().result.outputs;
    expect(all.map(({ name }) => name)).to.include.members(['domain', 'project_id']);
    const unknown = await ffops('output', 'nothing', '-e', 'prod', '--sandbox');
    expect(unknown.exitCode).to.equal(3);
  });

  it('is reached by tofu’s own commands, with tofu’s own exit codes', async () => {
    expect((await done('tofu', 'base', '--', 'state', 'list')).stdout).to.contain('digitalocean_domain.root');
    const changes = await ffops(
      'tofu',
      'base',
      '-e',
      'prod',
      '--sandbox',
      '--',
      'plan',
      '-detailed-exitcode',
      '-destroy',
      '-no-color',
    );
    expect(changes.exitCode, changes.stderr).to.equal(2);
    expect((await ffops('tofu', 'nothing', '-e', 'prod', '--sandbox', '--', 'version')).exitCode).to.equal(3);
  });

  it('moves to this machine, encrypted, and nothing changes', async () => {
    write('local');
    const moved = await move();
    expect(moved).to.include({ outcome: 'moved', from: 'shop-prod-state/prod/base.tfstate' });
    expect(moved.resources).to.be.above(1);
    const text = readFileSync(localState(), 'utf8');
    expect(text).to.contain('"encrypted_data"').and.not.to.contain('example.com');
    await done('plan', '--stack', 'base', '--detailed-exitcode');
    expect(await move()).to.include({ outcome: 'in place' });
  });

  it('moves back over the older copy, and the file is put aside', async () => {
    write('spaces');
    expect(await move()).to.include({ outcome: 'moved', to: 'shop-prod-state/prod/base.tfstate' });
    expect(existsSync(localState())).to.equal(false);
    expect(existsSync(`${localState()}.moved`)).to.equal(true);
    await done('plan', '--stack', 'base', '--detailed-exitcode');
  });
});
