/** Values as HCL, the language of OpenTofu: what goes in comes out when OpenTofu reads it back. */
import type { Json } from '../model/blueprint.ts';

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
/** These are the characters that must not stand in a file as they are. */
const UNSAFE = /[\\"\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const REFERENCE = /^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*$/;

export function hcl(value: Json, indent = 0): string {
  if (typeof value === 'string') return hclString(value);
  if (typeof value === 'number') return hclNumber(value);
  if (typeof value === 'boolean' || value === null) return String(value);
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map((item) => hcl(item, indent)).join(', ')}]`;
  return hclMap(value as { readonly [key: string]: Json }, indent);
}

export function hclString(text: string): string {
  return `"${escaped(text)}"`;
}

/** The inside of a quoted string, for text beside an interpolation: a dollar at its end would run into the mark. */
export function hclText(text: string): string {
  return escaped(text).replace(/[$%]+$/, byNumber);
}

function escaped(text: string): string {
  const safe = text.toWellFormed().replace(UNSAFE, (char) => ESCAPES[char] ?? byNumber(char));
  // `$${` means `${`, but OpenTofu reads the dollar of a run before it as part of the mark: those are written by number.
  return safe.replace(/[$%]+\{/g, (run) => (run.length === 2 ? `${run[0]}${run}` : `${byNumber(run.slice(0, -1))}{`));
}

/** A dotted path such as `digitalocean_vpc.main.id`. Throws when it is anything else. */
export function hclReference(path: string): string {
  if (!REFERENCE.test(path)) throw new Error(`not a reference: ${path}`);
  return path;
}

function hclNumber(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`not a number that HCL can hold: ${value}`);
  return String(value);
}

function hclMap(map: { readonly [key: string]: Json }, indent: number): string {
  const keys = Object.keys(map).sort();
  if (keys.length === 0) return '{}';
  const inner = ' '.repeat(indent + 2);
  const lines = keys.map((key) => {
    const name = IDENTIFIER.test(key) ? key : hclString(key);
    return `${inner}${name} = ${hcl(map[key] ?? null, indent + 2)}\n`;
  });
  return `{\n${lines.join('')}${' '.repeat(indent)}}`;
}

function byNumber(chars: string): string {
  return [...chars].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
}
