import bcrypt from 'bcryptjs';
import { expect } from 'chai';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { dkimRecord } from '../../../src/model/dkim.ts';
import type { SecretWant } from '../../../src/model/blueprint.ts';
import { Secret } from '../../../src/model/secret.ts';
import { derive } from '../../../src/secrets/derive.ts';
import { makeValue } from '../../../src/secrets/generate.ts';
import { secretReader } from '../../../src/secrets/reader.ts';
import { passphrase } from '../../support/blueprint.ts';

const login = { as: 'htpasswd', from: 'registry.password', user: 'push' } as const;
const secretPhrase = async () => new Secret('phrase');

describe('what is computed from a secret', () => {
  it('is a line that htpasswd files have, with the hash of the password', async () => {
    const line = (await derive(login, new Secret('pässword'), secretPhrase)).reveal();
    expect(line).to.match(/^push:\$2y\$10\$[./A-Za-z0-9]{53}$/);
    expect(await bcrypt.compare('pässword', line.slice('push:'.length))).to.equal(true);
    expect(await bcrypt.compare('password', line.slice('push:'.length))).to.equal(false);
  });

  it('is the same as long as the password is, and another for each user, password and environment', async () => {
    const made = await Promise.all([
      derive(login, new Secret('one'), secretPhrase),
      derive(login, new Secret('one'), secretPhrase),
      derive(login, new Secret('two'), secretPhrase),
      derive({ ...login, user: 'pull' }, new Secret('one'), secretPhrase),
      derive(login, new Secret('one'), async () => new Secret('another')),
    ]);
    const [first, again, ...others] = made.map((line) => line.reveal().replace(/^[^:]*:/, ''));
    expect(again).to.equal(first);
    expect(new Set([first, ...others]).size).to.equal(4);
  });

  it('refuses a password of which a part would not count', async () => {
    await derive(login, new Secret('x'.repeat(72)), secretPhrase);
    const error: unknown = await derive(login, new Secret('é'.repeat(37)), secretPhrase).catch(
      (caught: unknown) => caught,
    );
    expect(error).to.have.property('code', 'secrets.tooLong');
    expect(JSON.stringify(error)).not.to.contain('éé');
  });

  it('is the half of a mail key that DNS publishes', async () => {
    const want: SecretWant = { name: 'mail.dkim', description: '', supply: { kind: 'dkimKey' } };
    const key = makeValue(want, new Date())!;
    const published = (await derive({ as: 'dkimPublicKey', from: want.name }, key, secretPhrase)).reveal();
    expect(dkimRecord(published)).to.equal(`v=DKIM1; k=rsa; p=${published}`);
    const ours = createPublicKey(createPrivateKey(key.reveal())).export({ type: 'spki', format: 'der' });
    expect(published).to.equal(ours.toString('base64'));
    const broken: unknown = await derive(
      { as: 'dkimPublicKey', from: want.name },
      new Secret('canary'),
      secretPhrase,
    ).catch((caught: unknown) => caught);
    expect(broken).to.have.property('code', 'secrets.misshapen');
    expect(JSON.stringify(broken)).not.to.contain('canary');
  });

  it('is read like any other secret, and hashed once', async () => {
    const wants: SecretWant[] = [
      passphrase,
      { name: 'registry.htpasswd', description: '', supply: { kind: 'derived', ...login } },
    ];
    const values = new Map([
      ['state.passphrase', new Secret('phrase')],
      ['registry.password', new Secret('one')],
    ]);
    const place = { title: 'secrets/prod.sops.yaml', flags: '-e prod' } as never;
    const reader = secretReader({ place, values: async () => values }, wants);
    const [first, second] = await Promise.all([reader.get('registry.htpasswd'), reader.get('registry.htpasswd')]);
    expect(first).to.equal(second);
    expect(first?.reveal()).to.equal((await derive(login, new Secret('one'), secretPhrase)).reveal());
    const empty = secretReader({ place, values: async () => new Map() }, wants);
    const error: unknown = await empty.get('registry.htpasswd').catch((caught: unknown) => caught);
    expect(error).to.have.property('message', 'registry.password has no value in secrets/prod.sops.yaml.');
  });
});
