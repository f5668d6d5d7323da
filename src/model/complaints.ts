/** What zod found, in words for people. Unknown options are another matter: see unknownOptions.ts. */
import { z } from 'zod';
import { describeNode, nodeAt } from './document.ts';
import type { DocumentNode } from './document.ts';
import { nearest } from './nearest.ts';
import { formatPath } from './path.ts';
import type { Segments } from './path.ts';
import { schemaAt } from './schemas.ts';

type Issue = z.core.$ZodIssue;

export interface Complaint {
  readonly path: Segments;
  readonly about: 'key' | 'value';
  readonly message: string;
  readonly hints: readonly string[];
  /** True when the option is not there. */
  readonly missing?: boolean;
  /** The option that the person most likely meant. */
  readonly meant?: Segments;
}

/** What a schema refused, and where it lies in the file. */
export interface Checked {
  readonly schema: z.ZodType;
  readonly base: Segments;
  readonly data: unknown;
  /** The node behind `data`; absent when the file does not write it. */
  readonly root: DocumentNode | undefined;
}

export function complaintOf(issue: Issue, { schema, base, data, root }: Checked): Complaint {
  const own = issue.path.filter((segment) => typeof segment !== 'symbol');
  const path = [...base, ...own];
  const name = path.length === 0 ? 'The file' : `\`${formatPath(path)}\``;
  const node = root === undefined ? undefined : nodeAt(root, own);
  const option = schemaAt(schema, own);

  if (issue.code === 'invalid_key') {
    const reason = issue.issues[0]?.message ?? 'text';
    return { path, about: 'key', message: `The name of ${name} must be ${reason}.`, hints: [] };
  }
  const value = own.reduce<unknown>(childOf, data);
  if (node === undefined && value !== undefined) {
    const hints = ['Write one of your own in the file.'];
    return {
      path,
      about: 'key',
      message: `${name} ${requirement(issue, option)}; its default is ${JSON.stringify(value)}.`,
      hints,
    };
  }
  if (node === undefined) {
    return { path, about: 'key', message: `${name} is missing.`, hints: meaning(schema, own), missing: true };
  }
  const found = `found ${describeNode(node)}`;
  const hints = hintsFor(issue, node);
  return {
    path,
    about: 'value',
    message: `${name} ${requirement(issue, option)}; ${found}.`,
    hints: hints.length > 0 ? hints : meaning(schema, own),
  };
}

function childOf(value: unknown, segment: string | number): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[segment] : undefined;
}

/** An option spelt wrong is also missing under its right name: that is one mistake. */
export function withoutEchoes(complaints: readonly Complaint[]): Complaint[] {
  const meant = new Set(
    complaints.flatMap((complaint) => (complaint.meant === undefined ? [] : [formatPath(complaint.meant)])),
  );
  return complaints.filter((complaint) => complaint.missing !== true || !meant.has(formatPath(complaint.path)));
}

/** A union complains about every branch: keep the branch that came furthest. */
export function flatten(issues: readonly Issue[]): Issue[] {
  return issues.flatMap((issue): Issue[] => {
    if (issue.code !== 'invalid_union') return [issue];
    const branches = issue.errors.map((branch) => flatten(branch));
    const furthest = branches
      .filter((branch) => branch.every((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'))
      .sort((a, b) => a.length - b.length)[0];
    if (furthest === undefined) return [issue];
    return furthest.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
  });
}

function requirement(issue: Issue, option?: z.ZodType): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${wordFor(isWhole(option) ? 'int' : issue.expected)}`;
    case 'invalid_value':
      return issue.values.length === 1 ? `must be ${quoted(issue.values)}` : `must be one of ${quoted(issue.values)}`;
    case 'too_small':
    case 'too_big':
      return `must ${bound(issue)}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_union':
      return `must be ${[...new Set(issue.errors.flat().map(alternative))].join(', or ')}`;
    case 'invalid_format':
    case 'invalid_key':
    case 'invalid_element':
    case 'unrecognized_keys':
    case 'custom':
      return ownWords(issue.message);
  }
}

/** Our formats complete "must be …"; a sentence of an entry's own stands for itself. */
function ownWords(message: string): string {
  if (message === '' || message.startsWith('Invalid')) return 'is not written the right way';
  return /^[A-Z]/.test(message) ? `is wrong: ${message.replace(/\.$/, '')}` : `must be ${message}`;
}

function alternative(issue: Issue): string {
  return requirement(issue).replace(/^must be /, '');
}

function bound(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const small = issue.code === 'too_small';
  const limit = Number(small ? issue.minimum : issue.maximum);
  const unit =
    issue.origin === 'string'
      ? 'character'
      : issue.origin === 'array'
        ? 'item'
        : issue.origin === 'record' || issue.origin === 'object'
          ? 'entry'
          : undefined;
  const exclusive = issue.inclusive === false;
  if (unit === undefined) {
    if (Math.abs(limit) >= Number.MAX_SAFE_INTEGER) return `be a smaller number`;
    return small
      ? `be ${exclusive ? 'more than' : 'at least'} ${limit}`
      : `be ${exclusive ? 'less than' : 'at most'} ${limit}`;
  }
  const units = limit === 1 ? unit : unit === 'entry' ? 'entries' : `${unit}s`;
  return `have ${small ? 'at least' : 'at most'} ${limit} ${units}`;
}

function hintsFor(issue: Issue, node: DocumentNode): string[] {
  const hints: string[] = [];
  if (node.kind === 'scalar') {
    if (node.value === null) hints.push('Write a value, or remove the line to get the default.');
    else if (issue.code === 'invalid_type') hints.push(...retyped(issue.expected, node.value, node.source));
    else if (issue.code === 'invalid_value') hints.push(...retold(issue.values, node.value));
  }
  if (issue.code === 'invalid_type' && issue.expected === 'array' && node.kind !== 'list')
    hints.push('Write a list: each item on a line of its own, after a hyphen.');
  return hints;
}

function retyped(expected: string, value: string | number | boolean, source: string): string[] {
  if (expected === 'string' && typeof value !== 'string') return [`Put it between quotes: "${source}".`];
  if (expected === 'boolean') {
    if (/^(y|yes|on|true|1|enabled)$/i.test(String(value))) return ['Write true, without quotes.'];
    if (/^(n|no|off|false|0|disabled)$/i.test(String(value))) return ['Write false, without quotes.'];
  }
  const isNumber = expected === 'number' || expected === 'int';
  if (isNumber && typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) return [`Remove the quotes: ${value}.`];
  return [];
}

function retold(values: readonly unknown[], value: string | number | boolean): string[] {
  const texts = values.filter((candidate) => typeof candidate === 'string');
  if (value === false && texts.includes('off')) return ['Write `off`.'];
  if (value === false && texts.includes('none')) return ['Write `none`.'];
  const near = nearest(String(value), texts);
  return near === undefined ? [] : [`Did you mean \`${near}\`?`];
}

function wordFor(expected: string): string {
  const words: Readonly<Record<string, string>> = {
    string: 'text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a group of options',
    record: 'a group of options',
    null: 'empty',
  };
  return words[expected] ?? expected;
}

function quoted(values: readonly unknown[]): string {
  return values.map((value) => `\`${String(value)}\``).join(', ');
}

function isWhole(option: z.ZodType | undefined): boolean {
  return option instanceof z.ZodNumber && option.format?.includes('int') === true;
}

/** What the option is for. A description may sit on the optional wrapper rather than on what it wraps. */
function meaning(schema: z.ZodType, path: Segments): string[] {
  const parent = schemaAt(schema, path.slice(0, -1));
  const option =
    parent instanceof z.ZodObject ? (parent.shape[String(path.at(-1))] as z.ZodType | undefined) : undefined;
  const text = option?.description ?? schemaAt(schema, path)?.description;
  return text === undefined ? [] : [text];
}
