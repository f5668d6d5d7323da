/**
 * Adds an app to the text of an environment file, or takes one out, and leaves every other line as it is: comments,
 * order, quotes, line ends. What comes out is read again, and must mean what was there with that one change.
 */
import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../errors.ts';
import { readDocument, toData } from './document.ts';
import { cut, flow, groupAdditions, listAdditions, removals, type Cut, type Group } from './yaml-cuts.ts';

export interface EnvironmentText {
  /** As people know it: `environments/prod.yaml`. */
  readonly file: string;
  readonly text: string;
}

export type AppOptions = Readonly<Record<string, unknown>>;

/** Throws UserError when the file is written in a way that cannot be added to, with the lines to add by hand. */
export function withApp({ file, text }: EnvironmentText, id: string, options: AppOptions): string {
  const before = dataOf(file, text);
  const fresh = { [id]: options };
  const wanted = { ...before, apps: { ...groupOf(before, 'apps'), ...fresh } };
  return (
    firstThatMeans(file, text, wanted, groupAdditions(text, 'apps', fresh)) ??
    refuse(`${file} is written in a way that ffops cannot add \`${id}\` to without touching the rest.`, [
      `Write it yourself: apps: ${flow(fresh)}`,
      'Or write `apps:` on a line of its own, and each app as an indented `name:` below it.',
    ])
  );
}

/** The same without the app. Its own lines go, a comment above them stays: nobody knows what it is about. */
export function withoutApp({ file, text }: EnvironmentText, id: string): string {
  const before = dataOf(file, text);
  const { [id]: _, ...rest } = groupOf(before, 'apps');
  return (
    firstThatMeans(file, text, { ...before, apps: rest }, removals(text, ['apps'], id)) ??
    refuse(`${file} is written in a way that ffops cannot take \`${id}\` out of without touching the rest.`, [
      'Take its lines out yourself.',
    ])
  );
}

/** The same without one option of the app, which has its default then. */
export function withoutOption({ file, text }: EnvironmentText, id: string, option: string): string {
  const before = dataOf(file, text);
  const apps = groupOf(before, 'apps');
  const { [option]: _, ...rest } = groupOf(apps, id);
  const wanted = { ...before, apps: { ...apps, [id]: rest } };
  return (
    firstThatMeans(file, text, wanted, removals(text, ['apps', id], option)) ??
    refuse(
      `${file} is written in a way that ffops cannot take \`apps.${id}.${option}\` out of without touching the rest.`,
      ['Take the line out yourself.'],
    )
  );
}

/** The same with more buckets of the environment's own. */
export function withBuckets({ file, text }: EnvironmentText, names: readonly string[]): string {
  const before = dataOf(file, text);
  const storage = groupOf(before, 'objectStorage');
  const buckets = [...((storage['buckets'] ?? []) as readonly unknown[]), ...names];
  const wanted = { ...before, apps: groupOf(before, 'apps'), objectStorage: { ...storage, buckets } };
  return (
    firstThatMeans(file, text, wanted, listAdditions(text, 'objectStorage', 'buckets', names)) ??
    refuse(
      `${file} is written in a way that ffops cannot add to \`objectStorage.buckets\` without touching the rest.`,
      [`Write it yourself: objectStorage: ${flow({ buckets })}`],
    )
  );
}

function dataOf(file: string, text: string): Group {
  return toData(readDocument(file, text, 'environment').root) as Group;
}

function groupOf(data: Group, name: string): Group {
  return (data[name] ?? {}) as Group;
}

/** A group with nothing behind it and an empty one are the same to whoever reads the file. */
function firstThatMeans(
  file: string,
  text: string,
  wanted: Group,
  edits: Iterable<readonly Cut[]>,
): string | undefined {
  for (const cuts of edits) {
    const edited = cut(text, cuts);
    try {
      const data = dataOf(file, edited);
      if (isDeepStrictEqual({ ...data, apps: groupOf(data, 'apps') }, wanted)) return edited;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }
  return undefined;
}

function refuse(message: string, hints: readonly string[]): never {
  throw new UserError('environment.uneditable', { message, hints });
}
