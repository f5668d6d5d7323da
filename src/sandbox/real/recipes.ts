import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { TOOLCHAIN_FOLDER } from '../../toolchain/pins.ts';
import type { Wheel } from '../../toolchain/pypi.ts';
import type { Debian } from './debian.ts';
import { isWhole, writeImage } from './image.ts';
import { writeLayer, type LayerSource } from './layer.ts';

/** Below toolchain/images: what each image is made of. */
const recipe = z.strictObject({
  /** The upstream image that it stands for, whole: manifests need no change. */
  image: z.string(),
  /** More of them, where one set of files can play several. */
  also: z.array(z.string()).default([]),
  /** What is really inside, for people. */
  madeOf: z.string(),
  /** A whole system of these Debian packages, with a shell. */
  debian: z.array(z.string()).default([]),
  /** Users that the packages' own scripts would have made, with the same number for their group. */
  users: z.record(z.string(), z.number()).default({}),
  /** Empty folders, and who owns them. */
  folders: z.record(z.string(), z.number()).default({}),
  /** Path to target. */
  links: z.record(z.string(), z.string()).default({}),
  files: z
    .array(
      z.union([
        /** One file of Debian packages, without the rest. */
        z.strictObject({ debian: z.array(z.string()), from: z.string(), to: z.string() }),
        /** A file or a folder of a package of npm; `{arch}` is Node's name of this machine's. */
        z.strictObject({ npm: z.string(), from: z.string(), to: z.string() }),
        /** A file or a folder of a package of PyPI; a digest for each machine's. Left out on machines that it is not for. */
        z.strictObject({
          pypi: z.string(),
          sha256: z.array(z.string()),
          for: z.array(z.enum(['x64', 'arm64'])).default(['x64', 'arm64']),
          from: z.string(),
          to: z.string(),
        }),
        /** A file or a folder of a Go module's source, where `find` becomes `put`. */
        z.strictObject({
          module: z.string(),
          from: z.string(),
          to: z.string(),
          edit: z.strictObject({ find: z.string(), put: z.string() }).optional(),
        }),
        z.strictObject({ tool: z.string(), to: z.string() }),
        /** A file beside the recipe. */
        z.strictObject({ own: z.string(), to: z.string(), mode: z.literal([0o644, 0o755]).default(0o644) }),
      ]),
    )
    .default([]),
  start: z.strictObject({
    entrypoint: z.array(z.string()).optional(),
    command: z.array(z.string()).optional(),
    environment: z.record(z.string(), z.string()).optional(),
    user: z.string().optional(),
    folder: z.string().optional(),
  }),
});
export type Recipe = z.infer<typeof recipe>;

const FOLDER = join(TOOLCHAIN_FOLDER, 'images');
/** What a written image depends on besides its recipe: raise it when the writing changes. */
const WRITTEN_AS = '2';

export function loadRecipes(): readonly Recipe[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => recipe.parse(parse(readFileSync(join(FOLDER, name), 'utf8'))));
}

/** Changes when any recipe does, or a file beside one. */
export function recipesDigest(): string {
  const hash = createHash('sha256').update(WRITTEN_AS);
  for (const path of readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).sort()) {
    if (statSync(join(FOLDER, path)).isFile()) hash.update(`${path}\0`).update(readFileSync(join(FOLDER, path)));
  }
  return hash.digest('hex').slice(0, 16);
}

export interface Pantry {
  readonly debian: Debian;
  /** The folder of a package of npm. */
  readonly npm: (spec: string) => Promise<string>;
  /** The folder of a package of PyPI. */
  readonly pypi: (wheel: Wheel) => Promise<string>;
  /** The folder of a Go module's source. */
  readonly module: (name: string) => Promise<string>;
  /** The path of a tool of the toolchain. */
  readonly tool: (name: string) => Promise<string>;
  /** Where blobs lie, and notes of what was made. */
  readonly folder: string;
}

/** The digest of an image's manifest; it is made unless it is there. */
export async function makeImage(recipe: Recipe, pantry: Pantry): Promise<string> {
  const sources = await sourcesOf(recipe, pantry);
  const ingredients = JSON.stringify([WRITTEN_AS, recipe, sources, ownFiles(recipe)]);
  const key = createHash('sha256').update(ingredients).digest('hex').slice(0, 12);
  const note = join(pantry.folder, `${basename(recipe.image).split('@')[0]?.replace(':', '-') ?? ''}-${key}`);
  const before = existsSync(note) ? readFileSync(note, 'utf8') : undefined;
  if (before !== undefined && isWhole(pantry.folder, before)) return before;
  mkdirSync(pantry.folder, { recursive: true });
  const scratch = mkdtempSync(join(pantry.folder, 'making-'));
  try {
    const additions = join(scratch, 'additions');
    addSmallThings(recipe, additions, sources);
    const layers = [];
    for (const [index, source] of [...sources, { from: additions, to: '/' } as Source].entries()) {
      const wanted = edited(source, join(scratch, `${String(index)}.edited`));
      layers.push(await writeLayer(join(scratch, `${String(index)}.tar`), [wanted]));
    }
    const manifest = writeImage(pantry.folder, layers, recipe.start);
    writeFileSync(note, manifest);
    return manifest;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface Source extends LayerSource {
  readonly edit?: { readonly find: string; readonly put: string } | undefined;
}

async function sourcesOf(recipe: Recipe, { debian, npm, pypi, module, tool }: Pantry): Promise<readonly Source[]> {
  const system = recipe.debian.length === 0 ? [] : [{ from: await debian.whole(recipe.debian), to: '/' }];
  const files: Source[] = [];
  for (const file of recipe.files) {
    if ('tool' in file) files.push({ from: await tool(file.tool), to: file.to, owner: 0, mode: 0o755 });
    else if ('own' in file) files.push({ from: join(FOLDER, file.own), to: file.to, owner: 0, mode: file.mode });
    else if ('npm' in file) {
      const folder = await npm(file.npm.replace('{arch}', process.arch));
      files.push({ from: join(folder, file.from), to: file.to, owner: 0 });
    } else if ('pypi' in file) {
      if (!file.for.some((arch) => arch === process.arch)) continue;
      const folder = await pypi({ requirement: file.pypi, sha256: file.sha256 });
      files.push({ from: join(folder, file.from), to: file.to, owner: 0 });
    } else if ('module' in file) {
      const folder = await module(file.module);
      files.push({ from: join(folder, file.from), to: file.to, owner: 0, edit: file.edit });
    } else files.push({ from: join(await debian.whole(file.debian), file.from), to: file.to, owner: 0 });
  }
  return [...system, ...files];
}

/** The same, or a copy that was changed. */
function edited({ edit, ...source }: Source, folder: string): LayerSource {
  if (edit === undefined) return source;
  const found = new RegExp(edit.find, 'g');
  cpSync(source.from, folder, { recursive: true });
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, path);
    if (!statSync(file).isFile()) continue;
    const text = readFileSync(file, 'utf8').replaceAll(found, edit.put);
    rmSync(file);
    writeFileSync(file, text);
  }
  return { ...source, from: folder };
}

function ownFiles(recipe: Recipe): readonly string[] {
  return recipe.files.flatMap((file) => ('own' in file ? [readFileSync(join(FOLDER, file.own), 'utf8')] : []));
}

/** Users, folders and links: the last layer. */
function addSmallThings({ users, folders, links }: Recipe, root: string, sources: readonly LayerSource[]): void {
  mkdirSync(join(root, 'tmp'), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  if (Object.keys(users).length > 0) {
    mkdirSync(join(root, 'etc'));
    for (const [file, line] of [
      ['passwd', (name: string, id: string) => `${name}:x:${id}:${id}::/:/bin/sh`],
      ['group', (name: string, id: string) => `${name}:x:${id}:`],
    ] as const) {
      const before = sources.map(({ from }) => join(from, 'etc', file)).find((path) => existsSync(path));
      const lines = Object.entries(users).map(([name, id]) => line(name, String(id)));
      writeFileSync(
        join(root, 'etc', file),
        `${before === undefined ? '' : readFileSync(before, 'utf8')}${lines.join('\n')}\n`,
      );
    }
  }
  for (const [path, owner] of Object.entries(folders)) {
    mkdirSync(join(root, path), { recursive: true });
    chownSync(join(root, path), owner, owner);
  }
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    symlinkSync(target, join(root, path));
  }
}
