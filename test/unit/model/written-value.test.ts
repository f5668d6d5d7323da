import { expect } from 'chai';
import { z } from 'zod';
import { writtenValue } from '../../../src/model/written-value.ts';

describe('what a person types for an option', () => {
  const texts = z.array(z.string()).optional();
  const cases: readonly (readonly [z.ZodType | undefined, string, unknown])[] = [
    [z.string(), '1.30', '1.30'],
    [z.enum(['on', 'off']).default('on'), 'off', 'off'],
    [z.int().default(1), '3', 3],
    [z.boolean(), 'true', true],
    [undefined, '3', '3'],
    [texts, '[a.be, "1"]', ['a.be', '1']],
    [texts, 'a.be', ['a.be']],
    [texts, 'a.be, b.be,1.30', ['a.be', 'b.be', '1.30']],
    [z.array(z.int()), '1, 2', [1, 2]],
    [texts, '', null],
  ];
  for (const [schema, typed, value] of cases)
    it(`is read by what the option is: ${schema?.type ?? 'unknown'}, ${JSON.stringify(typed)}`, () =>
      expect(writtenValue(schema, typed)).to.deep.equal(value));
});
