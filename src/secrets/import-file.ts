/** Values that people kept elsewhere: `secrets.tfvars` and `.env`. What is no text is told, not guessed at. Pure. */
import { Secret } from '../model/secret.ts';

export interface ImportedValue {
  readonly name: string;
  readonly line: number;
  /** Undefined for a list, a map or an expression. */
  readonly value: Secret | undefined;
}

export interface ImportedFile {
  readonly values: readonly ImportedValue[];
  /** Lines that could not be read at all. */
  readonly unread: readonly number[];
}

/** By its name: `.tfvars` is HCL, everything else lines of `NAME=value`. */
export function parseImport(text: string, file: string): ImportedFile {
  return /\.tfvars(\.enc)?$/.test(file) ? parseTfvars(text) : parseDotenv(text);
}

const assignment = /^(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*)$/;

function parseDotenv(text: string): ImportedFile {
  const values: ImportedValue[] = [];
  const unread: number[] = [];
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const line = index + 1;
    const trimmed = lines[index]!.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const [, name, first = ''] = assignment.exec(trimmed) ?? [];
    if (name === undefined) {
      unread.push(line);
      continue;
    }
    let rest = first;
    // A quoted value may go on for lines, as private keys do.
    const quote = /^["']/.exec(rest)?.[0];
    while (quote !== undefined && !closed(rest, quote) && index + 1 < lines.length) rest += `\n${lines[(index += 1)]!}`;
    const value = quote === undefined ? rest.replace(/\s+#.*$/, '') : unquoted(rest, quote);
    values.push({ name, line, value: value === undefined ? undefined : new Secret(value) });
  }
  return { values, unread };
}

function closed(text: string, quote: string): boolean {
  return body(quote).test(text);
}

/** From the opening quote to the one that closes it; only double quotes know escapes. */
function body(quote: string): RegExp {
  return quote === '"' ? /^"((?:[^"\\]|\\[^])*)"/ : /^'([^']*)'/;
}

function unquoted(text: string, quote: string): string | undefined {
  const inside = body(quote).exec(text)?.[1];
  return inside === undefined || quote === "'" ? inside : unescaped(inside);
}

function parseTfvars(text: string): ImportedFile {
  const values: ImportedValue[] = [];
  const unread: number[] = [];
  const lines = withoutBlockComments(text).split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const line = index + 1;
    const trimmed = lines[index]!.trim();
    if (trimmed === '' || /^(#|\/\/)/.test(trimmed)) continue;
    const [, name, rest = ''] = /^"?([A-Za-z_][\w-]*)"?\s*=\s*(.*)$/.exec(trimmed) ?? [];
    if (name === undefined) {
      unread.push(line);
      continue;
    }
    const heredoc = /^<<(-?)(\w+)$/.exec(rest);
    if (heredoc !== null) {
      const end = lines.findIndex((candidate, at) => at > index && candidate.trim() === heredoc[2]);
      const inside = lines.slice(index + 1, end === -1 ? undefined : end);
      const value = heredoc[1] === '-' ? outdented(inside) : inside;
      values.push({ name, line, value: end === -1 ? undefined : new Secret(value.map((one) => `${one}\n`).join('')) });
      index = end === -1 ? lines.length : end;
      continue;
    }
    values.push({ name, line, value: scalar(rest) });
    // A list or a map goes on until its brackets are closed.
    let open = depth(rest);
    while (open > 0 && index + 1 < lines.length) open += depth(lines[(index += 1)]!);
  }
  return { values, unread };
}

/** The lines stay where they are, so that their numbers do. */
function withoutBlockComments(text: string): string {
  return text.replace(/^[ \t]*\/\*[^]*?\*\//gm, (comment) => comment.replace(/[^\n]/g, ''));
}

function scalar(text: string): Secret | undefined {
  const quoted = /^"((?:[^"\\]|\\.)*)"\s*(?:(?:#|\/\/).*)?$/.exec(text)?.[1];
  // `${` begins an expression, which has no place in a tfvars file; `$${` is how it is written as text.
  if (quoted !== undefined)
    return /(^|[^$%])[$%]\{/.test(quoted) ? undefined : new Secret(unescaped(quoted).replace(/([$%])\1\{/g, '$1{'));
  const bare = /^(-?\d+(?:\.\d+)?|true|false)\s*(?:(?:#|\/\/).*)?$/.exec(text)?.[1];
  return bare === undefined ? undefined : new Secret(bare);
}

function depth(text: string): number {
  const outside = text.replace(/"(?:[^"\\]|\\.)*"/g, '').replace(/(#|\/\/).*$/, '');
  return (outside.match(/[[{(]/g)?.length ?? 0) - (outside.match(/[\]})]/g)?.length ?? 0);
}

function outdented(lines: readonly string[]): readonly string[] {
  const indents = lines.filter((line) => line.trim() !== '').map((line) => /^\s*/.exec(line)![0].length);
  const least = Math.min(...indents, Infinity);
  return lines.map((line) => (least === Infinity ? line : line.slice(least)));
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

function unescaped(text: string): string {
  return text.replace(
    /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([^]))/g,
    (_, short?: string, long?: string, one?: string) => {
      const code = short ?? long;
      return code === undefined ? (escapes[one!] ?? one!) : String.fromCodePoint(Number.parseInt(code, 16));
    },
  );
}
