import { expect } from 'chai';
import { UserError } from '../../../src/errors.ts';
import { dkimRecord } from '../../../src/model/dkim.ts';
import { ed25519Key, rsaKey } from '../../support/dkim-keys.ts';
import { blueprintOf } from '../../support/example.ts';

const withKey = (publicKey: string) => `platform: doks
rootDomain: example.com
tls: { email: ops@example.com }
mail:
  dkim:
    - selector: mail
      publicKey: ${publicKey}
`;

async function refusalOf(publicKey: string): Promise<string> {
  const error: unknown = await blueprintOf(withKey(publicKey)).catch((thrown: unknown) => thrown);
  if (!(error instanceof UserError)) throw new Error(`not refused: ${publicKey}`);
  return error.problems
    .map(({ message, at, hints }) => `${at?.line}:${at?.column} ${message} ${hints?.join(' ')}`)
    .join('\n');
}

describe('DKIM keys', () => {
  const long = rsaKey(2048);
  const { bare, inFile } = ed25519Key();

  it('are published as the kind they are', () => {
    expect(dkimRecord(long)).to.equal(`v=DKIM1; k=rsa; p=${long}`);
    expect(dkimRecord(bare)).to.equal(`v=DKIM1; k=ed25519; p=${bare}`);
  });

  it('of 2048 bits are handed over whole: DigitalOcean splits what is longer than 255 characters itself', async () => {
    const { stacks } = await blueprintOf(withKey(long));
    const { dkim } = stacks[0]?.context as unknown as { dkim: { name: string; value: string }[] };
    expect(dkim).to.deep.equal([{ name: 'mail._domainkey', value: `v=DKIM1; k=rsa; p=${long}` }]);
    expect(dkim[0]?.value.length).to.be.greaterThan(255);
  });

  it('that nobody wrote are made: two secrets, and a variable of the module for the public half', async () => {
    const { stacks, secrets } = await blueprintOf(withKey('x').replace(/\n *publicKey: x/, ''));
    const base = stacks[0]!;
    expect((base.context as unknown as { dkim: object[] }).dkim).to.deep.equal([
      { name: 'mail._domainkey', value: null, key: 'var.dkim_mail' },
    ]);
    expect(base.variables.map(({ name }) => name)).to.deep.equal(['dkim_mail']);
    expect(base.credentials).to.include({ TF_VAR_dkim_mail: 'mail.dkimPublicKey.mail' });
    const supplies = new Map(secrets.map(({ name, supply }) => [name, supply]));
    expect(supplies.get('mail.dkim.mail')).to.deep.equal({ kind: 'dkimKey' });
    expect(supplies.get('mail.dkimPublicKey.mail')).to.include({ kind: 'derived', from: 'mail.dkim.mail' });
  });

  it('that are an Ed25519 key of a file are refused with what to write instead', async () => {
    expect(await refusalOf(inFile))
      .to.match(/^7:18 This is an Ed25519 key/)
      .and.to.include(`\`${bare}\``);
  });

  it('that are no key, or too short a key, are refused at their line', async () => {
    expect(await refusalOf('A'.repeat(2000))).to.match(/^7:18 This is not a public key/);
    expect(await refusalOf(long.slice(0, -8))).to.match(/^7:18 This is not a public key/);
    expect(await refusalOf(rsaKey(512))).to.match(/^7:18 This RSA key has 512 bits/);
  });

  it('that DigitalOcean cannot serve are refused', async () => {
    expect(await refusalOf(rsaKey(4096))).to.match(/^7:18 The record would have \d+ characters.*2048 bits/);
  });
});
