import { expect } from 'chai';
import type { Blueprint, SecretWant } from '../../../src/model/blueprint.ts';
import { Secret } from '../../../src/model/secret.ts';
import { secretReader } from '../../../src/secrets/reader.ts';
import type { SecretStore } from '../../../src/secrets/store.ts';
import { getSecret, setSecret, type SecretsRequest } from '../../../src/usecases/secrets.ts';
import { listSecrets } from '../../../src/usecases/secrets-list.ts';
import { rotateSecrets } from '../../../src/usecases/secrets-rotate.ts';
import { secretListText } from '../../../src/views/secrets.ts';
import { styleFor } from '../../../src/views/style.ts';
import { aBlueprint, aKubernetesSecret, aRelease, aStack, passphrase } from '../../support/blueprint.ts';
import { fakePorts, revealed, type Fakes } from '../../support/fakes.ts';

const token: SecretWant = {
  name: 'shop.token',
  description: 'opens the shop',
  supply: { kind: 'generated', length: 32, alphabet: 'hex' },
};
const key: SecretWant = {
  name: 'backups.key',
  description: 'writes backups',
  supply: { kind: 'asked', help: 'Make one.', pattern: '^DO00' },
};
const pair: SecretWant = { ...key, name: 'backups.secret', supply: { kind: 'asked', help: 'Make one.' } };
const login: SecretWant = {
  name: 'shop.login',
  description: 'a line of htpasswd',
  supply: { kind: 'derived', as: 'htpasswd', from: 'shop.token', user: 'ops' },
};
const wants = [{ ...passphrase, neverRotates: 'the state could not be read any more' }, token, key, pair, login];
const blueprint: Blueprint = aBlueprint({
  stacks: [aStack({ releases: [aRelease({ reads: ['shop/shop-token'] })] })],
  secrets: wants,
  kubernetesSecrets: [aKubernetesSecret()],
});
const held = {
  'state.passphrase': 'phrase',
  'shop.token': 'canary',
  'backups.key': 'DO00old',
  'backups.secret': 'old',
};

function request(
  entries: Readonly<Record<string, string>>,
  fakes: Fakes,
): SecretsRequest & { values: Map<string, Secret> } {
  const values = new Map(Object.entries(entries).map(([name, value]) => [name, new Secret(value)]));
  const store = {
    place: { title: 'secrets/dev.sops.yaml', flags: '-e dev', secretsFile: '/w/secrets/dev.sops.yaml' },
    exists: async () => true,
    document: async () => ({ names: [...values.keys()], recipients: [], changedAt: '2026-01-01T00:00:00Z' }),
    values: async () => values,
    write: async (changes: ReadonlyMap<string, Secret>) => {
      for (const [name, value] of changes) values.set(name, value);
    },
  } as unknown as SecretStore;
  const hands = {
    store,
    secrets: secretReader(store, wants),
    run: (tool: string, call: object) => fakes.runner.run({ program: tool, args: [], ...call }),
    cluster: { access: async () => undefined },
  };
  return { hands: hands as unknown as SecretsRequest['hands'], blueprint, wants, workspace: '/w', values };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'nothing',
    (error: unknown) => (error as { code: string }).code,
  );
}

describe('the list of secrets', () => {
  const commit = 'a'.repeat(40);
  const blame = [
    `${commit} 1 1 1`,
    'author-time 1767225600',
    '\tstate.passphrase: ENC[x]',
    `${'0'.repeat(40)} 2 2 1`,
    'author-time 1999999999',
    '\tshop.token: ENC[x]',
    `${commit} 9 3`,
    '\told.thing: ENC[x]',
    '',
  ].join('\n');

  it('says of each the kind, who uses it, whether it is there, and how old git says it is; it opens nothing', async () => {
    const fakes = fakePorts({ now: '2026-01-11T00:00:00Z' });
    fakes.runner.expect({ program: 'git', args: (args) => args.includes('blame') }, { stdout: blame });
    const { secrets, ...rest } = await listSecrets(
      fakes.ports,
      request({ 'state.passphrase': 'x', 'shop.token': 'x', 'old.thing': 'x' }, fakes),
    );
    const row = (name: string) => secrets.find((secret) => secret.name === name);
    expect(rest.fileChangedAt).to.equal('2026-01-01T00:00:00Z');
    expect(row('state.passphrase')).to.include({ state: 'set', kind: 'generated', ageDays: 10 });
    expect(row('state.passphrase')?.usedBy).to.deep.equal(['the state']);
    expect(row('state.passphrase')).to.include({ neverRotates: 'the state could not be read any more' });
    expect(row('shop.token')).to.include({ rotates: 'another one is made up' });
    expect(row('shop.login')).to.include({ rotates: 'together with shop.token' });
    expect(row('old.thing')).not.to.have.any.keys('rotates', 'neverRotates');
    expect(row('shop.token')).to.include({ state: 'set', uncommitted: true }).and.not.to.have.property('ageDays');
    expect(row('shop.token')?.usedBy).to.deep.equal(['shop']);
    expect(row('shop.login')).to.include({ state: 'set', kind: 'derived' });
    expect(row('backups.key')).to.include({ state: 'missing', kind: 'given' });
    expect(row('old.thing')).to.include({ state: 'unused', kind: 'unknown', ageDays: 10 });
    const text = secretListText({ ...rest, secrets }, styleFor(false));
    expect(text)
      .to.match(/state\.passphrase +set +generated +10 days +the state/)
      .and.to.match(/shop\.token +set +generated +new/);
    const narrow = secretListText({ ...rest, secrets }, styleFor(false), 80)
      .split('\n')
      .slice(1);
    expect(Math.max(...narrow.map((line) => line.length))).to.equal(80);
    expect(narrow.find((line) => line.startsWith('state.'))).to.match(/Never rotated\. .*…$/);
    expect(secretListText({ ...rest, secrets }, styleFor(false), 50)).not.to.contain('…');
    fakes.verify();
  });

  it('has no ages where git knows nothing', async () => {
    const fakes = fakePorts();
    fakes.runner.expect({ program: 'git' }, { exitCode: 128 });
    const { secrets } = await listSecrets(fakes.ports, request(held, fakes));
    expect(secrets.filter((secret) => 'ageDays' in secret || 'uncommitted' in secret)).to.deep.equal([]);
  });
});

describe('one secret', () => {
  const get = (fakes: Fakes, over: object = {}) =>
    getSecret(fakes.ports, { ...request(held, fakes), name: 'shop.token', copy: false, yes: false, ...over });

  it('is shown on a screen after a question only; a program gets it at once', async () => {
    const person = fakePorts({ interactive: true });
    person.terminal.answer('Show shop.token', false);
    expect(await codeOf(get(person))).to.equal('secrets.notShown');
    person.terminal.answer('Show shop.token', true);
    expect(await get(person)).to.deep.equal({ name: 'shop.token', value: 'canary' });
    expect(await get(fakePorts({ interactive: true }), { yes: true })).to.have.property('value', 'canary');
    expect(await get(fakePorts())).to.have.property('value', 'canary');
  });

  it('goes to the clipboard by stdin, and is not in the answer', async () => {
    const fakes = fakePorts({ variables: { DISPLAY: ':0' } });
    fakes.runner.expect({ program: 'xclip', stdin: 'canary' }, { exitCode: 1 });
    fakes.runner.expect({ program: 'xsel', stdin: 'canary' });
    expect(await get(fakes, { copy: true })).to.deep.equal({ name: 'shop.token' });
    for (const call of fakes.runner.calls) expect(call).to.include({ unheard: true });
    fakes.verify();
  });

  it('that is computed is given, and never set', async () => {
    const fakes = fakePorts();
    expect((await get(fakes, { name: 'shop.login' })).value).to.match(/^ops:\$2y\$/);
    expect(await codeOf(setSecret(fakes.ports, request(held, fakes), 'shop.login'))).to.equal('secrets.derived');
  });
});

describe('a rotation', () => {
  const rotate = (
    fakes: Fakes,
    names: readonly string[],
    over: object = {},
    entries: Record<string, string> = held,
  ) => {
    const asked = request(entries, fakes);
    const target = async () => expect.fail('nothing is deployed');
    const work = rotateSecrets(fakes.ports, { ...asked, names, yes: true, target, ...over }, async () => undefined);
    return { asked, work };
  };

  it('is refused for what would lose something, what is computed, what nobody reads and what is not there', async () => {
    const refusals = {
      'state.passphrase': 'secrets.neverRotates',
      'shop.login': 'secrets.derived',
      'no.such': 'secrets.unknown',
    };
    for (const [name, code] of Object.entries(refusals)) {
      const { asked, work } = rotate(fakePorts(), [name]);
      expect(await codeOf(work), name).to.equal(code);
      expect(Object.fromEntries([...asked.values].map(([one, value]) => [one, value.reveal()]))).to.deep.equal(held);
    }
    const { 'shop.token': _, ...others } = held;
    expect(await codeOf(rotate(fakePorts(), ['shop.token'], {}, others).work)).to.equal('secrets.noValue');
  });

  it('before anything is deployed is a new value, and no more', async () => {
    const { asked, work } = rotate(fakePorts(), ['shop.token']);
    expect(await work).to.include({ outcome: 'rotated', verdict: 'done' });
    expect(asked.values.get('shop.token')?.reveal()).to.match(/^[0-9a-f]{32}$/);
    expect(asked.values.get('backups.key')?.reveal()).to.equal('DO00old');
  });

  it('asks when nobody has agreed, and leaves everything when the answer is no', async () => {
    const fakes = fakePorts({ interactive: true });
    fakes.terminal.answer('Give shop.token a new value', false);
    const { asked, work } = rotate(fakes, ['shop.token'], { yes: false });
    expect(await codeOf(work)).to.equal('consent.refused');
    expect(asked.values.get('shop.token')?.reveal()).to.equal('canary');
  });

  it('takes values that belong together, one a line', async () => {
    const { asked, work } = rotate(fakePorts({ piped: 'DO00new\nsecret\n' }), ['backups.key', 'backups.secret']);
    await work;
    expect(['backups.key', 'backups.secret'].map((name) => revealed(asked.values.get(name)))).to.deep.equal([
      'DO00new',
      'secret',
    ]);
    const misshapen = rotate(fakePorts({ piped: 'secret\nDO00new\n' }), ['backups.key', 'backups.secret']);
    expect(await codeOf(misshapen.work)).to.equal('secrets.misshapen');
    expect(revealed(misshapen.asked.values.get('backups.key'))).to.equal('DO00old');
  });
});
