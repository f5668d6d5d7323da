/** What the commands of apps share: which apps there are, and what each would be in an environment. */
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { imageChosen, versionIn } from '../model/app-version.ts';
import { nearest } from '../model/nearest.ts';
import type { AppCosts, AppEntry, Catalogue } from '../model/plugs.ts';
import { LOCK_FILE, readEnvironmentFile, type Workspace } from '../model/workspace.ts';
import type { Ports } from '../ports/ports.ts';
import { workspaceLock, type LockedApp, type WorkspaceLock } from '../toolchain/lockfile.ts';
import { recordFile } from './app-versions.ts';
import { openEnvironment, type OpenedEnvironment } from './open-environment.ts';

export interface AppPlace {
  readonly workspace: Workspace;
  /** Name of the environment. */
  readonly environment: string;
  readonly sandbox: boolean;
}

/** An environment with the text it was read from. */
export interface EnvironmentSource extends OpenedEnvironment {
  readonly text: string;
}

export async function openSource(
  ports: Pick<Ports, 'files'>,
  { workspace, environment }: AppPlace,
): Promise<EnvironmentSource> {
  const { text } = await readEnvironmentFile(ports.files, workspace.root, environment);
  return { ...(await openEnvironment(ports, workspace, environment)), text };
}

export function appsOf({ entries }: Catalogue): readonly AppEntry[] {
  return [...entries.values()].filter((entry) => entry.kind === 'app');
}

/** Throws UserError with the nearest name when there is no such app. */
export function appOf(catalogue: Catalogue, id: string): AppEntry {
  const apps = appsOf(catalogue);
  const found = apps.find((app) => app.id === id);
  if (found !== undefined) return found;
  const near = nearest(
    id,
    apps.map((app) => app.id),
  );
  const isSystem = catalogue.entries.has(id);
  throw new UserError('app.unknown', {
    message: isSystem
      ? `\`${id}\` is not an app: ffops installs it when the environment needs it.`
      : `There is no app \`${id}\`.`,
    hints: [near === undefined ? 'See what there is: ffops app list.' : `Did you mean \`${near}\`?`],
  });
}

/** Throws UserError when there is no such app, and when the environment does not have it. */
export function addedApp(source: EnvironmentSource, id: string): AppEntry {
  const entry = appOf(source.catalogue, id);
  if (isAdded(source, id)) return entry;
  throw new UserError('app.absent', {
    message: `\`${id}\` is not in ${source.file}.`,
    hints: ['See what is: ffops app list.'],
  });
}

export function isAdded({ environment }: OpenedEnvironment, id: string): boolean {
  return Object.hasOwn(environment.apps, id);
}

/** An app as an environment has it, or could have it. */
export interface KnownApp {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly added: boolean;
  /** What this ffops brings. */
  readonly version: string;
  /** What the environment's file asks for instead, by an image. */
  readonly chosen?: string;
  /** What was last applied here, as ffops.lock.yaml says. */
  readonly installed?: string;
  /** With its options where it is added, with their defaults elsewhere. */
  readonly costs: AppCosts;
}

export function knownApp(
  source: OpenedEnvironment,
  entry: AppEntry,
  applied: ReadonlyMap<string, LockedApp>,
): KnownApp {
  const { id, title, summary, version } = entry;
  const added = isAdded(source, id);
  const installed = added ? applied.get(id)?.version : undefined;
  const chosen = imageChosen(source.environment, entry) && versionIn(source.environment, entry);
  return {
    id,
    title,
    summary,
    added,
    version,
    ...(chosen !== undefined && { chosen }),
    ...(installed !== undefined && { installed }),
    costs: costsOf(source, entry),
  };
}

/** Of an app that need not be there: then with the defaults of its options. */
export function costsOf({ environment }: Pick<OpenedEnvironment, 'environment'>, entry: AppEntry): AppCosts {
  const options = environment.apps[entry.id] ?? entry.options.parse({});
  return entry.costs({ ...environment, apps: { ...environment.apps, [entry.id]: options } });
}

export function lockOf(ports: Pick<Ports, 'files'>, { root }: Pick<Workspace, 'root'>): WorkspaceLock {
  return workspaceLock(ports.files, join(root, LOCK_FILE));
}

/** What was last applied, by id: of the environment itself, or of what its sandbox holds. */
export async function appliedApps(
  ports: Pick<Ports, 'files'>,
  place: AppPlace,
): Promise<ReadonlyMap<string, LockedApp>> {
  return await workspaceLock(ports.files, join(place.workspace.root, recordFile(place))).apps(place.environment);
}
