/** What is missing is said before anything is planned, and all of it at once. */
import { UserError, type Problem } from '../errors.ts';
import type { Stack } from '../model/blueprint.ts';
import { neededBy } from '../secrets/uses.ts';
import type { Target } from './contracts.ts';

/** Throws UserError with one problem, and the command that cures it, for every secret without a value. */
export async function refuseMissingSecrets(
  { blueprint, secrets }: Pick<Target, 'blueprint' | 'secrets'>,
  stacks: readonly Stack[],
): Promise<void> {
  const problems: Problem[] = [];
  for (const name of neededBy(blueprint, stacks)) {
    try {
      await secrets.get(name);
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'secrets.noValue') throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new UserError('secrets.noValue', unique(problems));
}

/** Several may be computed from the same one. */
function unique(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()];
}
