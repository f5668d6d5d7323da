/** From the text of an environment file to the resolved environment, or to every problem of the file at once. */
import { z } from 'zod';
import { UserError } from '../errors.ts';
import type { Place, Problem } from '../errors.ts';
import { bitnamiFindings, checkEnvironment, checkRootDomain, checkSupported } from './checks.ts';
import { complaintOf, flatten, withoutEchoes } from './complaints.ts';
import type { Checked, Complaint } from './complaints.ts';
import { nearestPlace, nodeAt, readDocument, toData } from './document.ts';
import type { Document } from './document.ts';
import { environmentSchema, writtenEnvironmentSchema } from './environment.ts';
import type { Environment, WrittenEnvironment } from './environment.ts';
import { isEnvironmentName } from './names.ts';
import { completeSources, isGroup, merge } from './merge.ts';
import { nearest } from './nearest.ts';
import type { Origins } from './origin.ts';
import { originsOf } from './origins.ts';
import type { SourceTree } from './origins.ts';
import { formatPath, parsePath } from './path.ts';
import type { Segments } from './path.ts';
import type { EnvironmentContext, Finding, PlatformRules, Registry } from './registry.ts';
import { schemaAt, withEmptyGroups } from './schemas.ts';
import { UnknownOptions, isManagedDatabase, managedDatabase, unknownApp } from './unknownOptions.ts';

export interface EnvironmentSource {
  /** As people know it: `environments/prod.yaml`. Every problem names it. */
  readonly file: string;
  readonly text: string;
  readonly name: string;
  readonly workspace: string;
  readonly registry: Registry;
}

export interface LoadedEnvironment {
  readonly name: string;
  readonly file: string;
  readonly environment: Environment;
  readonly origins: Origins;
  /** The tree behind `origins`, in file order: what `explain` walks. */
  readonly sources: SourceTree;
  readonly warnings: readonly Problem[];
}

const MAX_PROBLEMS = 100;

/** Throws UserError with every problem of the file, in file order; each has a place. */
export async function loadEnvironment(source: EnvironmentSource): Promise<LoadedEnvironment> {
  refuseName(source);
  const document = readDocument(source.file, source.text, 'environment');
  const loading = new Loading(source, document);
  return loading.run();
}

class Loading {
  readonly #source: EnvironmentSource;
  readonly #document: Document;
  readonly #context: EnvironmentContext;
  readonly #unknown: UnknownOptions;
  readonly #problems: Problem[] = [];
  /** Written options that cannot be used, by path: what comes later says nothing more about them. */
  readonly #refused = new Set<string>();
  readonly #refusedGroups = new Set<string>();

  constructor(source: EnvironmentSource, document: Document) {
    this.#source = source;
    this.#document = document;
    this.#context = { workspace: source.workspace, environment: source.name };
    this.#unknown = new UnknownOptions(environmentSchema, source.registry);
  }

  async run(): Promise<LoadedEnvironment> {
    const written = this.#readWritten();
    for (const finding of bitnamiFindings(this.#document.root, '')) this.#problem(finding);
    for (const finding of await checkRootDomain(written)) this.#report(finding);
    const platform = this.#platformOf(written);
    if (platform === undefined) throw this.#failure();
    for (const finding of checkSupported(written, platform)) this.#report(finding);

    const { value, sources } = this.#mergeDefaults(written, platform);
    const environment = this.#resolve(value, sources);
    if (environment === undefined) throw this.#failure();

    const origins = originsOf(sources);
    for (const finding of await checkEnvironment(environment, origins, platform, this.#source.registry, this.#context))
      this.#report(finding);
    if (this.#problems.length > 0) throw this.#failure();
    const { name, file } = this.#source;
    return { name, file, environment, origins, sources, warnings: this.#warnings() };
  }

  /** The file's values, types checked; what is wrong is reported and left out. */
  #readWritten(): WrittenEnvironment {
    const data = withEmptyGroups(writtenEnvironmentSchema, toData(this.#document.root)) as Record<string, unknown>;
    if (Array.isArray(data['apps'])) this.#refuseAppList(data['apps']);
    else if (isGroup(data['apps'])) data['apps'] = this.#readApps(data['apps']);
    this.#validate(writtenEnvironmentSchema, data, []);
    return without(data, this.#refused) as WrittenEnvironment;
  }

  #readApps(apps: Record<string, unknown>): Record<string, unknown> {
    const known: Record<string, unknown> = {};
    for (const [id, options] of Object.entries(apps)) {
      const entry = this.#source.registry.entries.get(id);
      if (entry?.kind !== 'app') {
        this.#refuse(unknownApp(id, this.#source.registry));
        continue;
      }
      known[id] = withEmptyGroups(entry.options, options);
      if (isGroup(known[id])) this.#validate(entry.options, known[id], ['apps', id]);
    }
    return known;
  }

  /** `apps: [wordpress, n8n]`, which many would write. */
  #refuseAppList(list: readonly unknown[]): void {
    const names = list.map((item) => (isGroup(item) ? Object.keys(item)[0] : item));
    const first = names.find((name) => typeof name === 'string') ?? 'wordpress';
    this.#refuse({
      path: ['apps'],
      about: 'value',
      message: '`apps` must be a group with one entry per app; found a list.',
      hints: [`Write each app as a name with a colon: \`${first}:\`, and its options below it.`],
    });
    for (const [index, name] of names.entries()) {
      if (typeof name !== 'string' || names.indexOf(name) === index) continue;
      this.#refuse({
        path: ['apps', index],
        about: 'value',
        message: `The app \`${name}\` is listed twice.`,
        hints: ['Keep one of them.'],
      });
    }
  }

  #validate(schema: z.ZodType, data: unknown, base: Segments): void {
    const result = schema.safeParse(data);
    if (result.success) return;
    const checked = { schema, data, base, root: nodeAt(this.#document.root, base) };
    const complaints = flatten(result.error.issues)
      .filter((issue) => !(base.length === 0 && issue.path[0] === 'apps' && this.#refused.has('apps')))
      .flatMap((issue) => this.#complaints(issue, checked));
    for (const complaint of withoutEchoes(complaints)) this.#refuse(complaint);
  }

  #complaints(issue: z.core.$ZodIssue, checked: Checked): Complaint[] {
    const { root, base } = checked;
    const own = issue.path.filter((segment) => typeof segment !== 'symbol');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const node = root === undefined ? undefined : nodeAt(root, [...own, key]);
        return this.#unknown.explain([...base, ...own, key], node === undefined ? undefined : toData(node));
      });
    }
    const node = root === undefined ? undefined : nodeAt(root, own);
    const path = [...base, ...own];
    if (node !== undefined && isManagedDatabase(path, toData(node))) return [managedDatabase(path)];
    return [complaintOf(issue, checked)];
  }

  #platformOf(written: WrittenEnvironment): PlatformRules | undefined {
    const { platforms } = this.#source.registry;
    const id: unknown = written.platform;
    if (typeof id !== 'string') return undefined;
    const platform = platforms.get(id);
    if (platform !== undefined) return platform;
    const near = nearest(id, platforms.keys());
    this.#report({
      path: 'platform',
      message: `There is no platform \`${id}\`.`,
      hints: [near === undefined ? `Platforms: ${[...platforms.keys()].join(', ')}.` : `Did you mean \`${near}\`?`],
    });
    return undefined;
  }

  #mergeDefaults(
    written: WrittenEnvironment,
    platform: PlatformRules,
  ): { value: Record<string, unknown>; sources: SourceTree } {
    const defaults = { ...platform.defaults(written, this.#context) };
    const apps = Object.keys(written.apps ?? {});
    // A platform may know better defaults for an app's options; it never adds an app.
    const appDefaults = Object.fromEntries(apps.map((id) => [id, defaults.apps?.[id] ?? {}]));
    const source = { kind: 'platform', platform: platform.id } as const;
    const { root } = this.#document;
    const at = root.entries.get('platform')?.keyAt ?? root.at;
    const merged = merge(written, root, at, { ...defaults, apps: appDefaults }, source);
    return { value: merged.value as Record<string, unknown>, sources: merged.sources };
  }

  /** Everything in, defaults of ffops and of the catalogue too. Undefined when something is missing or wrong. */
  #resolve(value: Record<string, unknown>, sources: SourceTree): Environment | undefined {
    const apps: Record<string, unknown> = {};
    let whole = true;
    for (const [id, options] of Object.entries(value['apps'] as Record<string, unknown>)) {
      const entry = this.#source.registry.entries.get(id);
      const result = entry?.options.safeParse(options);
      if (entry === undefined || result === undefined) continue;
      if (!result.success) {
        whole = false;
        this.#complainOnce(result.error.issues, entry.options, options, ['apps', id]);
        continue;
      }
      apps[id] = result.data;
      const appSources = sources.children.get('apps')?.children.get(id);
      if (appSources !== undefined) completeSources(appSources, result.data, { kind: 'catalogue', entry: id });
    }
    const result = environmentSchema.safeParse({ ...value, apps });
    if (!result.success) {
      this.#complainOnce(result.error.issues, environmentSchema, value, []);
      return undefined;
    }
    completeSources(sources, result.data, { kind: 'ffops' });
    return whole ? result.data : undefined;
  }

  /** What is still wrong once defaults are in, unless the file's own value was refused before. */
  #complainOnce(issues: readonly z.core.$ZodIssue[], schema: z.ZodType, data: unknown, base: Segments): void {
    const checked = { schema, data, base, root: nodeAt(this.#document.root, base) };
    for (const issue of flatten(issues)) {
      for (const complaint of this.#complaints(issue, checked)) {
        if (!this.#isRefused(complaint.path)) this.#refuse(complaint);
      }
    }
  }

  #refuse(complaint: Complaint): void {
    this.#refused.add(formatPath(complaint.path));
    this.#refusedGroups.add(formatPath(complaint.path.slice(0, -1)));
    // Once an option is known to be another one misspelt, that other one is not missing.
    if (complaint.meant !== undefined) this.#refused.add(formatPath(complaint.meant));
    this.#problems.push({
      message: complaint.message,
      at: this.#place(complaint.path, complaint.about),
      hints: complaint.hints,
    });
  }

  #report(finding: Finding): void {
    const path = parsePath(finding.path);
    if (this.#isRefused(path) || this.#isMistyped(path)) return;
    this.#problem(finding);
  }

  #problem({ path, about = 'value', message, hints = [] }: Finding): void {
    const at = this.#place(parsePath(path), about);
    this.#problems.push({ message: sentence(message), at, hints: hints.map(sentence) });
  }

  /** An option that is not there while its group has a refused one: most likely that one, spelt wrong. */
  #isMistyped(path: Segments): boolean {
    if (nodeAt(this.#document.root, path) !== undefined) return false;
    return this.#refusedGroups.has(formatPath(path.slice(0, -1)));
  }

  #isRefused(path: Segments): boolean {
    return path.some((_, depth) => this.#refused.has(formatPath(path.slice(0, depth + 1))));
  }

  #place(path: Segments, about: 'key' | 'value'): Place {
    const { root } = this.#document;
    return nearestPlace(root, path, about) ?? root.entries.get('platform')?.keyAt ?? root.at;
  }

  #warnings(): Problem[] {
    return this.#document.warnings
      .filter((trap) => !(schemaAt(environmentSchema, parsePath(trap.path)) instanceof z.ZodEnum))
      .map((trap) => trap.problem);
  }

  #failure(): UserError {
    const sorted = [...this.#problems].sort((a, b) => order(a) - order(b));
    const shown = sorted.slice(0, MAX_PROBLEMS);
    const more = sorted.length - shown.length;
    const last = shown.at(-1);
    if (more > 0 && last?.at !== undefined)
      shown.push({ message: `And ${more} more problems.`, at: last.at, hints: ['Correct these first.'] });
    return new UserError('environment.invalid', shown);
  }
}

/** Platforms and entries come from many hands; to people they speak with one voice. */
function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?:]$/.test(start) ? start : `${start}.`;
}

function refuseName({ name, file }: EnvironmentSource): void {
  if (isEnvironmentName(name)) return;
  throw new UserError('environment.name', {
    message: `An environment cannot be called "${name}".`,
    at: { file, line: 1, column: 1 },
    hints: ['Name the file with at most 32 lower-case letters, digits and hyphens, such as `prod.yaml`.'],
  });
}

function order(problem: Problem): number {
  return problem.at === undefined ? 0 : problem.at.line * 1_000_000 + Math.min(problem.at.column, 999_999);
}

/** Leaves out the refused options; one inside a list takes the whole list with it, so that positions stay true. */
function without(data: Record<string, unknown>, refused: ReadonlySet<string>): Record<string, unknown> {
  for (const path of refused) {
    const segments = parsePath(path);
    const list = segments.findIndex((segment) => typeof segment === 'number');
    const cut = list === -1 ? segments : segments.slice(0, list);
    const parent = cut
      .slice(0, -1)
      .reduce<unknown>((group, segment) => (isGroup(group) ? group[String(segment)] : undefined), data);
    if (isGroup(parent)) delete parent[String(cut.at(-1))];
  }
  return data;
}
