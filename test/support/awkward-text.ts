/** Text that breaks naive escaping: marks of HCL, YAML, Go templates and shells, line ends, control and odd characters. */
import fc from 'fast-check';

const PIECES = [
  '${', '%{', '$${', '%%{', '$', '%', '{', '}', '{{', '}}', '"', "'", '\\', '\\n', '\\u0041', '`', '#', ': ', ' #', '- ', '&', '*', '!', '|', '>', '@', '~',
  '\n', '\r', '\r\n', '\t', '\u0000', '\u0001', '\u001b', '\u007f', '\u0085', '\u00a0', '\u2028', '\u2029', '\ufeff', '\ufffe', '<<EOT', 'EOT', '<<-EOF',
  'yes', 'no', 'on', 'off', 'y', 'n', 'true', 'null', '~', '=', '<<', '0x1f', '0o17', '017', '1e3', '1_000', '1:30', '.inf', '.nan', '2026-01-01', '-', '?', '---', '...',
  'é', 'ß', 'Ω', '日本', '🚀', '👩‍👩‍👧', 'a', 'Z', '0', ' ', '  ', '/', '//', '/*', '${var.a}', '%{ if true }', '{{ .Values.a }}', 'key: value', '[a]', '{a: b}',
];

export const awkwardText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }).map((pieces) => pieces.join('')) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
);

/** A number that is printed with every failure, so that FFOPS_SEED=… repeats it. */
export const SEED = Number(process.env['FFOPS_SEED'] ?? Date.now() % 2 ** 31);

/** Cases of a run: many in one batch, because each batch is one start of a tool. */
export function awkwardTexts(count: number): string[] {
  return fc.sample(awkwardText, { numRuns: count, seed: SEED });
}
