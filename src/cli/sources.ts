import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Source, SourceOf } from '../views/error.ts';

/**
 * Problems name files from the workspace's folder; the user may stand elsewhere. An error can come before the workspace
 * is open, so the file is looked for as the workspace is: where `--workspace` says, or from here upwards.
 */
export function sourceFinder(argv: readonly string[]): SourceOf {
  const named = valueOf(argv, '--workspace');
  const folders = named === undefined ? upwards(process.cwd()) : [resolve(named)];
  return (file) => {
    const places = isAbsolute(file) ? [file] : folders.map((folder) => join(folder, file));
    for (const place of places) {
      const lines = linesOf(place);
      if (lines !== undefined) return { shownAs: shown(place), lines } satisfies Source;
    }
    return undefined;
  };
}

function valueOf(argv: readonly string[], flag: string): string | undefined {
  const index = argv.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
  if (index < 0) return undefined;
  return argv[index] === flag ? argv[index + 1] : argv[index]!.slice(flag.length + 1);
}

function upwards(start: string): readonly string[] {
  const parent = dirname(start);
  return parent === start ? [start] : [start, ...upwards(parent)];
}

function shown(place: string): string {
  const fromHere = relative(process.cwd(), place);
  return fromHere.startsWith('../../..') ? place : fromHere;
}

function linesOf(path: string): readonly string[] | undefined {
  try {
    return readFileSync(path, 'utf8')
      .replace(/^\uFEFF/, '')
      .split(/\r\n|\r|\n/);
  } catch {
    return undefined;
  }
}
