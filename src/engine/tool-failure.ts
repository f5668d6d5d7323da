/** Turns a tool's failed run into a problem for people: the first error, short, without secrets. */
import type { Problem } from '../errors.ts';
import { Secret } from '../model/secret.ts';
import type { Outcome } from '../ports/runner.ts';
import { errorsOf, type TofuDiagnostic } from '../tools/tofu.ts';
import type { Variables } from './stack-environment.ts';

const longest = 600;

type Output = Pick<Outcome, 'stdout' | 'stderr' | 'signal'>;

export function tofuProblem(stack: string, output: Output, variables: Variables): Problem {
  const errors = errorsOf(output.stdout);
  const first = errors[0];
  const crash = errors.some(({ summary }) => summary === 'Plugin did not respond');
  const text = first ? oneError(first) : withoutError(output);
  const others =
    errors.length > 1
      ? [
          `${errors.length - 1} more: ${errors
            .slice(1)
            .map((error) => error.address ?? error.summary)
            .join(', ')}.`,
        ]
      : [];
  return {
    message: `Stack ${stack}: ${withoutSecrets(text, variables)}`,
    hints: [...(crash ? crashed : []), ...others].map((hint) => withoutSecrets(hint, variables)),
  };
}

/** OpenTofu keeps the provider's last words to itself. */
const crashed = [
  'The provider crashed, which is a bug of its own: mostly it met an answer that it had not expected, such as a rate limit.',
  'What it had begun to make is looked for by the next run.',
];

function oneError(error: TofuDiagnostic): string {
  const where = error.address ? `${error.address}: ` : '';
  const detail = error.detail.split('\n\n')[0]?.replace(/\s+/g, ' ').trim() ?? '';
  return shortened(where + error.summary + (detail === '' ? '' : `: ${detail}`));
}

/** A tofu that somebody killed had no time for an error; what it had said until then is no reason. */
function withoutError({ stdout, stderr, signal }: Output): string {
  return signal === undefined ? plainError(`${stderr}\n${stdout}`) : `OpenTofu was ended by ${signal}.`;
}

/** Commands without `-json` frame their first error with a bar at the left. */
function plainError(output: string): string {
  const lines = output.split('\n').map((line) => line.replace(/^[│╷╵]\s?/, '').trim());
  const start = lines.findIndex((line) => line.startsWith('Error'));
  const block = start === -1 ? lines : lines.slice(start);
  const end = block.findIndex((line, index) => index > 2 && line === '');
  return shortened(
    block
      .slice(0, end === -1 ? 6 : end)
      .filter(Boolean)
      .join(' ')
      .replace(/^Error: /, '') || 'OpenTofu said nothing.',
  );
}

function shortened(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

export function withoutSecrets(text: string, variables: Variables): string {
  return Object.values(variables)
    .flatMap((value) => (value instanceof Secret ? [value.reveal()] : []))
    .filter((value) => value.length >= 4)
    .reduce((clean, value) => clean.replaceAll(value, '[secret]'), text);
}
