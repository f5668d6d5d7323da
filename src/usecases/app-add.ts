/** `ffops app add`: from a name and a few answers to an environment file that has the app, its secrets and its stacks. */
import { z } from 'zod';
import { FfopsError, UserError } from '../errors.ts';
import type { SecretWant } from '../model/blueprint.ts';
import { withApp, type AppOptions } from '../model/edit-environment.ts';
import { parsePath } from '../model/path.ts';
import type { AppCosts, AppEntry } from '../model/plugs.ts';
import { bare, optionRules } from '../model/schemas.ts';
import { withOption, writtenValue } from '../model/written-value.ts';
import type { Ports } from '../ports/ports.ts';
import type { Terminal } from '../ports/terminal.ts';
import type { SecretStore } from '../secrets/store.ts';
import { generateMissing } from '../secrets/supply.ts';
import { agreed, asksFor, prepareChange, renderAgain, type FileChange, type RenderHands } from './app-change.ts';
import { costsInWords } from './app-costs.ts';
import { appOf, appsOf, costsOf, isAdded, openSource, type AppPlace, type EnvironmentSource } from './apps.ts';
import { openText } from './open-environment.ts';
import type { Result } from './verdict.ts';

export interface AppAddRequest extends AppPlace {
  /** Chosen from a list when it is absent and somebody can answer. */
  readonly id: string | undefined;
  /** `option=value` each. */
  readonly set: readonly string[];
  readonly dryRun: boolean;
  /** Nothing is asked: what is not set keeps its default. */
  readonly yes: boolean;
  /** Of the environment's secrets; absent where they make themselves. */
  readonly store: (() => Promise<SecretStore>) | undefined;
  readonly hands: RenderHands;
}

export interface AppProposal extends FileChange {
  readonly id: string;
  readonly title: string;
  readonly costs: AppCosts;
}

export interface AppAddResult extends Result, AppProposal {
  /** False with `--dry-run`, and when the question was answered with no. */
  readonly written: boolean;
  readonly secrets: AddedSecrets;
}

export interface AddedSecrets {
  readonly generated: readonly string[];
  /** What only a person can supply. */
  readonly missing: readonly string[];
  /** Why none could be generated. */
  readonly trouble?: string;
}

/** Shows what it is about to do before it asks for consent; until that is given, nothing is written. */
export async function addApp(
  ports: Pick<Ports, 'clock' | 'files' | 'terminal'>,
  request: AppAddRequest,
  show: (proposal: AppProposal) => void,
): Promise<AppAddResult> {
  const source = await openSource(ports, request);
  const asks = asksFor(ports.terminal, request);
  const entry = await chosenApp(ports.terminal, source, request.id, asks);
  const given = optionsGiven(entry, request.set);
  const options = asks ? await answered(ports.terminal, request, source, entry, given) : given;
  const change = await unplaced(prepareChange(ports, request, source, withApp(source, entry.id, options)));
  const { file, diff, difference, after, blueprint } = change;
  const proposal: AppProposal = {
    id: entry.id,
    title: entry.title,
    file,
    costs: costsOf(after, entry),
    diff,
    difference,
  };
  const added = difference.added.secrets.map(({ name }) => name);
  const wants = blueprint.secrets.filter(({ name }) => added.includes(name));
  const nothing = { ...proposal, written: false, secrets: { generated: [], missing: [] } };
  if (request.dryRun) return { verdict: 'done', ...nothing };
  if (!(await agreed(ports.terminal, request, `Write ${file}?`, () => show(proposal))))
    return { verdict: 'refused', ...nothing };
  // First: a value that nobody reads yet does no harm, and what can be tried again comes last.
  const secrets = await supply(request.store, wants, ports.clock.now());
  await change.write();
  await renderAgain(ports, request, request.hands, blueprint);
  return { verdict: 'done', ...proposal, written: true, secrets };
}

async function chosenApp(
  terminal: Terminal,
  source: EnvironmentSource,
  id: string | undefined,
  asks: boolean,
): Promise<AppEntry> {
  const { catalogue, file, origins } = source;
  if (id !== undefined) {
    const entry = appOf(catalogue, id);
    if (!isAdded(source, id)) return entry;
    const origin = origins.of(`apps.${id}`);
    const at = origin.kind === 'file' ? origin : { file, line: 1, column: 1 };
    throw new UserError('app.there', {
      message: `\`${id}\` is in ${file} already.`,
      at: { file: at.file, line: at.line, column: at.column },
      hints: [`See what it is: ffops app info ${id}. Its options are below that line.`],
    });
  }
  const left = appsOf(catalogue).filter((app) => !isAdded(source, app.id));
  if (left.length === 0) throw new UserError('app.none', { message: `${file} has every app there is.` });
  if (!asks) {
    throw new UserError('usage.missing', {
      message: 'Which app?',
      hints: [`Name one of ${left.map((app) => app.id).join(', ')}.`],
    });
  }
  return await terminal.search(
    'Which app?',
    left.map((app) => ({ label: app.id, value: app, hint: `${app.summary}; ${costsInWords(costsOf(source, app))}` })),
  );
}

/** Typed by the app's own options. Throws UserError for what is no `option=value`; what it means is checked with the file. */
function optionsGiven({ id, options }: AppEntry, words: readonly string[]): AppOptions {
  return words.reduce<AppOptions>((given, word) => {
    const [, path, value] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
    if (path === undefined || value === undefined) {
      throw new UserError('usage.set', {
        message: `\`--set ${word}\` sets nothing.`,
        hints: [`Write it as --set option=value; ffops app info ${id} lists the options.`],
      });
    }
    const rule = optionRules(options).find((one) => one.path === path);
    return withOption(given, parsePath(path), writtenValue(rule?.schema, value));
  }, {});
}

/** Asks what the entry says matters and nobody has set; an answer that is the default is not written down. */
async function answered(
  terminal: Terminal,
  { workspace }: AppPlace,
  source: EnvironmentSource,
  entry: AppEntry,
  given: AppOptions,
): Promise<AppOptions> {
  const { catalogue, name, file } = source;
  const text = withApp(source, entry.id, given);
  const { environment } = await unplaced(openText(catalogue, workspace, { name, file, text }));
  const set = environment.apps[entry.id];
  let options = given;
  const matters = (question: string): boolean =>
    Object.entries(entry.askedWhen?.[question] ?? {}).every(
      ([other, value]) => (valueAt(options, other) ?? valueAt(set, other)) === value,
    );
  for (const rule of optionRules(entry.options)) {
    if (!entry.questions.includes(rule.path) || valueAt(given, rule.path) !== undefined || !matters(rule.path))
      continue;
    const initial = valueAt(set, rule.path);
    const answer = await ask(terminal, rule.path, rule.description, rule.schema, initial);
    if (answer !== undefined && answer !== initial) options = withOption(options, parsePath(rule.path), answer);
  }
  return options;
}

async function ask(
  terminal: Terminal,
  path: string,
  description: string,
  schema: z.ZodType,
  initial: unknown,
): Promise<unknown> {
  const question = `${path}: ${description}`;
  const inner = bare(schema);
  if (inner instanceof z.ZodBoolean) return await terminal.confirm(question, { initial: initial === true });
  if (inner instanceof z.ZodEnum) {
    const choices = inner.options.map((value) => ({ label: String(value), value }));
    return await terminal.select(question, choices, initial === undefined ? {} : { initial: initial as string });
  }
  const fits = (typed: string): string | undefined => {
    if (typed === '' && initial === undefined) return undefined;
    const issue = schema.safeParse(writtenValue(schema, typed)).error?.issues[0];
    return issue === undefined ? undefined : `It must be ${issue.message}.`;
  };
  const typed = await terminal.input(question, {
    ...(initial !== undefined && { initial: typeof initial === 'string' ? initial : JSON.stringify(initial) }),
    check: fits,
  });
  return typed === '' && initial === undefined ? undefined : writtenValue(schema, typed);
}

function valueAt(options: unknown, path: string): unknown {
  return parsePath(path).reduce(
    (group, name) =>
      typeof group === 'object' && group !== null ? (group as Readonly<Record<string, unknown>>)[name] : undefined,
    options,
  );
}

/** The lines of a file that nobody has written mean nothing to anyone. */
async function unplaced<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      error.code,
      error.problems.map(({ message, hints }) => ({ message, ...(hints && { hints }) })),
    );
  }
}

/** An app without its secrets is half added, and yet worth having: what is left to do is told. */
async function supply(
  open: (() => Promise<SecretStore>) | undefined,
  wants: readonly SecretWant[],
  now: Date,
): Promise<AddedSecrets> {
  if (open === undefined || wants.length === 0) return { generated: [], missing: [] };
  const asked = wants.filter(({ supply: { kind } }) => kind === 'asked').map(({ name }) => name);
  try {
    const store = await open();
    const generated = await generateMissing(store, wants, now);
    const there = (await store.exists()) ? (await store.document()).names : [];
    return { generated, missing: asked.filter((name) => !there.includes(name)) };
  } catch (error) {
    if (!(error instanceof FfopsError)) throw error;
    return { generated: [], missing: asked, trouble: error.message };
  }
}
