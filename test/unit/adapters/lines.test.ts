import { expect } from 'chai';
import fc from 'fast-check';
import { lineSplitter } from '../../../src/adapters/lines.ts';

describe('lines', () => {
  const split = (chunks: readonly Uint8Array[]): string[] => {
    const lines: string[] = [];
    const splitter = lineSplitter((line) => void lines.push(line));
    for (const chunk of chunks) splitter.push(chunk);
    splitter.flush();
    return lines;
  };

  it('gives the same lines however the bytes are cut, characters included', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' })),
        fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
        (words, sizes) => {
          const text = words.map((word) => word.replace(/[\r\n]/g, '')).join('\n');
          const bytes = Buffer.from(text);
          const chunks: Uint8Array[] = [];
          let start = 0;
          for (const size of sizes) {
            if (start >= bytes.length) break;
            chunks.push(bytes.subarray(start, start + size));
            start += size;
          }
          const whole = text.split('\n');
          if (whole.at(-1) === '') whole.pop();
          expect(split(chunks)).to.deep.equal(whole);
        },
      ),
    );
  });

  it('knows Windows line ends', () => {
    expect(split([Buffer.from('a\r'), Buffer.from('\nb\r\n')])).to.deep.equal(['a', 'b']);
  });
});
