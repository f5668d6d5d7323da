import { expect } from 'chai';
import { styleFor } from '../../../src/views/style.ts';
import { columns, count, wrap } from '../../../src/views/text.ts';

describe('text', () => {
  it('aligns columns by what is seen', () => {
    const { red } = styleFor(true);
    expect(
      columns(
        [
          ['a', red('bb'), 'c'],
          ['ddd', 'e', 'f'],
        ],
        '  ',
      ),
    ).to.equal(`  a    ${red('bb')}  c\n  ddd  e   f`);
  });

  it('wraps words, and leaves one that is too long whole', () => {
    expect(wrap('one two three', 8, '  ')).to.equal('  one\n  two\n  three');
    expect(wrap('a unbreakable b', 5)).to.equal('a\nunbreakable\nb');
  });

  it('counts', () => {
    expect([count(0, 'file'), count(1, 'file'), count(2, 'entry', 'entries')]).to.deep.equal([
      '0 files',
      '1 file',
      '2 entries',
    ]);
  });

  it('is plain without colour', () => {
    const { red, bold } = styleFor(false);
    expect(red(bold('x'))).to.equal('x');
  });
});
