import { expect } from 'chai';
import fc from 'fast-check';
import { Secret } from '../../../src/model/secret.ts';
import { found, needlesOf } from '../../../src/secrets/needles.ts';

const value = 'p/a+s s"w\'örd&-7f3';
const needles = needlesOf(new Map([['a.b', new Secret(value)]]));
const form = (text: string): string | undefined => found(needles, text)[0]?.form;

describe('a value in clear', () => {
  it('is found as it is, in URLs, in JSON, and in base64 wherever it lies in something longer', () => {
    expect(form(`x${value}y`)).to.equal('as it is');
    expect(form(`https://u:${encodeURIComponent(value)}@h`)).to.equal('URL-encoded');
    expect(form(new URLSearchParams({ key: value }).toString())).to.equal('URL-encoded');
    expect(form(JSON.stringify({ password: value }))).to.equal('in JSON');
    expect(form(JSON.stringify({ password: value }).replaceAll('&', '\\u0026')), 'as Go writes it').to.equal('in JSON');
    fc.assert(
      fc.property(fc.string({ maxLength: 9 }), fc.string({ maxLength: 9 }), fc.boolean(), (before, after, url) => {
        const text = Buffer.from(before + value + after).toString(url ? 'base64url' : 'base64');
        expect(form(text), text).to.equal('in base64');
      }),
    );
  });

  it('is not seen where it is not, and a short one is not looked for', () => {
    expect(form('p/a+s s"w\'örd&-7f4')).to.equal(undefined);
    expect(needlesOf(new Map([['x', new Secret('short')]]))).to.deep.equal([]);
  });
});
