/** Values in clear, and files that hold some, in the workspace and in everything that its git repository ever held. */
import { basename, join, relative } from 'node:path';
import type { Secret } from '../model/secret.ts';
import type { Files } from '../ports/files.ts';
import { toolFailed, type RunTool } from '../tools/call.ts';
import * as git from '../tools/git.ts';
import { found, needlesOf, SHORTEST, type Form } from './needles.ts';

export interface Leak {
  /** The secret, or what kind of thing it is that should not lie there. */
  readonly what: string;
  readonly form?: Form;
  /** Relative to the workspace, or to the repository where only its history has it. */
  readonly path: string;
  /** The first commit with it; absent for what lies there now. */
  readonly commit?: string;
}

export interface Search {
  readonly leaks: readonly Leak[];
  /** Looked at: files of the workspace, and objects of its repository. */
  readonly files: number;
  readonly objects: number;
  /** Too big to be configuration. */
  readonly tooBig: number;
  /** Secrets that are too short to be searched for: they would be found everywhere. */
  readonly tooShort: readonly string[];
}

interface Hands {
  readonly files: Files;
  readonly run: RunTool;
}

const BIGGEST = 2 * 1024 * 1024;
const BATCH = 16 * 1024 * 1024;
const SKIPPED_FOLDERS = new Set(['.git', 'node_modules']);
const AGE_IDENTITY = /AGE-SECRET-KEY-1[A-Z0-9]{50,}/;

/** Everything but `harmless`, absolute. Throws FailedError when git cannot read its own repository. */
export async function searchAll(
  hands: Hands,
  workspace: string,
  values: ReadonlyMap<string, Secret>,
  harmless: ReadonlySet<string>,
): Promise<Search> {
  const sight = sightOf(values);
  const here = await searchFiles(hands, workspace, sight, harmless);
  const top = await repositoryOf(hands, workspace);
  if (top === undefined) return { ...here, objects: 0, tooShort: sight.tooShort };
  const there = await searchHistory(hands, top, sight);
  const tracked = await namesThatTell(hands, git.trackedFiles(top), undefined);
  const once = await namesThatTell(hands, git.filesEver(top), 'history');
  const now = new Set(tracked.map(({ path }) => path));
  return {
    leaks: [...here.leaks, ...tracked, ...once.filter(({ path }) => !now.has(path)), ...there.leaks],
    files: here.files,
    objects: there.objects,
    tooBig: here.tooBig + there.tooBig,
    tooShort: sight.tooShort,
  };
}

/** What the next commit would hold, and nothing else. `index` is the one that git names to its hooks. */
export async function searchStaged(
  hands: Hands,
  workspace: string,
  values: ReadonlyMap<string, Secret>,
  index: string | undefined,
): Promise<Search> {
  const sight = sightOf(values);
  const nothing = { files: 0, objects: 0, tooBig: 0, tooShort: sight.tooShort };
  const top = await repositoryOf(hands, workspace);
  if (top === undefined) return { ...nothing, leaks: [] };
  const paths = git.parseNames(await output(hands, git.stagedFiles(top, index)));
  const leaks: Leak[] = [];
  for (const path of paths) {
    const kind = telling(path);
    if (kind !== undefined) leaks.push({ what: kind, path });
    for (const seen of sight.in(await output(hands, git.objects(top, [`:${path}`], index))))
      leaks.push({ ...seen, path });
  }
  return { ...nothing, leaks, objects: paths.length };
}

type Seen = Pick<Leak, 'what' | 'form'>;

interface Sight {
  in(text: string): readonly Seen[];
  readonly tooShort: readonly string[];
}

function sightOf(values: ReadonlyMap<string, Secret>): Sight {
  const needles = needlesOf(values);
  return {
    in: (text) => [
      ...found(needles, text).map(({ name, form }) => ({ what: name, form })),
      ...(AGE_IDENTITY.test(text) ? [{ what: 'an age identity' }] : []),
    ],
    tooShort: [...values].filter(([, value]) => value.reveal().length < SHORTEST).map(([name]) => name),
  };
}

/** Files that hold secrets by what they are, however they are written. */
function telling(path: string): string | undefined {
  const name = basename(path);
  if (/\.tfvars(\.json)?$/.test(name)) return 'a tfvars file';
  if (/\.tfstate(\.\w+)*$/.test(name)) return 'a state of OpenTofu';
  if (name === 'kubeconfig' || name.endsWith('.kubeconfig')) return 'a kubeconfig';
  return name === '.env' || /^id_(rsa|ecdsa|ed25519)$/.test(name) ? 'a file of secrets' : undefined;
}

async function searchFiles(
  { files }: Hands,
  workspace: string,
  sight: Sight,
  harmless: ReadonlySet<string>,
): Promise<Omit<Search, 'objects' | 'tooShort'>> {
  const leaks: Leak[] = [];
  let count = 0;
  let tooBig = 0;
  const visit = async (folder: string): Promise<void> => {
    for (const name of await files.list(folder)) {
      const path = join(folder, name);
      const info = await files.info(path);
      if (info?.kind === 'directory' && !SKIPPED_FOLDERS.has(name)) await visit(path);
      if (info?.kind !== 'file' || harmless.has(path)) continue;
      if (info.size > BIGGEST) {
        tooBig += 1;
        continue;
      }
      count += 1;
      for (const seen of sight.in((await files.read(path)) ?? ''))
        leaks.push({ ...seen, path: relative(workspace, path) });
    }
  };
  await visit(workspace);
  return { leaks, files: count, tooBig };
}

async function repositoryOf({ run }: Hands, workspace: string): Promise<string | undefined> {
  const outcome = await run('git', git.topLevel(workspace));
  return outcome.exitCode === 0 ? outcome.stdout.trim() : undefined;
}

/** What no branch holds any more counts too: it may have been pushed. */
async function searchHistory(
  hands: Hands,
  top: string,
  sight: Sight,
): Promise<{ readonly leaks: readonly Leak[]; readonly objects: number; readonly tooBig: number }> {
  const all = git.parseObjects(await output(hands, git.allObjects(top))).filter(({ type }) => type !== 'tree');
  const small = all.filter(({ size }) => size <= BIGGEST);
  const leaks: Leak[] = [];
  for (const batch of batches(small)) {
    for (const { id, seen } of await searchObjects(hands, top, batch, sight)) {
      const { commit, path } = await firstWith(hands, top, id);
      for (const one of seen) leaks.push({ ...one, path, commit });
    }
  }
  return { leaks, objects: small.length, tooBig: all.length - small.length };
}

/** All at once; where something is found, in halves, until it is known in which one. */
async function searchObjects(
  hands: Hands,
  top: string,
  ids: readonly string[],
  sight: Sight,
): Promise<readonly { readonly id: string; readonly seen: readonly Seen[] }[]> {
  const seen = sight.in(await output(hands, git.objects(top, ids)));
  if (seen.length === 0) return [];
  if (ids.length === 1) return [{ id: ids[0]!, seen }];
  const half = Math.ceil(ids.length / 2);
  return [
    ...(await searchObjects(hands, top, ids.slice(0, half), sight)),
    ...(await searchObjects(hands, top, ids.slice(half), sight)),
  ];
}

function batches(objects: readonly git.GitObject[]): readonly (readonly string[])[] {
  const all: string[][] = [];
  let room = 0;
  for (const { id, size } of objects) {
    if (room < size) {
      all.push([]);
      room = BATCH;
    }
    all.at(-1)!.push(id);
    room -= size;
  }
  return all;
}

async function firstWith(
  hands: Hands,
  top: string,
  id: string,
): Promise<{ readonly commit: string; readonly path: string }> {
  const [commit, ...paths] = (await output(hands, git.commitsWith(top, id))).split('\n').filter((line) => line !== '');
  return {
    commit: commit ?? id.slice(0, 12),
    path: paths[0] ?? (commit === undefined ? 'an object of no branch' : 'its message'),
  };
}

async function namesThatTell(
  hands: Hands,
  call: ReturnType<typeof git.trackedFiles>,
  commit: string | undefined,
): Promise<readonly Leak[]> {
  const names = new Set(git.parseNames(await output(hands, call)));
  return [...names].flatMap((path) => {
    const what = telling(path);
    return what === undefined ? [] : [{ what, path, ...(commit === undefined ? {} : { commit }) }];
  });
}

async function output({ run }: Hands, call: ReturnType<typeof git.trackedFiles>): Promise<string> {
  const outcome = await run('git', call);
  if (outcome.exitCode === 0) return outcome.stdout;
  throw toolFailed('secrets.noHistory', 'git could not read its repository', outcome);
}
