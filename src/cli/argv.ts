import { globalFlags } from './flags.ts';

/** Global flags may come before the command, as people write `git -C` or `kubectl -n`; oclif wants them after it. */
export function globalFlagsLast(argv: readonly string[]): string[] {
  const leading: string[] = [];
  let index = 0;
  while (index < argv.length) {
    const width = widthOfGlobalFlag(argv[index]!);
    if (width === 0) break;
    leading.push(...argv.slice(index, index + width));
    index += width;
  }
  const rest = argv.slice(index);
  if (leading.length === 0 || rest.length === 0) return [...argv];
  const end = rest.indexOf('--');
  return end < 0 ? [...rest, ...leading] : [...rest.slice(0, end), ...leading, ...rest.slice(end)];
}

/** How many words it takes: 0 when it is no global flag. */
function widthOfGlobalFlag(word: string): number {
  for (const [name, flag] of Object.entries(globalFlags)) {
    const takesValue = flag.type === 'option';
    if (takesValue && word.startsWith(`--${name}=`)) return 1;
    if (word === `--${name}` || (flag.char !== undefined && word === `-${flag.char}`)) return takesValue ? 2 : 1;
  }
  return 0;
}

/** Asked for before any flag is parsed, because parsing itself can fail. */
export function wantsFlag(argv: readonly string[], name: string): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes(`--${name}`);
}

/** The command in words, at most two of them: what follows are arguments, and none of a report's business. */
export function commandOf(argv: readonly string[]): string {
  const end = argv.findIndex((word) => word.startsWith('-'));
  return (end < 0 ? argv : argv.slice(0, end)).slice(0, 2).join(' ');
}

/** What is typed for ffops, and what stands behind the first `--`. */
export function atDashes(argv: readonly string[]): {
  readonly own: string[];
  readonly beyond: readonly string[] | undefined;
} {
  const end = argv.indexOf('--');
  return end < 0 ? { own: [...argv], beyond: undefined } : { own: argv.slice(0, end), beyond: argv.slice(end + 1) };
}

/**
 * What another program gets, word for word: oclif puts the words of both sides into one order by where each is first seen,
 * and so moves those that come twice. Where words of that program stand before the `--`, it is the program's own.
 */
export function passedOn(before: readonly string[], beyond: readonly string[] | undefined): readonly string[] {
  if (beyond === undefined) return before;
  return before.length === 0 ? beyond : [...before, '--', ...beyond];
}
