/** What a person means by the WHAT of `backup create data`, `backup restore shop`, `backup drill postgres`. Pure. */
import { UserError } from '../errors.ts';
import type { Blueprint, Database } from '../model/blueprint.ts';
import { nearest } from '../model/nearest.ts';

export type Engine = Database['engine'];

export interface Subject {
  /** As people call it: `data`, `hello`, `postgres`, `everything`. */
  readonly name: string;
  /** Whose objects and files Velero backs up. */
  readonly namespaces: readonly string[];
  /** Whose databases are dumped. */
  readonly engines: readonly Engine[];
  /** What is restored of their dumps: of an app, its own. All of it when absent. */
  readonly databases?: readonly Pick<Database, 'engine' | 'name'>[];
}

export const EVERYTHING = 'everything';

/** Undefined: all that the engine's dump holds. */
export function databasesOf({ databases }: Subject, engine: Engine): readonly string[] | undefined {
  return databases?.filter((one) => one.engine === engine).map(({ name }) => name);
}

/** A namespace, an app by its id, an engine, or all of what is backed up. Throws UserError with the names there are. */
export function subjectOf(blueprint: Blueprint, what: string | undefined): Subject {
  const known = subjects(blueprint);
  const found = known.find(({ name }) => name === (what ?? EVERYTHING));
  if (found !== undefined) return found;
  const near = nearest(
    what ?? '',
    known.map(({ name }) => name),
  );
  throw new UserError('backup.unknownSubject', {
    message: `${blueprint.environment} has nothing called ${what} that is backed up.`,
    hints: [near === undefined ? `It has ${known.map(({ name }) => name).join(', ')}.` : `Did you mean \`${near}\`?`],
  });
}

/** In the order people should read them. */
export function subjects(blueprint: Blueprint): readonly Subject[] {
  const engines = enginesOf(blueprint);
  const data = homeOf(blueprint, engines);
  const apps = blueprint.namespaces.map(({ name }) => name).filter((name) => name.startsWith('apps-'));
  return [
    { name: EVERYTHING, namespaces: [...data, ...apps], engines },
    ...data.map((name) => ({ name, namespaces: [name], engines })),
    ...engines.map((engine) => ({ name: engine, namespaces: [], engines: [engine] })),
    ...apps.map((name) => appIn(blueprint, name)),
    ...apps.map((name) => ({ name, namespaces: [name], engines: [] })),
  ];
}

/** Its files without its database would be of no use to anybody. */
function appIn(blueprint: Blueprint, namespace: string): Subject {
  const name = namespace.slice('apps-'.length);
  const databases = blueprint.databases.filter(({ owner }) => owner === name);
  return { name, namespaces: [namespace], engines: enginesOf({ databases }), databases };
}

export function enginesOf({ databases }: Pick<Blueprint, 'databases'>): readonly Engine[] {
  return [...new Set(databases.map(({ engine }) => engine))].sort();
}

/** Where the databases run: the namespace of the releases that carry the engines' names. */
function homeOf(blueprint: Blueprint, engines: readonly Engine[]): readonly string[] {
  const releases = blueprint.stacks.flatMap((stack) => stack.releases);
  const homes = releases.filter(({ entry }) => engines.some((engine) => engine === entry));
  return [...new Set(homes.map(({ namespace }) => namespace))];
}
