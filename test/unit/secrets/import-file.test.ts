import { expect } from 'chai';
import { parseImport } from '../../../src/secrets/import-file.ts';

const read = (text: string, file: string) => {
  const { values, unread } = parseImport(text, file);
  return { values: values.map(({ name, line, value }) => [name, line, value?.reveal()]), unread };
};

describe('values from elsewhere', () => {
  it('are read from tfvars: text with its escapes, numbers and heredocs; what is no text keeps its place', () => {
    const text = [
      '# comment',
      'token = "a\\"b\\\\c\\n$${x}" // more',
      '/* all',
      'of = "this" */',
      'count=3',
      'regions = [',
      '  "fra1", # ]',
      ']',
      'key = <<-EOT',
      '    one',
      '      two',
      '    EOT',
      'computed = "${var.x}"',
      'nonsense here',
      '"quoted" = "é\\u00e9"',
    ].join('\n');
    expect(read(text, 'secrets.tfvars')).to.deep.equal({
      values: [
        ['token', 2, 'a"b\\c\n${x}'],
        ['count', 5, '3'],
        ['regions', 6, undefined],
        ['key', 9, 'one\n  two\n'],
        ['computed', 13, undefined],
        ['quoted', 15, 'éé'],
      ],
      unread: [14],
    });
  });

  it('are read from lines of NAME=value, with quotes that go on for lines', () => {
    const text = ['export A=plain # note', "B='it # stays $'", 'C="two\nlines"', 'D=', 'no sense', 'E="open'].join(
      '\n',
    );
    expect(read(text, '.env')).to.deep.equal({
      values: [
        ['A', 1, 'plain'],
        ['B', 2, 'it # stays $'],
        ['C', 3, 'two\nlines'],
        ['D', 5, ''],
        ['E', 7, undefined],
      ],
      unread: [6],
    });
  });
});
