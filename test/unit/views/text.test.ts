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

  it('lets the last column go on below itself, between words, where the screen ends', () => {
    const { dim } = styleFor(true);
    const rows = [
      ['a', 'what it is and what it does for you'],
      ['bcd', dim('a thing that is longer than that')],
    ];
    expect(columns(rows, '  ', 30)).to.equal(
      `  a    what it is and what it\n       does for you\n  bcd  ${dim('a thing that is longer\n       than that')}`,
    );
    expect(columns(rows, '  ', 22), 'too narrow for a column').to.equal(columns(rows, '  '));
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
