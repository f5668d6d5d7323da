import { expect } from 'chai';
import type { SecretWant } from '../../../src/model/blueprint.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { Command } from '../../../src/ports/runner.ts';
import { checkSecrets } from '../../../src/secrets/check.ts';
import { readEncrypted } from '../../../src/secrets/document.ts';
import { generateValue } from '../../../src/secrets/generate.ts';
import { placeOf, type SecretsPlace } from '../../../src/secrets/place.ts';
import { secretReader } from '../../../src/secrets/reader.ts';
import { prepareStore } from '../../../src/secrets/init.ts';
import { checkName, openStore, type SecretStore } from '../../../src/secrets/store.ts';
import { generateMissing, sandboxStore } from '../../../src/secrets/supply.ts';
import { fakePorts, revealed, type Fakes } from '../../support/fakes.ts';
import { passphrase, realWorld } from '../../support/blueprint.ts';

const surroundings = {
  ...realWorld,
  secretsFile: '/w/secrets/prod.sops.yaml',
  ageKeyFile: '/home/age.txt',
};
const place = placeOf(surroundings, '/w', 'prod');
const sandboxPlace = placeOf(
  {
    ...surroundings,
    kind: 'sandbox',
    podsRun: false,
    secretsFile: '/w/.ffops/sandbox/secrets/prod.sops.yaml',
    ageKeyFile: '/w/.ffops/sandbox/secrets/age.txt',
  },
  '/w',
  'prod',
);

const token: SecretWant = {
  name: 'shop.token',
  description: 'opens the shop',
  supply: { kind: 'asked', help: 'Ask the shop.', pattern: '^tok_' },
};

/** The encrypted file as sops lays it out, with the values in a comment of its own making. */
function encrypted(names: readonly string[]): string {
  return [
    ...names.map((name) => `${name}: ENC[AES256_GCM,data:x]`),
    'sops:',
    '  age:',
    '    - recipient: age1abc',
    '',
  ].join('\n');
}

function open(fakes: Fakes, where: SecretsPlace = place): SecretStore {
  return openStore(hands(fakes), where);
}

function hands(fakes: Fakes) {
  return {
    files: fakes.files,
    clock: fakes.clock,
    run: (tool: string, call: Omit<Command, 'program'>) => fakes.runner.run({ program: tool, ...call }),
    variables: fakes.ports.variables,
  };
}

async function failure(
  work: Promise<unknown>,
): Promise<{ code: string; message: string; problems: readonly { hints?: readonly string[] }[] }> {
  try {
    await work;
  } catch (error) {
    return error as never;
  }
  throw new Error('it should have failed');
}

describe('the file of secrets', () => {
  const decrypt = ['--config', '/w/.sops.yaml', 'decrypt', '--output-type', 'json', place.secretsFile];

  it('is opened once, in memory, with the identity it is for', async () => {
    const fakes = fakePorts({
      files: { [place.secretsFile]: encrypted(['a.b']), [place.ageKeyFile]: 'AGE-SECRET-KEY-1' },
    });
    fakes.runner.expect(
      { program: 'sops', args: decrypt, env: { SOPS_AGE_KEY_FILE: place.ageKeyFile } },
      { stdout: '{"a.b":"canary"}' },
    );
    const store = open(fakes);
    expect((await store.values()).get('a.b')?.reveal()).to.equal('canary');
    expect((await store.values()).size).to.equal(1);
    expect(fakes.files.writes).to.deep.equal([]);
    fakes.verify();
  });

  it('takes the identity of a pipeline, but never in the sandbox', async () => {
    const files = { [place.secretsFile]: encrypted(['a']), [sandboxPlace.secretsFile]: encrypted(['a']) };
    const fakes = fakePorts({ files, variables: { SOPS_AGE_KEY: 'AGE-SECRET-KEY-PIPELINE' } });
    fakes.runner.allow({ program: 'sops' }, { stdout: '{"a":"x"}' });
    await open(fakes).values();
    await open(fakes, sandboxPlace).values();
    const [real, sandbox] = fakes.runner.calls;
    expect(revealed(real?.env?.['SOPS_AGE_KEY'])).to.equal('AGE-SECRET-KEY-PIPELINE');
    expect(real?.env).not.to.have.property('HOME');
    expect(sandbox?.env?.['SOPS_AGE_KEY']).to.equal(undefined);
    expect(sandbox?.env).to.include({ HOME: sandboxPlace.home, XDG_CONFIG_HOME: sandboxPlace.home });
  });

  const refusals: readonly (readonly [number, string, string])[] = [
    [128, 'secrets.noKey', 'age1abc'],
    [51, 'secrets.damaged', 'git checkout'],
    [52, 'secrets.damaged', 'git checkout'],
    [25, 'secrets.damaged', 'git checkout'],
    [1, 'secrets.sopsFailed', 'sops decrypt'],
  ];
  for (const [exitCode, code, cure] of refusals) {
    it(`that sops refuses with ${exitCode} is ${code}, with a cure, without sops' own words`, async () => {
      const fakes = fakePorts({ files: { [place.secretsFile]: encrypted(['a']) } });
      fakes.runner.expect({ program: 'sops' }, { exitCode, stdout: 'canary', stderr: 'canary' });
      const error = await failure(open(fakes).values());
      expect(error.code).to.equal(code);
      expect(JSON.stringify(error.problems)).to.contain(cure).and.not.to.contain('canary');
    });
  }

  it('is not opened with an identity that asks for a passphrase, nor waited for when sops asks for one', async () => {
    const locked = fakePorts({
      files: {
        [place.secretsFile]: encrypted(['a']),
        [place.ageKeyFile]: '-----BEGIN AGE ENCRYPTED FILE-----\nx\n-----END AGE ENCRYPTED FILE-----\n',
      },
    });
    const refused = await failure(open(locked).values());
    expect(refused.code).to.equal('secrets.lockedIdentity');
    expect(refused.problems[0]?.hints?.join()).to.contain('age --decrypt');
    expect((await failure(prepareStore(hands(locked), place))).code).to.equal('secrets.lockedIdentity');
    const waiting = fakePorts({ files: { [place.secretsFile]: encrypted(['a']) } });
    waiting.runner.expect({ program: 'sops' }, (command) => {
      expect(command.timeoutMs).to.be.within(1, 9000);
      return { exitCode: 128, timedOut: true };
    });
    expect((await failure(open(waiting).values())).code).to.equal('secrets.sopsWaits');
  });

  it('that is not there, no YAML, or never encrypted is told apart, and no line of it is quoted', async () => {
    const missing = fakePorts();
    expect((await failure(open(missing).values())).problems[0]?.hints?.join()).to.contain('ffops secrets init -e prod');
    const conflict = () => readEncrypted('a: ENC[x]\n<<<<<<< canary\n', 'secrets/prod.sops.yaml');
    expect(conflict)
      .to.throw('merge conflict in line 2')
      .and.satisfy((error: { problems: { at?: object }[] }) => error.problems[0]?.at === undefined);
    expect(conflict)
      .to.throw()
      .and.satisfy((error: object) => !JSON.stringify(error).includes('canary'));
    expect(() => readEncrypted('a: ENC[x]\nb: "canary\n', 'f')).to.throw('not valid YAML');
    const plain = () => readEncrypted('a: canary\n', 'secrets/prod.sops.yaml');
    expect(plain)
      .to.throw('not encrypted')
      .and.satisfy((error: object) => !JSON.stringify(error).includes('canary'));
    expect(() => readEncrypted('', 'f')).to.throw();
  });

  it('refuses a value that is no text', async () => {
    const fakes = fakePorts({ files: { [place.secretsFile]: encrypted(['a']) } });
    fakes.runner.expect({ program: 'sops' }, { stdout: '{"a":7}' });
    expect((await failure(open(fakes).values())).code).to.equal('secrets.notText');
  });

  it('says its names to anyone', async () => {
    const fakes = fakePorts({ files: { [place.secretsFile]: encrypted(['b', 'a']) } });
    expect((await open(fakes).document()).names).to.deep.equal(['a', 'b']);
    expect(fakes.runner.calls).to.deep.equal([]);
  });

  it('is made from stdin when there is none', async () => {
    const fakes = fakePorts();
    fakes.runner.expect({ program: 'sops', stdin: '{"a.b":"canary"}' }, { stdout: encrypted(['a.b']) });
    await open(fakes).write(new Map([['a.b', new Secret('canary')]]));
    expect(fakes.files.content.get(place.secretsFile)).to.equal(encrypted(['a.b']));
    fakes.verify();
  });

  it('is changed as a copy, and stays as it was when sops fails half-way', async () => {
    const before = encrypted(['a']);
    const fakes = fakePorts({ files: { [place.secretsFile]: before } });
    fakes.runner.expect({ program: 'sops', stdin: '"one"' }, async (command) => {
      await fakes.files.write(command.args.at(-2) ?? '', 'half a file');
      return {};
    });
    fakes.runner.expect({ program: 'sops', stdin: '"two"' }, { exitCode: 128 });
    const values = new Map([
      ['x', new Secret('one')],
      ['y', new Secret('two')],
    ]);
    expect((await failure(open(fakes).write(values))).code).to.equal('secrets.noKey');
    expect([...fakes.files.content]).to.deep.equal([[place.secretsFile, before]]);
  });

  it('keeps what somebody else saved while sops worked, new or changed, and says that ours was not', async () => {
    for (const before of [undefined, encrypted(['a'])]) {
      const fakes = fakePorts({ files: before === undefined ? {} : { [place.secretsFile]: before } });
      const theirs = encrypted(['a', 'theirs']);
      fakes.runner.expect({ program: 'sops' }, async () => {
        await fakes.files.write(place.secretsFile, theirs);
        return { stdout: encrypted(['ours']) };
      });
      const work = open(fakes).write(new Map([['ours', new Secret('one')]]));
      expect((await failure(work)).code).to.equal('secrets.changedMeanwhile');
      expect([...fakes.files.content]).to.deep.equal([[place.secretsFile, theirs]]);
    }
  });

  it('takes no name that would mean something else', () => {
    for (const name of ['a.b', 'spaces.accessKey', 'x']) expect(() => checkName(name), name).not.to.throw();
    for (const name of ['', 'sops', 'a"]["b', '.a', 'a.', 'a b', '../a'])
      expect(() => checkName(name), name).to.throw('not a name');
  });
});

describe('values that are made up', () => {
  it('have the length and alphabet that was asked for, and differ', () => {
    const shapes = {
      alphanumeric: /^[A-Za-z][A-Za-z0-9]{31}$/,
      hex: /^[0-9a-f]{32}$/,
      base64: /^[A-Za-z0-9+/]{43}=$/,
    } as const;
    for (const [alphabet, shape] of Object.entries(shapes)) {
      const made = new Set(
        Array.from({ length: 200 }, () =>
          generateValue({ kind: 'generated', length: 32, alphabet: alphabet as 'hex' }).reveal(),
        ),
      );
      expect(made.size).to.equal(200);
      for (const value of made) expect(value).to.match(shape);
    }
  });

  it('replace nothing that is there', async () => {
    const fakes = fakePorts({ files: { [place.secretsFile]: encrypted(['state.passphrase']) } });
    fakes.runner.expect({ program: 'sops' }, { stdout: '{"state.passphrase":"kept"}' });
    expect(await generateMissing(open(fakes), [passphrase, token], fakes.clock.now())).to.deep.equal([]);
    expect(fakes.files.writes).to.deep.equal([]);
  });
});

describe('the sandbox', () => {
  it('has an identity and values of its own, and opens nothing of the workspace', async () => {
    const fakes = fakePorts({
      files: { [place.secretsFile]: encrypted(['x']), [place.ageKeyFile]: 'AGE-SECRET-KEY-MINE' },
    });
    fakes.runner.expect({ program: 'age-keygen' }, { stdout: '# public key: age1sandbox\nAGE-SECRET-KEY-1\n' });
    let document = '';
    fakes.runner.expect({ program: 'sops', args: (args) => args.includes('encrypt') }, (command) => {
      document = revealed(command.stdin) ?? '';
      return { stdout: encrypted(['shop.token']) };
    });
    fakes.runner.expect({ program: 'sops', args: (args) => args.includes('decrypt') }, () => ({ stdout: document }));
    const given = new Map([['shop.token', new Secret('let-in')]]);
    const values = await sandboxStore(hands(fakes), sandboxPlace, [token, passphrase], given).values();
    expect(values.get('shop.token')?.reveal()).to.equal('let-in');
    expect(values.get('state.passphrase')?.reveal()).to.have.length(40);
    expect(fakes.files.modes.get(sandboxPlace.ageKeyFile)).to.equal(0o600);
    const touched = fakes.runner.calls.flatMap((call) => call.args).join(' ');
    expect(touched).not.to.contain(place.secretsFile).and.not.to.contain(place.ageKeyFile);
    fakes.verify();
  });
});

describe('what an environment wants', () => {
  const values = (entries: Readonly<Record<string, string>>) =>
    new Map(Object.entries(entries).map(([name, value]) => [name, new Secret(value)]));

  it('is compared with what the file holds, and every finding has a cure to paste', () => {
    const found = (entries: Readonly<Record<string, string>>) =>
      checkSecrets([token, passphrase], values(entries), place, new Date()).map(
        ({ name, problem }) => `${name} ${problem}`,
      );
    expect(found({})).to.deep.equal(['shop.token missing', 'state.passphrase missing']);
    expect(found({ 'shop.token': '', 'state.passphrase': 'x' })).to.deep.equal(['shop.token empty']);
    expect(found({ 'shop.token': 'nope', 'state.passphrase': 'x' })).to.deep.equal(['shop.token misshapen']);
    expect(found({ 'shop.token': 'tok_1', 'state.passphrase': 'x', old: 'y' })).to.deep.equal(['old unused']);
    expect(found({ 'shop.token': 'tok_1', 'state.passphrase': 'x' })).to.deep.equal([]);
    const cures = checkSecrets([token, passphrase], values({}), place, new Date()).flatMap((finding) => finding.cures);
    expect(cures).to.deep.equal([
      'Set it with `ffops secrets set shop.token -e prod`.',
      'Ask the shop.',
      '`ffops secrets generate -e prod` makes every value that can be made up.',
    ]);
  });

  it('is read by name; what has no value, or an empty one, is an error', async () => {
    const reader = secretReader({ place, values: async () => values({ a: 'x', b: '' }) }, [token]);
    expect((await reader.get('a')).reveal()).to.equal('x');
    for (const name of ['b', 'shop.token'])
      expect((await failure(reader.get(name))).message).to.equal(`${name} has no value in secrets/prod.sops.yaml.`);
  });
});
