import { expect } from 'chai';
import { alignAttributes } from '../../../src/render/align.ts';

describe('alignment of attributes', () => {
  it('lines up neighbours, and starts anew after anything else', () => {
    expect(alignAttributes('a = 1\nlong = 2\n\nb = 3\n# note\nlonger = 4\n')).to.equal(
      'a    = 1\nlong = 2\n\nb = 3\n# note\nlonger = 4\n',
    );
  });

  it('leaves values of several lines alone', () => {
    expect(alignAttributes('name = "x"\nlabels = {\n  a = 1\n  "b/c" = 2\n}\nz = [\n]\n')).to.equal(
      'name = "x"\nlabels = {\n  a     = 1\n  "b/c" = 2\n}\nz = [\n]\n',
    );
  });

  it('does not take brackets and signs inside strings for code', () => {
    expect(alignAttributes('a = "{ = ["\nlong = "b"\n')).to.equal('a    = "{ = ["\nlong = "b"\n');
    expect(alignAttributes('condition ? a == b : c\n')).to.equal('condition ? a == b : c\n');
  });
});
