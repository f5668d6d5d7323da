/** What is missing, and what must not lie in the cluster, is said before anything is planned, and all of it at once. */
import { UserError, type Problem } from '../errors.ts';
import type { Stack } from '../model/blueprint.ts';
import type { Secret } from '../model/secret.ts';
import { unscoped } from '../secrets/check.ts';
import { neededBy, usesOf } from '../secrets/uses.ts';
import type { Target } from './contracts.ts';

/**
 * Throws UserError with one problem, and the command that cures it, for every secret without a value; and, when all are
 * there, for every key that workloads would have although it is the account's own.
 */
export async function refuseUnfitSecrets(
  { blueprint, secrets, surroundings }: Pick<Target, 'blueprint' | 'secrets' | 'surroundings'>,
  stacks: readonly Stack[],
): Promise<void> {
  const values = new Map<string, Secret>();
  const problems: Problem[] = [];
  for (const name of neededBy(blueprint, stacks)) {
    try {
      values.set(name, await secrets.get(name));
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'secrets.noValue') throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new UserError('secrets.noValue', unique(problems));
  // The sandbox's are worth nothing.
  if (surroundings.kind === 'sandbox') return;
  const names = new Set(stacks.map((stack) => stack.name));
  const open = unscoped(blueprint, values, { flags: `-e ${blueprint.environment}` })
    .filter(({ name }) => usesOf(blueprint, name).delivers.some((stack) => names.has(stack)))
    .map(({ name, description, cures }): Problem => ({ message: `${name}: ${description}`, hints: cures }));
  if (open.length > 0) throw new UserError('secrets.unscoped', open);
}

/** Several may be computed from the same one. */
function unique(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()];
}
