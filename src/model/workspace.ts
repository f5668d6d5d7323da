/** Where the workspace is, which environments it has, and which one is meant. */
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { isAppName, isEnvironmentName } from './names.ts';
import { nearest } from './nearest.ts';
import { readWorkspaceFile } from './workspaceFile.ts';
import type { WorkspaceFile } from './workspaceFile.ts';

export const WORKSPACE_FILE = 'ffops.yaml';
/** Beside it: which downloads, charts and versions of apps the workspace was last given. */
export const LOCK_FILE = 'ffops.lock.yaml';
/** Below it: archives of charts that `ffops charts vendor` put there. */
export const VENDORED_CHARTS = 'vendor/charts';
const ENVIRONMENTS = 'environments';
const EXTENSION = '.yaml';

/** What is needed of the Files port to find and read a workspace. */
export interface WorkspaceFiles {
  read(path: string): Promise<string | undefined>;
  list(path: string): Promise<readonly string[]>;
  info(path: string): Promise<{ readonly kind: 'file' | 'directory' | 'other' } | undefined>;
}

export interface Workspace extends WorkspaceFile {
  /** The folder of ffops.yaml, absolute. */
  readonly root: string;
}

export interface WorkspaceSearch {
  /** `--workspace`; must be the very folder. */
  readonly folder?: string;
  /** Where the search upwards starts otherwise. */
  readonly from: string;
  /** Version of the running ffops. */
  readonly version: string;
}

/** Throws UserError when there is no workspace, or its file is wrong. */
export async function openWorkspace(files: WorkspaceFiles, search: WorkspaceSearch): Promise<Workspace> {
  const root =
    search.folder === undefined
      ? await findUpwards(files, resolve(search.from))
      : await namedFolder(files, resolve(search.from, search.folder));
  const text = await files.read(join(root, WORKSPACE_FILE));
  if (text === undefined)
    throw new UserError('workspace.missing', { message: `There is no ${WORKSPACE_FILE} in ${root}.`, hints: [INIT] });
  return { root, ...readWorkspaceFile(WORKSPACE_FILE, text, search.version) };
}

const INIT = 'Make a workspace: ffops init DIR.';

async function findUpwards(files: WorkspaceFiles, start: string): Promise<string> {
  for (let folder = start; ; folder = dirname(folder)) {
    const found = await files.info(join(folder, WORKSPACE_FILE));
    if (found?.kind === 'file') return folder;
    if (found !== undefined) throw notAFile(join(folder, WORKSPACE_FILE));
    if (folder === dirname(folder)) break;
  }
  throw new UserError('workspace.missing', {
    message: `There is no workspace here: neither ${start} nor a folder above it has ${WORKSPACE_FILE}.`,
    hints: [INIT, 'Or name it: --workspace DIR.'],
  });
}

async function namedFolder(files: WorkspaceFiles, folder: string): Promise<string> {
  const info = await files.info(folder);
  if (info === undefined)
    throw new UserError('workspace.missing', {
      message: `There is no folder ${folder}.`,
      hints: [INIT, 'Check what follows --workspace.'],
    });
  if (info.kind !== 'directory') {
    const hint =
      basename(folder) === WORKSPACE_FILE
        ? `Name its folder: --workspace ${dirname(folder)}.`
        : 'Name the folder with ffops.yaml after --workspace.';
    throw new UserError('workspace.invalid', {
      message: `${folder} is a file; a workspace is a folder.`,
      hints: [hint],
    });
  }
  const file = await files.info(join(folder, WORKSPACE_FILE));
  if (file !== undefined && file.kind !== 'file') throw notAFile(join(folder, WORKSPACE_FILE));
  return folder;
}

function notAFile(path: string): UserError {
  return new UserError('workspace.invalid', {
    message: `${path} is not a file.`,
    hints: ['Move it away: the file of that name describes the workspace.'],
  });
}

/** `environments/prod.yaml`, relative to the workspace. */
export function environmentFile(name: string): string {
  return `${ENVIRONMENTS}/${name}${EXTENSION}`;
}

/** Names, sorted; files that cannot be an environment are left out. */
export async function listEnvironments(files: WorkspaceFiles, root: string): Promise<readonly string[]> {
  const found = await files.list(join(root, ENVIRONMENTS));
  return found
    .filter((file) => file.endsWith(EXTENSION))
    .map((file) => file.slice(0, -EXTENSION.length))
    .filter(isEnvironmentName)
    .sort();
}

/** Below the workspace: one folder for each app that only this workspace has. */
const OWN_APPS = 'catalogue';

/** `catalogue/<id>`, relative to the workspace, by id; what cannot be the name of an app is left out. */
export async function listOwnApps(files: WorkspaceFiles, root: string): Promise<ReadonlyMap<string, string>> {
  const folders = new Map<string, string>();
  for (const id of (await files.list(join(root, OWN_APPS))).filter(isAppName)) {
    const folder = `${OWN_APPS}/${id}`;
    if ((await files.info(join(root, folder)))?.kind === 'directory') folders.set(id, folder);
  }
  return folders;
}

export interface EnvironmentChoice {
  readonly name: string;
  readonly by: '--env' | 'FFOPS_ENV' | 'APP_ENV' | 'ffops env use' | 'ffops.yaml';
}

/** Where `ffops env use` keeps its choice. */
export function currentEnvironmentFile(root: string): string {
  return join(root, '.ffops', 'current-environment');
}

/** The first of: --env, FFOPS_ENV, APP_ENV, `ffops env use`, ffops.yaml. Undefined when none of them says. */
export async function chosenEnvironment(
  files: WorkspaceFiles,
  workspace: Workspace,
  flag: string | undefined,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<EnvironmentChoice | undefined> {
  if (flag !== undefined) return { name: flag, by: '--env' };
  for (const by of ['FFOPS_ENV', 'APP_ENV'] as const) {
    const name = variables[by]?.trim();
    if (name !== undefined && name !== '') return { name, by };
  }
  const used = (await files.read(currentEnvironmentFile(workspace.root)))?.trim();
  if (used !== undefined && used !== '') return { name: used, by: 'ffops env use' };
  if (workspace.defaultEnvironment !== undefined) return { name: workspace.defaultEnvironment, by: WORKSPACE_FILE };
  return undefined;
}

/** Like chosenEnvironment; throws UserError when nothing is chosen, or what is chosen does not exist. */
export async function selectEnvironment(
  files: WorkspaceFiles,
  workspace: Workspace,
  flag: string | undefined,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<EnvironmentChoice> {
  const choice = await chosenEnvironment(files, workspace, flag, variables);
  const names = await listEnvironments(files, workspace.root);
  const there = names.length === 0 ? 'Make one: ffops env create NAME.' : `There is: ${names.join(', ')}.`;
  if (choice === undefined) {
    throw new UserError('environment.unchosen', {
      message: 'Which environment is meant?',
      hints: [there, 'Choose with --env NAME, FFOPS_ENV, or `ffops env use NAME`.'],
    });
  }
  if (names.includes(choice.name)) return choice;
  const near = nearest(choice.name, names);
  throw new UserError('environment.unknown', {
    message: `There is no environment \`${choice.name}\` (chosen by ${choice.by}).`,
    hints: [
      ...(near === undefined ? [] : [`Did you mean \`${near}\`?`]),
      there,
      ...(await misnamed(files, workspace.root, choice.name)),
    ],
  });
}

async function misnamed(files: WorkspaceFiles, root: string, name: string): Promise<string[]> {
  const found = await files.list(join(root, ENVIRONMENTS));
  return found.includes(`${name}.yml`) ? [`Rename ${ENVIRONMENTS}/${name}.yml to ${environmentFile(name)}.`] : [];
}

/** The text of an environment's file; throws UserError with its place when it is missing. */
export async function readEnvironmentFile(
  files: WorkspaceFiles,
  root: string,
  name: string,
): Promise<{ file: string; text: string }> {
  const file = environmentFile(name);
  const text = isEnvironmentName(name) ? await files.read(join(root, file)) : undefined;
  if (text === undefined) {
    throw new UserError('environment.unknown', {
      message: `There is no file ${file}.`,
      at: { file, line: 1, column: 1 },
      hints: [`Make it: ffops env create ${isEnvironmentName(name) ? name : 'NAME'}.`],
    });
  }
  return { file, text };
}
