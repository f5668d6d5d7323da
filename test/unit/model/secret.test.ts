import { inspect } from 'node:util';
import { expect } from 'chai';
import { Secret } from '../../../src/model/secret.ts';

describe('a secret', () => {
  const secret = new Secret('hunter2');

  it('is given by reveal() only', () => {
    expect(secret.reveal()).to.equal('hunter2');
  });

  it('is shown by nothing else: not printed, joined, serialised, inspected, compared or copied', () => {
    const told = [
      String(secret),
      `${secret as unknown as string}`,
      ['a', secret].join(),
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ deep: [{ secret }] }, { depth: 10, showHidden: true }),
      JSON.stringify(Object.entries(secret)),
      JSON.stringify({ ...secret }),
      JSON.stringify(structuredClone({ ...secret })),
      new Error(`failed with ${secret as unknown as string}`).stack ?? '',
    ];
    for (const text of told) expect(text).to.not.include('hunter2');
    expect(told[0]).to.equal('[secret]');
    expect(told[3]).to.equal('{"secret":"[secret]"}');
  });
});
