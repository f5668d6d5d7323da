/**
 * Values as YAML that every reader understands alike: YAML 1.1 (Helm) and 1.2. The same text may pass OpenTofu's
 * `templatefile`, so that no value can look like an interpolation.
 */
import type { Json } from '../model/blueprint.ts';

const PLAIN = /^[A-Za-z][A-Za-z0-9_./@-]*( [A-Za-z0-9_./@][A-Za-z0-9_./@-]*)*$/;
/** Words that YAML 1.1 takes for something else than text. */
const WORDS = /^(y|n|yes|no|on|off|true|false|null)$/i;
/** These are the characters that must not stand in a file as they are. */
const UNSAFE = /[\\"\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** On one line: lists and maps in brackets. */
export function yaml(value: Json): string {
  if (typeof value === 'string') return yamlString(value);
  if (typeof value === 'number') return yamlNumber(value);
  if (typeof value === 'boolean' || value === null) return String(value);
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(yaml).join(', ')}]`;
  const map = value as { readonly [key: string]: Json };
  const entries = Object.keys(map)
    .sort()
    .map((key) => `${yamlString(key)}: ${yaml(map[key] ?? null)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

/** Lines that a reader of YAML takes as they stand: all of it visible, and one line end at the end. */
const LINES = /^(?!\s)(?:[^\p{C}\p{Zl}\p{Zp}]|\n(?!\n$))+\n$/u;

/** A whole text below its key, two deep, as people write it; what YAML or OpenTofu would read otherwise is quoted. */
export function yamlText(text: string): string {
  if (!LINES.test(text) || /[$%]\{/.test(text) || text.normalize('NFC') !== text) return yaml(text);
  return `|\n${text.slice(0, -1).replace(/^(?=.)/gm, '    ')}`;
}

function yamlString(text: string): string {
  if (PLAIN.test(text) && !WORDS.test(text)) return text;
  const safe = text.toWellFormed().replace(UNSAFE, (char) => ESCAPES[char] ?? byNumber(char));
  return `"${composed(safe).replace(/[$%](?=\{)/g, byNumber)}"`;
}

/** OpenTofu composes the characters of every text it reads; only numbers keep what is not composed already. */
function composed(text: string): string {
  return text.normalize('NFC') === text ? text : text.replace(/[^\u0000-\u007f]/gu, byNumber);
}

function yamlNumber(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`not a number that YAML can hold: ${value}`);
  return String(value);
}

function byNumber(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
