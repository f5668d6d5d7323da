/**
 * No secret is seen: an environment with real sops files, each value a canary, goes through its life with `--verbose`, against
 * the sandbox's endpoints but without its secrets. Meanwhile the arguments and variables of every process are looked at; afterwards
 * everything that was printed, and every file in the workspace, the home, the temporary folder and the object store.
 */
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Secret } from '../../src/model/secret.ts';
import { sandboxLayout } from '../../src/sandbox/layout.ts';
import { openSandbox, type OpenSandbox } from '../../src/sandbox/surroundings.ts';
import { placeOf } from '../../src/secrets/place.ts';
import { openStore } from '../../src/secrets/store.ts';
import type { RunTool } from '../../src/tools/call.ts';
import { realSurroundings } from '../../src/usecases/surroundings.ts';
import { needlesOf, type Needle } from '../../src/secrets/needles.ts';
import { cacheRoot } from '../../src/toolchain/layout.ts';
import { cliHome, type CliHome, type CliOutcome } from '../support/cli.ts';
import { realPorts, sandboxHands } from '../support/sandbox-workspace.ts';
import { toolchain, toolOrSkip } from '../support/tools.ts';

/** Small, and with every kind of secret: given, generated, derived, a certificate, and a database's. */
const ENVIRONMENT = `platform: doks
rootDomain: example.com
cluster:
  region: ams3
  version: "1.35"
  systemPool: { size: s-2vcpu-4gb, count: 1 }
  nodePools: []
ingress: { waf: off, replicas: 1 }
tls: { issuer: none }
mail:
  dkim: [{ selector: mail }]
  smtp: { host: smtp.example.com, user: apps, from: apps@example.com }
metrics: { enabled: false }
apps:
  n8n: {}
`;
/** What every encoding writes in another way. */
const AWKWARD = 'canary-5b1e "q\'uoted" \\ é+/=&<>$x {{y}} ${z}';

/** Everything that any program has as a variable; providers have what tofu has, which starts them. */
const VARIABLES = [
  'doctl DIGITALOCEAN_ACCESS_TOKEN digitalocean.token',
  'rclone RCLONE_CONFIG_BUCKET_ACCESS_KEY_ID backups.accessKey',
  'rclone RCLONE_CONFIG_BUCKET_SECRET_ACCESS_KEY backups.secretKey',
  'terraform-provider-digitalocean AWS_ACCESS_KEY_ID spaces.accessKey',
  'terraform-provider-digitalocean AWS_SECRET_ACCESS_KEY spaces.secretKey',
  'terraform-provider-digitalocean DIGITALOCEAN_TOKEN digitalocean.token',
  'terraform-provider-digitalocean SPACES_ACCESS_KEY_ID spaces.accessKey',
  'terraform-provider-digitalocean SPACES_SECRET_ACCESS_KEY spaces.secretKey',
  'terraform-provider-digitalocean TF_ENCRYPTION state.passphrase',
  'terraform-provider-helm AWS_ACCESS_KEY_ID spaces.accessKey',
  'terraform-provider-helm AWS_SECRET_ACCESS_KEY spaces.secretKey',
  'terraform-provider-helm TF_ENCRYPTION state.passphrase',
  'tofu AWS_ACCESS_KEY_ID spaces.accessKey',
  'tofu AWS_SECRET_ACCESS_KEY spaces.secretKey',
  'tofu DIGITALOCEAN_TOKEN digitalocean.token',
  'tofu SPACES_ACCESS_KEY_ID spaces.accessKey',
  'tofu SPACES_SECRET_ACCESS_KEY spaces.secretKey',
  'tofu TF_ENCRYPTION state.passphrase',
];

describe('secrets of a real environment, all its life', function () {
  this.bail(true);
  let cli: CliHome;
  let elsewhere: CliHome;
  let sandbox: OpenSandbox;
  let aimFile: string;
  const printed: string[] = [];
  /** Every value the environment ever had, by a name of its own. */
  const canaries = new Map<string, Secret>();
  let watch: ReturnType<typeof watchProcesses>;

  before(async function () {
    this.timeout(300_000);
    for (const tool of [
      'sops',
      'age-keygen',
      'tofu',
      'kubectl',
      'helm',
      'kube-apiserver',
      'versitygw',
      'velero-server',
    ])
      await toolOrSkip(this.test!.ctx!, tool);
    cli = cliHome('fullfrontend');
    elsewhere = cliHome('fullfrontend');
    writeFileSync(environmentFile(), ENVIRONMENT);
    mkdirSync(join(cli.home, 'tmp'), { recursive: true });
    await vendorCharts();
    sandbox = await openSandbox(await sandboxHands(realPorts()), { workspace: elsewhere.folder, environment: 'prod' });
    aimFile = join(elsewhere.home, 'aim.json');
    mkdirSync(elsewhere.home, { recursive: true });
    const { variables, tofuVariables, storageUrl } = sandbox.surroundings;
    writeFileSync(aimFile, JSON.stringify({ variables, tofuVariables, storageUrl }));
  });
  after(async () => {
    await elsewhere?.run(['sandbox', 'stop'], { variables: { FFOPS_CACHE: cacheRoot(process.env) } });
    elsewhere?.remove();
    cli?.remove();
  });

  /** No chart repository is reached from here: the archives that are packed from the charts' source stand in. */
  async function vendorCharts(): Promise<void> {
    const tools = await toolchain();
    mkdirSync(join(cli.folder, 'vendor/charts'), { recursive: true });
    for (const [name, { version }] of Object.entries(tools.chartPins))
      copyFileSync((await tools.chartArchive(name)).path, join(cli.folder, 'vendor/charts', `${name}-${version}.tgz`));
  }

  const environmentFile = (): string => join(cli.folder, 'environments', 'prod.yaml');
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

  const kube = async (words: string, options: { secret?: boolean } = {}): Promise<string> =>
    (await ffops(`kube -- ${words}`, 0, options)).stdout.trim();

  /** Takes every value of the file for a canary, what is computed from them, and the private keys inside. */
  async function learn(round: string): Promise<void> {
    const ports = realPorts();
    const run: RunTool = async (name, call) =>
      ports.runner.run({ program: (await (await toolchain()).resolveTool(name)).path, ...call });
    const at = { variables: { HOME: cli.home } };
    const place = placeOf(realSurroundings(at, { root: cli.folder, name: 'fullfrontend' }, 'prod'), cli.folder, 'prod');
    for (const [name, value] of await openStore({ ...ports, ...at, run }, place).values()) {
      canaries.set(`${name} ${round}`, value);
      for (const [index, key] of privateKeys(value.reveal()).entries())
        canaries.set(`${name} key ${index} ${round}`, new Secret(key));
    }
    const login = await ffops('secrets get n8n.ownerLogin', 0, { secret: true });
    canaries.set(`n8n.ownerLogin ${round}`, new Secret(login.stdout.trim().replace(/^[^:]*:/, '')));
  }

  it('begins with values that occur nowhere else', async () => {
    watch = watchProcesses();
    await ffops('secrets init', 0);
    const given = {
      'digitalocean.token': sandbox.keys.digitaloceanToken.reveal(),
      'spaces.accessKey': sandbox.keys.spacesAccessKey.reveal(),
      'spaces.secretKey': sandbox.keys.spacesSecretKey.reveal(),
      'dns.token': `dop_v1_${randomBytes(32).toString('hex')}`,
      'mail.smtpPassword': AWKWARD,
    };
    for (const [name, value] of Object.entries(given)) await set(name, value);
    await learn('at first');
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
    await ffops('apply --yes', 0);
    expect((await ffops('plan --detailed-exitcode --json', 0)).stdout).to.contain('"ok": true');
    await ffops('status', 0);
    await ffops('drift', 0);
  }).timeout(600_000);

  it('is backed up, as people do it, and whole', async () => {
    // Its namespace alone: of a database, a pod would have to run. Where Velero has yet to learn which kinds the apply brought,
    // this takes five minutes more.
    await ffops('backup create apps-n8n', 0);
    await ffops('backup list', 0);
    const backup = {
      apiVersion: 'velero.io/v1',
      kind: 'Backup',
      metadata: { name: 'canary', namespace: 'infra' },
      spec: { includedNamespaces: ['*'], storageLocation: 'default' },
    };
    const file = join(cli.home, 'backup.json');
    writeFileSync(file, JSON.stringify(backup));
    await kube(`create -f ${file}`);
    await eventually('Completed', () => kube('get backup.velero.io canary -n infra -o jsonpath={.status.phase}'));
  }).timeout(600_000);

  const generation = async (): Promise<number> =>
    Number(await kube('get deployment n8n-server -n apps-n8n -o jsonpath={.metadata.generation}'));
  const live = async (): Promise<string> =>
    Buffer.from(
      await kube('get secret n8n-database -n apps-n8n -o jsonpath={.data.password}', { secret: true }),
      'base64',
    ).toString();
  const kept = async (name: string): Promise<string> =>
    (await ffops(`secrets get ${name}`, 0, { secret: true })).stdout.trim();

  it('rotates: the new value arrives, what reads it restarts once, and nothing else happens', async () => {
    const [before, old] = [await generation(), await live()];
    const rotated = await ffops('secrets rotate n8n.databasePassword --yes --json', 0);
    expect(rotated.json<{ result: object }>().result).to.deep.include({
      outcome: 'rotated',
      stacks: ['app-n8n'],
      restarts: ['n8n'],
    });
    await learn('rotated');
    expect(await live())
      .to.equal(await kept('n8n.databasePassword'))
      .and.not.to.equal(old);
    expect((await generation()) - before, 'one restart').to.equal(1);
    await ffops('plan --detailed-exitcode', 0);
  }).timeout(300_000);

  it('keeps the value before when the new one is refused by the cloud, or by what should restart with it', async () => {
    const wrong = `dop_v1_${randomBytes(32).toString('hex')}`;
    canaries.set('digitalocean.token refused', new Secret(wrong));
    const refused = await ffops('secrets rotate digitalocean.token --yes --json', 1, { stdin: wrong });
    expect(refused.json<{ result: { outcome: string } }>().result.outcome).to.equal('put back');
    expect(await kept('digitalocean.token')).to.equal(sandbox.keys.digitaloceanToken.reveal());

    const [before, old] = [await generation(), await live()];
    await hold();
    const failed = await ffops('secrets rotate n8n.databasePassword --yes --json', 1);
    expect(failed.json<{ result: { outcome: string } }>().result.outcome).to.equal('put back');
    expect([await live(), await kept('n8n.databasePassword'), await generation()]).to.deep.equal([old, old, before]);
  }).timeout(300_000);

  it('fails to apply, and to decrypt', async () => {
    const text = readFileSync(environmentFile(), 'utf8');
    writeFileSync(environmentFile(), text.replace('n8n: {}', 'n8n: { timezone: Europe/Paris }'));
    expect((await ffops('apply --yes', 1)).stderr).to.contain('the canary holds it');
    await release();
    writeFileSync(environmentFile(), text);
    const stranger = join(cli.home, 'stranger.txt');
    writeFileSync(stranger, `# none\nAGE-SECRET-KEY-${'Q'.repeat(59)}\n`);
    const refused = await ffops('plan', 3, { env: { SOPS_AGE_KEY_FILE: stranger } });
    expect(refused.stderr).to.contain('age identity');
  }).timeout(400_000);

  it('is destroyed', async () => {
    await ffops('destroy --yes', 0);
  }).timeout(400_000);

  it('leaves no trace of any value', () => {
    const tell = teller(everyForm(canaries));
    expect(canaries.size).to.be.greaterThan(25);
    const { commandLines, variables: seen } = watch.stop(tell);
    const { objects } = sandboxLayout(elsewhere.folder);
    const files = [cli.folder, cli.home, objects].flatMap(filesBelow);
    expect({
      commandLines,
      printed: tell(printed.join('\n')),
      files: files.flatMap((path) =>
        layers(readFileSync(path)).flatMap((text) => tell(text).map((leak) => `${path}: ${leak}`)),
      ),
      // Node keeps what it compiled of ffops there.
      temporary: readdirSync(join(cli.home, 'tmp')).filter((name) => name !== 'node-compile-cache'),
    }).to.deep.equal({ commandLines: [], printed: [], files: [], temporary: [] });
    expect(seen, 'who has what as a variable').to.deep.equal(VARIABLES);
    expect(files.some((path) => path.startsWith(objects) && path.includes('/canary/'))).to.equal(true);
  }).timeout(120_000);

  /** From here on the API server lets nobody change the app. */
  async function hold(): Promise<void> {
    const file = join(cli.home, 'hold.json');
    writeFileSync(file, JSON.stringify(holding));
    await kube(`apply -f ${file}`);
    await eventually('held', async () => {
      const words = 'kube -e prod -- -n apps-n8n annotate deployment n8n-server canary=held --dry-run=server'.split(
        ' ',
      );
      const { stderr } = await cli.run(words, { variables: variables() });
      return stderr.includes('the canary holds it') ? 'held' : 'not yet';
    });
  }

  async function release(): Promise<void> {
    await kube(`delete -f ${join(cli.home, 'hold.json')}`);
  }

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

describe('the watch over processes', () => {
  it('sees a value that is an argument, and one that is a variable', async function () {
    if (process.platform !== 'linux') return this.skip();
    const [argument, variable] = ['argument', 'variable'].map((what) => `${what}-${randomBytes(12).toString('hex')}`);
    const watch = watchProcesses();
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 300)', argument!], {
      stdio: 'ignore',
      env: { CANARY: variable },
    });
    await new Promise((resolve) => child.once('close', resolve));
    const needles = needlesOf(
      new Map([
        ['x', new Secret(argument!)],
        ['y', new Secret(variable!)],
      ]),
    );
    const seen = watch.stop(teller(needles));
    expect(seen.commandLines).to.deep.equal(['x']);
    expect(seen.variables).to.deep.equal([`${basename(process.execPath)} CANARY y`]);
  });

  it('looks into what was packed', () => {
    const packed = gzipSync('a canary');
    const release = Buffer.from(packed.toString('base64')).toString('base64');
    const seen = layers(gzipSync(`{"data":{"release":"${release}"}}`));
    const tell = teller([
      { name: 'x', text: 'a canary' },
      { name: 'y', text: 'a cat' },
    ]);
    expect(seen.flatMap(tell)).to.deep.equal(['x']);
  });

  it('finds what a text begins and ends with, and what overlaps', () => {
    const tell = teller(['abcd', 'bcde', 'wxyz', 'zzz'].map((text) => ({ name: text, text })));
    expect(tell('abcde, wxy, wxyz')).to.deep.equal(['abcd', 'bcde', 'wxyz']);
  });
});

const holding = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: 'canary' },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'apps-n8n' } },
          resourceRules: [
            { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['deployments'] },
          ],
        },
        validations: [{ expression: 'false', message: 'the canary holds it' }],
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: 'canary' },
      spec: { policyName: 'canary', validationActions: ['Deny'] },
    },
  ],
};

/** What `needlesOf` knows, and hexadecimal; as text, and as its bytes read one by one. */
function everyForm(values: ReadonlyMap<string, Secret>): readonly Pick<Needle, 'name' | 'text'>[] {
  const hex = [...values].map(([name, value]) => ({
    name: `${name} in hex`,
    text: Buffer.from(value.reveal()).toString('hex'),
  }));
  const all = [...needlesOf(values).map(({ name, form, text }) => ({ name: `${name} ${form}`, text })), ...hex];
  return all.flatMap(({ name, text }) =>
    [...new Set([text, Buffer.from(text).toString('latin1')])].map((one) => ({ name, text: one })),
  );
}

type Tell = (text: string) => readonly string[];

/** Names of what is in a text: all are looked for in one pass, as there are hundreds, and a hundred megabytes to read. */
function teller(needles: readonly Pick<Needle, 'name' | 'text'>[]): Tell {
  const keyAt = (text: string, at: number): number =>
    ((text.charCodeAt(at) & 255) << 16) | ((text.charCodeAt(at + 1) & 255) << 8) | (text.charCodeAt(at + 2) & 255);
  /** By their first three characters. */
  const begins = new Uint8Array(2 ** 24);
  const beginning = new Map<number, Pick<Needle, 'name' | 'text'>[]>();
  for (const needle of needles) {
    const key = keyAt(needle.text, 0);
    begins[key] = 1;
    beginning.set(key, [...(beginning.get(key) ?? []), needle]);
  }
  return (text) => {
    const found = new Set<string>();
    for (let at = 0; at + 3 <= text.length; at++) {
      const key = keyAt(text, at);
      if (begins[key] === 0) continue;
      for (const needle of beginning.get(key)!) if (text.startsWith(needle.text, at)) found.add(needle.name);
    }
    return [...found];
  };
}

/** The second line of each: what comes before says which kind of key it is, and is the same in all of them. */
function privateKeys(text: string): readonly string[] {
  const blocks = text.match(/-----BEGIN PRIVATE KEY-----\n[^-]+-----END/g) ?? [];
  return blocks.map((block) => block.split('\n')[2]!);
}

const GZIP = Buffer.from([0x1f, 0x8b]);

/** The bytes, and what is packed in them: whole, or as base64 once or twice, as Helm keeps its releases. */
function layers(bytes: Buffer): readonly string[] {
  if (bytes.subarray(0, 2).equals(GZIP)) {
    try {
      return layers(gunzipSync(bytes));
    } catch {
      return [bytes.toString('latin1')];
    }
  }
  const text = bytes.toString('latin1');
  const inside = [...text.matchAll(/(?:H4sI|SDRzS)[A-Za-z0-9+/]{20,}={0,2}/g)].flatMap(([packed]) =>
    layers(Buffer.from(packed, 'base64')),
  );
  return [text, ...inside];
}

async function eventually(wanted: string, look: () => Promise<string>): Promise<void> {
  const deadline = Date.now() + 90_000;
  for (let seen = await look(); seen !== wanted; seen = await look()) {
    if (Date.now() > deadline) throw new Error(`${seen}, not ${wanted}`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

const EVERY_MS = 5;
/** A process is looked at again and again while it is young: between its start and its program there is a moment. */
const LOOKS = 12;

/** Looks at the arguments and the variables of everything that runs on this machine. */
function watchProcesses(): {
  stop(tell: Tell): {
    readonly commandLines: readonly string[];
    /** `tofu TF_ENCRYPTION state.passphrase`: a program, a variable, and what is in it. */
    readonly variables: readonly string[];
  };
} {
  const looks = new Map<string, number>();
  const lines = new Set<string>();
  const variables = new Map<string, Set<string>>();
  const timer = setInterval(() => {
    const pids = new Set(readdirSync('/proc').filter((name) => /^\d+$/.test(name)));
    for (const pid of looks.keys()) if (!pids.has(pid)) looks.delete(pid);
    for (const pid of pids) {
      const times = looks.get(pid) ?? 0;
      if (times >= LOOKS) continue;
      looks.set(pid, times + 1);
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
        lines.add(line);
        const program = basename(line.split('\0')[0]!).replace(/_v.*/, '');
        const own = readFileSync(`/proc/${pid}/environ`, 'latin1');
        // It may have become another program meanwhile.
        if (readFileSync(`/proc/${pid}/cmdline`, 'latin1') !== line) continue;
        const seen = variables.get(program) ?? new Set();
        for (const one of own.split('\0')) seen.add(one);
        variables.set(program, seen);
      } catch {
        // It ended meanwhile.
      }
    }
  }, EVERY_MS);
  return {
    stop: (tell) => {
      clearInterval(timer);
      return {
        commandLines: [...new Set([...lines].flatMap(tell))],
        variables: [
          ...new Set(
            [...variables].flatMap(([program, all]) =>
              [...all].flatMap((one) =>
                tell(one).map((name) => `${program} ${one.split('=')[0]} ${name.split(' ')[0]}`),
              ),
            ),
          ),
        ].sort(),
      };
    },
  };
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
