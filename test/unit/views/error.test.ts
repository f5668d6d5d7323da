import { expect } from 'chai';
import fc from 'fast-check';
import { UserError } from '../../../src/errors.ts';
import { errorDocument, errorText, warningText } from '../../../src/views/error.ts';
import { styleFor } from '../../../src/views/style.ts';
import { widthOf } from '../../../src/views/text.ts';

const plain = styleFor(false);

describe('errors for people', () => {
  const source = ['platform: doks', 'rootDomain: shop.example', '', 'apps:', '\thello: {}'];
  const text = (line: number, column: number, lines = source, width = 80) =>
    errorText(
      [{ message: 'Wrong.', at: { file: 'f.yaml', line, column }, hints: ['Do it right.'] }],
      plain,
      () => ({ shownAs: '../f.yaml', lines }),
      width,
    );

  it('show the line, those before it, and the column', () => {
    expect(text(4, 1)).to.equal(
      [
        'Error: Wrong.',
        '  at ../f.yaml:4:1',
        '  2 │ rootDomain: shop.example',
        '  3 │',
        '  4 │ apps:',
        '    │ ^',
        '  → Do it right.',
        '',
      ].join('\n'),
    );
  });

  it('stand places that the file does not have', () => {
    expect(text(99, 1)).to.equal('Error: Wrong.\n  at ../f.yaml:99:1\n  → Do it right.\n');
    expect(text(1, 5000)).to.include('  at ../f.yaml:1:5000');
  });

  it('keep the mark under the column when there are tabs', () => {
    expect(text(5, 2)).to.include('  5 │  hello: {}\n    │  ^\n');
  });

  it('show the neighbourhood of a column far to the right', () => {
    const lines = [`${'x'.repeat(300)}HERE${'y'.repeat(300)}`];
    const shown = text(1, 301, lines, 60).split('\n');
    const [row, mark] = [shown[2]!, shown[3]!];
    expect(widthOf(row)).to.be.at.most(60);
    expect(row.slice(mark.indexOf('^'), mark.indexOf('^') + 4)).to.equal('HERE');
  });

  it('never hand the terminal anything to obey', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 400 }), (content, column) => {
        const shown = errorText(
          [{ message: content, at: { file: 'f', line: 1, column }, hints: [content] }],
          plain,
          () => ({ shownAs: 'f', lines: content.split('\n') }),
          80,
        );
        expect(shown).to.not.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      }),
    );
  });

  it('break long hints between words', () => {
    const shown = errorText(
      [{ message: 'No.', hints: ['start the cluster, or choose another one here'] }],
      plain,
      () => undefined,
      30,
    );
    expect(shown).to.equal('Error: No.\n  → start the cluster, or\n    choose another one here\n');
  });

  it('count when there are several', () => {
    const shown = errorText([{ message: 'One.' }, { message: 'Two.' }], plain, () => undefined, 80);
    expect(shown).to.equal('Error: One.\n\nError: Two.\n\n2 problems\n');
  });

  it('are one document for machines, headline first', () => {
    const at = { file: 'f', line: 1, column: 2 };
    expect(
      errorDocument(
        new UserError('a.b', [
          { message: 'One.', at },
          { message: 'Two.', hints: ['x'] },
        ]),
      ),
    ).to.deep.equal({
      schema: 'ffops.error/v1',
      ok: false,
      error: {
        code: 'a.b',
        message: 'One.',
        at,
        hints: [],
        problems: [
          { message: 'One.', at, hints: [] },
          { message: 'Two.', hints: ['x'] },
        ],
      },
    });
  });

  it('warn in the same way', () => {
    expect(warningText([{ message: 'Odd.', at: { file: 'f', line: 1, column: 2 }, hints: ['x'] }], plain)).to.equal(
      'Warning: Odd. (f:1:2)\n  → x\n',
    );
  });
});
