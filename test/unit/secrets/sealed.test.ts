import { expect } from 'chai';
import { Secret } from '../../../src/model/secret.ts';
import { seal, unseal } from '../../../src/secrets/sealed.ts';

const passphrase = new Secret('a passphrase that was generated');

describe('a sealed text', () => {
  it('is read again by who has the passphrase, and by nobody else', () => {
    const sealed = seal(passphrase, 'what was shown: é');
    expect(unseal(passphrase, sealed)).to.equal('what was shown: é');
    expect(unseal(new Secret('another one'), sealed)).to.equal(undefined);
    expect(Buffer.from(sealed, 'base64').toString('latin1')).not.to.include('shown');
  });

  it('is never the same twice', () => {
    expect(seal(passphrase, 'same')).not.to.equal(seal(passphrase, 'same'));
  });

  it('that was changed, cut short or emptied is none', () => {
    const bytes = Buffer.from(seal(passphrase, 'text'), 'base64');
    bytes[bytes.length - 1]! ^= 1;
    for (const damaged of [bytes, bytes.subarray(0, -1), bytes.subarray(0, 20), Buffer.alloc(0)]) {
      expect(unseal(passphrase, damaged.toString('base64'))).to.equal(undefined);
    }
  });
});
