import { expect } from 'chai';
import { z } from 'zod';
import { complaintOf, flatten } from '../../../src/model/complaints.ts';
import { readDocument } from '../../../src/model/document.ts';
import { toData } from '../../../src/model/document.ts';

/** What a schema that some entry may have one day says of a file. */
function complaints(schema: z.ZodObject, text: string): string[] {
  const { root } = readDocument('x.yaml', text, 'environment');
  const data = toData(root);
  const result = schema.safeParse(data);
  return flatten(result.error?.issues ?? []).map(
    (issue) => complaintOf(issue, { schema, data, base: [], root }).message,
  );
}

describe('a complaint', () => {
  it('knows every kind of bound', () => {
    const schema = z.strictObject({
      list: z.array(z.string()).min(1).max(2),
      text: z.string().min(2).max(3),
      ratio: z.number().gt(0).lt(1),
      step: z.int().multipleOf(5),
      one: z.literal('only'),
    });
    expect(complaints(schema, 'list: []\ntext: a\nratio: 0\nstep: 7\none: other\n')).to.deep.equal([
      '`list` must have at least 1 item; found a list.',
      '`text` must have at least 2 characters; found the text "a".',
      '`ratio` must be more than 0; found the number 0.',
      '`step` must be a multiple of 5; found the number 7.',
      '`one` must be `only`; found the text "other".',
    ]);
    expect(
      complaints(schema, 'list: [a, b, c]\ntext: abcd\nratio: 1\nstep: 99999999999999999999\none: only\n'),
    ).to.deep.equal([
      '`list` must have at most 2 items; found a list.',
      '`text` must have at most 3 characters; found the text "abcd".',
      '`ratio` must be less than 1; found the number 1.',
      '`step` must be a smaller number; found the number 99999999999999999999.',
    ]);
  });

  it('takes the words of an entry, whether they complete a sentence or are one', () => {
    const schema = z.strictObject({
      a: z.string().refine(() => false, 'a colour'),
      b: z.string().refine(() => false, 'Nobody likes this.'),
      c: z.string().refine(() => false),
    });
    expect(complaints(schema, 'a: x\nb: x\nc: x\n')).to.deep.equal([
      '`a` must be a colour; found the text "x".',
      '`b` is wrong: Nobody likes this; found the text "x".',
      '`c` is not written the right way; found the text "x".',
    ]);
  });

  it('shortens what it found to a line', () => {
    expect(complaints(z.strictObject({ a: z.int() }), `a: |\n  ${'long '.repeat(50)}\n  text\n`)[0]).to.match(
      /^`a` must be a whole number; found the text "(long ){11}lo\.\.\."\.$/,
    );
  });

  it('tells a default that does not fit from a missing value', () => {
    const schema = z.strictObject({ name: z.string().max(3), size: z.string() });
    const { root } = readDocument('x.yaml', 'other: 1\n', 'environment');
    const data = { name: 'too long' };
    const issues = schema.safeParse(data).error?.issues ?? [];
    const told = issues.map((issue) => complaintOf(issue, { schema, data, base: ['cluster'], root }));
    expect(told.map(({ message }) => message)).to.deep.equal([
      '`cluster.name` must have at most 3 characters; its default is "too long".',
      '`cluster.size` is missing.',
    ]);
    expect(told[0]?.hints).to.deep.equal(['Write one of your own in the file.']);
  });
});
