/** What plans and results of several stacks come to. */
import type { StackResult } from '../engine/apply.ts';
import { outcomeOf, type StackPlan } from '../engine/stack-plan.ts';
import { verdictOfCode, worst, type Verdict } from './verdict.ts';

export function verdictOfPlan(
  plan: { readonly stacks: readonly StackPlan[] },
  detailedExitCode: boolean,
  interrupted: boolean,
): Verdict {
  const outcome = outcomeOf(plan);
  if (outcome === 'failed')
    return worst(plan.stacks.flatMap(({ state, exitCode }) => (state === 'failed' ? [verdictOfCode(exitCode)] : [])));
  if (interrupted) return 'interrupted';
  return outcome === 'pending' && detailedExitCode ? 'pending' : 'done';
}

export function verdictOfResults(results: readonly StackResult[]): Verdict {
  return worst(results.map(verdictOfResult));
}

function verdictOfResult({ outcome, exitCode }: StackResult): Verdict {
  switch (outcome) {
    case 'failed':
      return verdictOfCode(exitCode);
    case 'interrupted':
    case 'not-started':
      return 'interrupted';
    case 'applied':
    case 'unchanged':
    case 'skipped':
      return 'done';
  }
}
