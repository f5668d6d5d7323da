import { UserError } from '../errors.ts';
import { nearest } from '../model/nearest.ts';
import { commandOf } from './argv.ts';

/** What oclif's parser throws, as far as it can be told apart. */
interface ParseError extends Error {
  readonly oclif?: { readonly exit?: number };
  /** Of NonExistentFlagsError: as they were written, such as `--chekc`. */
  readonly flags?: readonly string[];
  /** Of RequiredArgsError and UnexpectedArgsError. */
  readonly args?: readonly (string | { readonly name: string; readonly description?: string })[];
  readonly parse?: {
    readonly input?: {
      readonly flags?: Readonly<Record<string, { readonly char?: string; readonly hidden?: boolean }>>;
    };
  };
}

/** A wrong flag or argument, said as ffops says things; undefined for what is no such error. */
export function usageError(thrown: unknown, argv: readonly string[]): UserError | undefined {
  const error = thrown as ParseError;
  if (error?.oclif === undefined) return undefined;
  const help = `See \`ffops ${commandOf(argv)} --help\`.`;
  const unknown = error.flags?.[0];
  if (unknown !== undefined) {
    const near = nearest(unknown.replace(/^-+/, ''), visibleFlags(error));
    return new UserError('usage.unknownFlag', {
      message: `There is no flag \`${unknown}\`.`,
      hints: [...(near === undefined ? [] : [`Did you mean \`--${near}\`?`]), help],
    });
  }
  return new UserError('usage.wrong', { message: plainMessage(error), hints: [help] });
}

function visibleFlags(error: ParseError): readonly string[] {
  const flags = error.parse?.input?.flags ?? {};
  return ['help', ...Object.keys(flags).filter((name) => flags[name]?.hidden !== true)];
}

function plainMessage(error: ParseError): string {
  const args = error.args ?? [];
  const missing = args.filter((arg) => typeof arg === 'object');
  if (missing.length > 0) {
    const names = missing.map(({ name, description }) => name.toUpperCase() + (description ? ` (${description})` : ''));
    return `Missing: ${names.join(', ')}.`;
  }
  const text = error.message.replace(/\nSee more help with --help$/, '').replace(/\s*\n\s*/g, ' ');
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
