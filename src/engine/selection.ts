/** Which stacks a command is about, and in which order they come. Pure. */
import type { Stack } from '../model/blueprint.ts';
import { UserError } from '../errors.ts';

export interface Selection {
  /** Empty: all of them. */
  readonly stacks: readonly string[];
  /** Leaves out what the named ones depend on (or, to destroy, what depends on them). */
  readonly only: boolean;
}

/** Dependencies before their dependants, otherwise as the blueprint lists them. Throws UserError on a cycle. */
export function inOrder(stacks: readonly Stack[]): readonly Stack[] {
  const byName = new Map(stacks.map((stack) => [stack.name, stack]));
  const done = new Set<string>();
  const ordered: Stack[] = [];
  const visit = (stack: Stack, path: readonly string[]): void => {
    if (done.has(stack.name)) return;
    if (path.includes(stack.name)) {
      const cycle = [...path.slice(path.indexOf(stack.name)), stack.name].join(' → ');
      throw new UserError('stacks.cycle', { message: `These stacks wait for each other: ${cycle}.` });
    }
    for (const name of stack.dependsOn) {
      const dependency = byName.get(name);
      if (dependency) visit(dependency, [...path, stack.name]);
    }
    done.add(stack.name);
    ordered.push(stack);
  };
  for (const stack of stacks) visit(stack, []);
  return ordered;
}

/**
 * The stacks to plan or apply, in order, `retired` ones (to be taken away) last: nothing depends on those, and naming
 * one means nothing else. Throws UserError for a name that is none.
 */
export function selectForApply(
  stacks: readonly Stack[],
  selection: Selection,
  retired: readonly Stack[] = [],
): readonly Stack[] {
  const gone = retired.filter(({ name }) => selection.stacks.length === 0 || selection.stacks.includes(name));
  const rest = selection.stacks.filter((name) => !gone.some((stack) => stack.name === name));
  if (gone.length > 0 && selection.stacks.length > 0 && rest.length === 0) return gone;
  return [...selectPresent(stacks, { ...selection, stacks: rest }), ...gone];
}

function selectPresent(stacks: readonly Stack[], selection: Selection): readonly Stack[] {
  const wanted = checkedNames(stacks, selection.stacks);
  if (wanted.size === 0) return inOrder(stacks);
  const chosen = selection.only ? wanted : closure(wanted, dependenciesIn(stacks));
  return inOrder(stacks).filter((stack) => chosen.has(stack.name));
}

/**
 * The stacks to destroy, dependants first; those that outlive an environment are left out unless they are named. `former`
 * stacks have left it, and only their volumes are there: they may be named as well, and are no stacks to destroy any more.
 */
export function selectForDestroy(
  stacks: readonly Stack[],
  selection: Selection,
  former: ReadonlySet<string> = new Set(),
): readonly Stack[] {
  const present = (name: string): boolean => find(stacks, name) !== undefined || !former.has(name);
  const wanted = checkedNames(stacks, selection.stacks.filter(present));
  const backwards = [...inOrder(stacks)].reverse();
  if (selection.stacks.length === 0) return backwards.filter((stack) => !stack.keptByDestroy);
  const chosen = selection.only ? wanted : closure(wanted, dependantsIn(stacks));
  return backwards.filter((stack) => chosen.has(stack.name));
}

/** All that has to be there before it: through stacks that are left out of a run, too. */
export function allDependencies(stacks: readonly Stack[], { dependsOn }: Stack): readonly string[] {
  return [...closure(new Set(dependsOn), dependenciesIn(stacks))];
}

/** All that has to be gone before it. */
export function allDependants(stacks: readonly Stack[], { name }: Stack): readonly string[] {
  const next = dependantsIn(stacks);
  return [...closure(new Set(next(name)), next)];
}

function dependenciesIn(stacks: readonly Stack[]): (name: string) => readonly string[] {
  return (name) => find(stacks, name)?.dependsOn ?? [];
}

function dependantsIn(stacks: readonly Stack[]): (name: string) => readonly string[] {
  return (name) => stacks.filter((stack) => stack.dependsOn.includes(name)).map((stack) => stack.name);
}

function checkedNames(stacks: readonly Stack[], names: readonly string[]): ReadonlySet<string> {
  const unknown = names.filter((name) => !find(stacks, name));
  if (unknown.length > 0) {
    throw new UserError(
      'stacks.unknown',
      unknown.map((name) => ({
        message: `There is no stack named "${name}".`,
        hints: [`Stacks of this environment: ${stacks.map((stack) => stack.name).join(', ')}.`],
      })),
    );
  }
  return new Set(names);
}

function closure(names: ReadonlySet<string>, next: (name: string) => readonly string[]): ReadonlySet<string> {
  const reached = new Set<string>();
  const visit = (name: string): void => {
    if (reached.has(name)) return;
    reached.add(name);
    next(name).forEach(visit);
  };
  names.forEach(visit);
  return reached;
}

function find(stacks: readonly Stack[], name: string): Stack | undefined {
  return stacks.find((stack) => stack.name === name);
}
