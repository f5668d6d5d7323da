/**
 * No secret is seen: an environment with real sops files, each value a canary, goes through its life with `--verbose`, against
 * the sandbox's endpoints but without its secrets. Meanwhile every command line of the machine is looked at; afterwards
 * everything that was printed, and every file in the workspace, the home, the temporary folder and the object store.
 */
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { Secret } from '../../src/model/secret.ts';
import { sandboxLayout } from '../../src/sandbox/layout.ts';
import { openSandbox, type OpenSandbox } from '../../src/sandbox/surroundings.ts';
import { placeOf } from '../../src/secrets/place.ts';
import { openStore } from '../../src/secrets/store.ts';
import type { RunTool } from '../../src/tools/call.ts';
import { realSurroundings } from '../../src/usecases/surroundings.ts';
import { found, needlesOf, type Needle } from '../../src/secrets/needles.ts';
import { cacheRoot } from '../../src/toolchain/layout.ts';
import { cliHome, type CliHome, type CliOutcome } from '../support/cli.ts';
import { realPorts, sandboxHands } from '../support/sandbox-workspace.ts';
import { toolchain, toolOrSkip } from '../support/tools.ts';

describe('secrets of a real environment, all its life', function () {
  this.bail(true);
  let cli: CliHome;
  let elsewhere: CliHome;
  let sandbox: OpenSandbox;
  let aimFile: string;
  const printed: string[] = [];
  /** Every value the environment ever had, by a name of its own. */
  const canaries = new Map<string, Secret>();

  before(async function () {
    this.timeout(300_000);
    for (const tool of ['sops', 'age-keygen', 'tofu', 'kubectl', 'helm', 'kube-apiserver', 'versitygw'])
      await toolOrSkip(this.test!.ctx!, tool);
    cli = cliHome('fullfrontend');
    elsewhere = cliHome('fullfrontend');
    mkdirSync(join(cli.home, 'tmp'), { recursive: true });
    sandbox = await openSandbox(await sandboxHands(realPorts()), { workspace: elsewhere.folder, environment: 'prod' });
    aimFile = join(elsewhere.home, 'aim.json');
    mkdirSync(elsewhere.home, { recursive: true });
    const { variables, tofuVariables } = sandbox.surroundings;
    writeFileSync(aimFile, JSON.stringify({ variables, tofuVariables }));
  });
  after(async () => {
    await elsewhere?.run(['sandbox', 'stop'], { variables: { FFOPS_CACHE: cacheRoot(process.env) } });
    elsewhere?.remove();
    cli?.remove();
  });

  const variables = () => ({
    FFOPS_CACHE: cacheRoot(process.env),
    FFOPS_OFFLINE: '1',
    TMPDIR: join(cli.home, 'tmp'),
    NODE_OPTIONS: `--import ${join(import.meta.dirname, '../support/aimed.mjs')}`,
    FFOPS_TEST_AIM: aimFile,
  });

  /** What it prints is kept for the end, except where a value is what was asked for. */
  async function ffops(
    words: string,
    expected: number,
    options: { stdin?: string; secret?: boolean; env?: object } = {},
  ): Promise<CliOutcome> {
    const args = words.split(' ');
    const at = args.indexOf('--');
    const own = ['-e', 'prod', '--verbose'];
    const full = at < 0 ? [...args, ...own] : [...args.slice(0, at), ...own, ...args.slice(at)];
    const outcome = await cli.run(full, {
      variables: { ...variables(), ...options.env },
      ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
    });
    printed.push(outcome.stderr, options.secret === true ? '' : outcome.stdout);
    expect(outcome.exitCode, `ffops ${words}\n${outcome.stdout.slice(-3000)}\n${outcome.stderr.slice(-3000)}`).to.equal(
      expected,
    );
    return outcome;
  }

  async function set(name: string, value: string): Promise<void> {
    await ffops(`secrets set ${name}`, 0, { stdin: value });
  }

  /** Takes every value of the file for a canary. */
  async function learn(round: string): Promise<void> {
    const ports = realPorts();
    const run: RunTool = async (name, call) =>
      ports.runner.run({ program: (await (await toolchain()).resolveTool(name)).path, ...call });
    const at = { variables: { HOME: cli.home } };
    const place = placeOf(realSurroundings(at, { root: cli.folder, name: 'fullfrontend' }, 'prod'), cli.folder, 'prod');
    for (const [name, value] of await openStore({ ...ports, ...at, run }, place).values())
      canaries.set(`${name} ${round}`, value);
  }

  let watch: { stop(): readonly string[] };

  it('begins with values that occur nowhere else', async () => {
    await ffops('secrets init', 0);
    await set('digitalocean.token', sandbox.keys.digitaloceanToken.reveal());
    await set('spaces.accessKey', sandbox.keys.spacesAccessKey.reveal());
    await set('spaces.secretKey', sandbox.keys.spacesSecretKey.reveal());
    await set('dns.token', `dop_v1_${randomBytes(32).toString('hex')}`);
    await learn('at first');
    watch = watchArguments(() => needlesOf(canaries));
  }).timeout(120_000);

  it('is rendered, planned and applied, with a key of its own for the backups', async () => {
    await ffops('render', 0);
    await ffops('env bootstrap', 0);
    const early = await ffops('plan --json', 3);
    expect(early.stdout).to.contain('backups.accessKey').and.to.contain('backups.secretKey');
    await ffops('apply --stack base --yes', 0);
    const { key } = await api<{ key: { access_key: string; secret_key: string } }>('POST', '/v2/spaces/keys', {
      name: 'backups',
      grants: [{ bucket: (await buckets()).find((name) => name.endsWith('backups')), permission: 'readwrite' }],
    });
    await set('backups.accessKey', key.access_key);
    await set('backups.secretKey', key.secret_key);
    await learn('applied');
    await ffops('plan', 0);
    await ffops('plan --json', 0);
    await ffops('apply --yes', 0);
    expect((await ffops('plan --detailed-exitcode --json', 0)).stdout).to.contain('"ok": true');
    await ffops('status', 0);
    await ffops('drift', 0);
  }).timeout(600_000);

  it('is backed up', async () => {
    const backup = {
      apiVersion: 'velero.io/v1',
      kind: 'Backup',
      metadata: { name: 'canary', namespace: 'infra' },
      spec: { includedNamespaces: ['*'], storageLocation: 'default' },
    };
    const file = join(cli.home, 'backup.json');
    writeFileSync(file, JSON.stringify(backup));
    await ffops(`kube -- create -f ${file}`, 0);
    const deadline = Date.now() + 90_000;
    let phase = '';
    while (phase !== 'Completed' && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 2000));
      phase = (
        await ffops('kube -- get backup.velero.io canary -n infra -o jsonpath={.status.phase}', 0)
      ).stdout.trim();
    }
    expect(phase).to.equal('Completed');
  }).timeout(150_000);

  it('rotates: the new value arrives, what reads it restarts once, and nothing else happens', async () => {
    const generation = async () =>
      (await ffops('kube -- get deployment hello -n apps-hello -o jsonpath={.metadata.generation}', 0)).stdout.trim();
    const before = Number(await generation());
    const rotated = await ffops('secrets rotate hello.token --yes --json', 0);
    expect(rotated.json<{ result: object }>().result).to.deep.include({
      outcome: 'rotated',
      stacks: ['app-hello'],
      restarts: ['hello'],
    });
    await learn('rotated');
    const live = await ffops('kube -- get secret hello-token -n apps-hello -o jsonpath={.data.token}', 0, {
      secret: true,
    });
    expect(Buffer.from(live.stdout.trim(), 'base64').toString()).to.equal(
      canaries.get('hello.token rotated')!.reveal(),
    );
    expect(canaries.get('hello.token rotated')!.reveal()).not.to.equal(canaries.get('hello.token at first')!.reveal());
    expect(Number(await generation()) - before, 'one restart').to.equal(1);
    await ffops('plan --detailed-exitcode', 0);
  }).timeout(300_000);

  it('keeps the value before when the new one does not work', async () => {
    const wrong = `dop_v1_${randomBytes(32).toString('hex')}`;
    canaries.set('a wrong token', new Secret(wrong));
    const failed = await ffops('secrets rotate digitalocean.token --yes --json', 1, { stdin: wrong });
    expect(failed.json<{ result: { outcome: string } }>().result.outcome).to.equal('put back');
    const kept = await ffops('secrets get digitalocean.token', 0, { secret: true });
    expect(kept.stdout.trim()).to.equal(sandbox.keys.digitaloceanToken.reveal());
  }).timeout(300_000);

  it('fails to apply, and to decrypt', async () => {
    await api('POST', '/_sandbox/faults', { kind: 'error', status: 500, path: '/v2/**', count: 100_000 });
    await ffops('apply --yes', 1);
    for (const { id } of (await api<{ faults: { id: string }[] }>('GET', '/_sandbox/faults')).faults)
      await api('DELETE', `/_sandbox/faults/${id}`);
    const stranger = join(cli.home, 'stranger.txt');
    writeFileSync(stranger, `# none\nAGE-SECRET-KEY-${'Q'.repeat(59)}\n`);
    const refused = await ffops('plan', 3, { env: { SOPS_AGE_KEY_FILE: stranger } });
    expect(refused.stderr).to.contain('age identity');
  }).timeout(400_000);

  it('is destroyed', async () => {
    await ffops('destroy --yes', 0);
  }).timeout(400_000);

  it('leaves no trace of any value', () => {
    const needles = needlesOf(canaries);
    expect(canaries.size).to.be.greaterThan(12);
    expect(watch.stop(), 'command lines').to.deep.equal([]);
    expect(
      found(needles, printed.join('\n')).map(({ name, form }) => `${name} ${form}`),
      'printed',
    ).to.deep.equal([]);
    const { objects } = sandboxLayout(elsewhere.folder);
    for (const folder of [cli.folder, cli.home, objects]) {
      const seen = filesBelow(folder).flatMap((path) =>
        found(needles, readFileSync(path, 'latin1')).map(({ name, form }) => `${path}: ${name} ${form}`),
      );
      expect(seen, folder).to.deep.equal([]);
    }
    expect(readdirSync(join(cli.home, 'tmp')), 'nothing is left in the temporary folder').to.deep.equal([]);
  }).timeout(120_000);

  async function api<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${String(sandbox.surroundings.variables['DIGITALOCEAN_API_URL'])}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${sandbox.keys.digitaloceanToken.reveal()}`,
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  async function buckets(): Promise<readonly string[]> {
    const { items } = await api<{ items: { kind: string; name: string }[] }>('GET', '/_sandbox/inventory');
    return items.filter(({ kind }) => kind === 'bucket').map(({ name }) => name);
  }
});

describe('the watch over command lines', () => {
  it('sees a value that is an argument', async function () {
    if (process.platform !== 'linux') return this.skip();
    const value = `canary-${randomBytes(12).toString('hex')}`;
    const watch = watchArguments(() => needlesOf(new Map([['x', new Secret(value)]])));
    const child = spawn('sleep', ['0.5', '0', value], { stdio: 'ignore' });
    await new Promise((resolve) => child.once('close', resolve));
    const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 300)', value], { stdio: 'ignore' });
    await new Promise((resolve) => other.once('close', resolve));
    expect(watch.stop().join()).to.contain('x as it is');
  });
});

const EVERY_MS = 5;

/** Looks at each command line once: there are many of them, and they do not change. */
function watchArguments(needles: () => readonly Needle[]): { stop(): readonly string[] } {
  const lines = new Set<string>();
  const timer = setInterval(() => {
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      try {
        lines.add(readFileSync(`/proc/${name}/cmdline`, 'latin1'));
      } catch {
        // It ended meanwhile.
      }
    }
  }, EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return [...lines].flatMap((line) => found(needles(), line).map(({ name, form }) => `${name} ${form}`));
    },
  };
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
