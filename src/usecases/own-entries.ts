/** The apps that only this workspace has, `catalogue/<app>/entry.ts`, in the form that those of ffops have. */
import { join } from 'node:path';
import { z } from 'zod';
import { FfopsError, UserError, type Place, type Problem } from '../errors.ts';
import type { AppEntry } from '../model/plugs.ts';
import { optionRules } from '../model/schemas.ts';
import { listOwnApps } from '../model/workspace.ts';
import type { Files } from '../ports/files.ts';

const FILE = 'entry.ts';
const CODE = 'catalogue.entry';
const PAGE = 'docs/adding-an-app.md of ffops shows a whole one.';

const text = z.string('text').min(1, 'text');
const pure = z.custom<unknown>((value) => typeof value === 'function', 'a function');

const version = z.string('text').regex(/^\d/, 'a version, such as 2.18.4');
const upgradePath = z.strictObject({
  stops: z.array(version, 'a list of versions').optional(),
  notes: z.array(z.strictObject({ since: version, text }), 'a list of `{ since, text }`').optional(),
  guide: text.optional(),
});

/** An app's form as far as it can be told before it is used; what its functions return, the compiler knows. */
const form = z.strictObject({
  id: text,
  kind: z.literal('app', "'app': a workspace brings no systems"),
  home: z.literal('app', "'app'"),
  title: text,
  summary: text,
  version: z.string('text').regex(/^\d/, "the app's version, such as 2.18.4"),
  upgrades: upgradePath.optional(),
  questions: z.array(text, 'a list of paths of its options'),
  askedWhen: z.record(text, z.record(text, z.json()), 'values of other options, by question').optional(),
  options: z.custom<z.ZodObject>(
    (value) => value instanceof z.ZodObject,
    'a z.strictObject with the z of ffops/catalogue',
  ),
  optionOwners: z.record(text, text, 'a map of text').optional(),
  costs: pure,
  check: pure.optional(),
  contribute: pure,
});

/** In the order of their folders; empty when there are none. Throws UserError with what is wrong with each. */
export async function ownEntries(
  files: Files,
  root: string,
  builtIn: ReadonlySet<string>,
): Promise<readonly AppEntry[]> {
  const entries: AppEntry[] = [];
  const problems: Problem[] = [];
  for (const [id, folder] of await listOwnApps(files, root)) {
    const source: Source = {
      id,
      root,
      file: `${folder}/${FILE}`,
      at: { file: `${folder}/${FILE}`, line: 1, column: 1 },
    };
    if (builtIn.has(id)) problems.push(taken(source, folder));
    else {
      const found = await load(files, source);
      if (Array.isArray(found)) problems.push(...(found as readonly Problem[]));
      else entries.push(guarded(found as AppEntry, source));
    }
  }
  if (problems.length > 0) throw new UserError(CODE, problems);
  return entries;
}

/** Which entry is meant, and where it lies. */
interface Source {
  readonly id: string;
  /** Of the workspace. */
  readonly root: string;
  /** Relative to it. */
  readonly file: string;
  /** Where nothing better is known. */
  readonly at: Place;
}

async function load(files: Files, source: Source): Promise<AppEntry | readonly Problem[]> {
  const { file, at, root } = source;
  const path = join(root, file);
  if ((await files.info(path)) === undefined)
    return [{ message: `There is no ${file}.`, at, hints: [`Describe the app in it, or remove the folder. ${PAGE}`] }];
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await files.module(path);
  } catch (error) {
    return [unreadable(error, source)];
  }
  const found = [...new Set(Object.values(exported).filter(isEntry))];
  const [entry] = found;
  if (entry === undefined || found.length > 1) {
    const message = `${file} exports ${entry === undefined ? 'no entry' : `${found.length} entries`}.`;
    return [{ message, at, hints: [`Export one: \`export const ${variable(source.id)}: AppEntry = {…}\`. ${PAGE}`] }];
  }
  return formProblems(entry, source) ?? (entry as unknown as AppEntry);
}

/** Whatever else a module exports is its own business. */
function isEntry(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'contribute' in value;
}

function formProblems(entry: object, { id, file, at }: Source): readonly Problem[] | undefined {
  const { data, error } = form.safeParse(entry);
  const wrong = (message: string, ...hints: string[]): Problem => ({ message, at, hints: [...hints, PAGE] });
  if (error !== undefined) {
    return error.issues.map((issue) =>
      issue.code === 'unrecognized_keys'
        ? wrong(`The entry in ${file} has \`${issue.keys.join('`, `')}\`, which no entry has.`)
        : wrong(`\`${issue.path.join('.')}\` of the entry in ${file} must be ${issue.message}.`),
    );
  }
  const rules = optionRules(data.options);
  const paths = rules.map(({ path }) => path);
  const problems = [
    ...(data.id === id
      ? []
      : [wrong(`The entry in ${file} has the id \`${data.id}\`.`, `Write \`${id}\`, as its folder.`)]),
    ...rules
      .filter(({ description }) => description === '')
      .map(({ path }) => wrong(`The option \`${path}\` in ${file} has no description.`, 'Add `.describe(…)`.')),
    ...(data.options.safeParse({}).error?.issues ?? []).map(({ path }) =>
      wrong(`The option \`${path.join('.')}\` in ${file} has no default.`, 'Add `.default(…)` or `.optional()`.'),
    ),
    ...data.questions
      .filter((question) => !paths.includes(question))
      .map((question) => wrong(`\`questions\` in ${file} names \`${question}\`, which is no option.`)),
  ];
  return problems.length === 0 ? undefined : problems;
}

function taken({ id, at }: Source, folder: string): Problem {
  const message = `${folder} is named as something that ffops brings itself: \`${id}\`.`;
  return { message, at, hints: [`Give the folder and its entry another name, such as \`own-${id}\`.`] };
}

function unreadable(error: unknown, { root, file, at }: Source): Problem {
  const { code, message, stack } = thrown(error);
  const missing = /Cannot find package '([^']+)'/.exec(message)?.[1];
  const said = `${file} cannot be loaded: ${firstLine(message)}`;
  const place = placeIn(stack, root) ?? at;
  if (missing !== undefined)
    return {
      message: said,
      at: place,
      hints: [`\`ffops/catalogue\` has what an entry needs, \`z\` too; install ${missing} in the workspace if not.`],
    };
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX')
    return {
      message: said,
      at: place,
      hints: ['Types are only stripped: write no enum, namespace or parameter property.'],
    };
  return { message: said, at: place, hints: ['Repair the file, or move its folder away.'] };
}

/** What an entry throws is a mistake of its writer, not of ffops. */
function guarded(entry: AppEntry, { root, file, at }: Source): AppEntry {
  const told = <T>(part: string, work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (error instanceof FfopsError) throw error;
      const { message, stack } = thrown(error);
      throw new UserError(CODE, {
        message: `\`${part}\` in ${file} failed: ${firstLine(message)}`,
        at: placeIn(stack, root) ?? at,
        hints: ['Repair the entry, or take the app out of the environment.'],
      });
    }
  };
  return {
    ...entry,
    costs: (environment) => told('costs', () => entry.costs(environment)),
    contribute: (request) => told('contribute', () => entry.contribute(request)),
    ...(entry.check && {
      check: (environment, context) => told('check', () => entry.check?.(environment, context) ?? []),
    }),
  };
}

/** Whatever was thrown: a module may throw anything. */
function thrown(error: unknown): { readonly code?: string; readonly message: string; readonly stack: string } {
  if (!(error instanceof Error)) return { message: String(error), stack: '' };
  const { code } = error as NodeJS.ErrnoException;
  return { ...(code !== undefined && { code }), message: error.message, stack: error.stack ?? '' };
}

/** The first line of the stack that lies in a file of the workspace. */
function placeIn(stack: string, root: string): Place | undefined {
  for (const [, path = '', line, column] of stack.matchAll(/(?:file:\/\/)?(\/[^\s()]+?):(\d+)(?::(\d+))?\)?$/gm)) {
    const file = decodeURI(path);
    if (file.startsWith(`${root}/`))
      return { file: file.slice(root.length + 1), line: Number(line), column: Number(column ?? 1) };
  }
  return undefined;
}

function firstLine(message: string): string {
  return (
    message
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? message
  );
}

/** `status-page` → `statusPage`. */
function variable(id: string): string {
  return id.replace(/-+(.)?/g, (_, letter: string | undefined) => letter?.toUpperCase() ?? '');
}
