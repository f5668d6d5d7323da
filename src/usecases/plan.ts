/** `ffops plan`: what would change, over all stacks. */
import type { Target } from '../engine/contracts.ts';
import type { Emit } from '../engine/engine.ts';
import { refuseMissingSecrets } from '../engine/needed-secrets.ts';
import { planStacks } from '../engine/plan.ts';
import { inRun } from '../engine/run.ts';
import { selectForApply, selectForDestroy, type Selection } from '../engine/selection.ts';
import type { EnvironmentPlan } from '../engine/stack-plan.ts';
import type { Ports } from '../ports/ports.ts';
import { verdictOfPlan } from './engine-verdicts.ts';
import type { Verdict } from './verdict.ts';

export interface PlanRequest {
  readonly target: Target;
  readonly selection: Selection;
  readonly destroy: boolean;
  readonly adopt: readonly string[];
  readonly loseData: readonly string[];
  readonly parallel: number | undefined;
  /** Changes count as `pending`. */
  readonly detailedExitCode: boolean;
}

export interface PlanResult extends EnvironmentPlan {
  readonly verdict: Verdict;
}

export async function plan(ports: Ports, request: PlanRequest, emit: Emit): Promise<PlanResult> {
  const { target, selection, destroy } = request;
  const options = {
    command: destroy ? 'plan --destroy' : 'plan',
    parallel: request.parallel,
    readOnly: true,
    stacks: target.blueprint.stacks,
    emit,
  };
  return inRun(ports, target, options, async ({ engine, inputs, past }) => {
    const stacks = destroy
      ? selectForDestroy([...target.blueprint.stacks, ...engine.retired], selection)
      : selectForApply(target.blueprint.stacks, selection, engine.retired);
    if (!destroy) await refuseMissingSecrets(target, stacks);
    await emit({ kind: 'stacks', stacks, verb: 'plan' });
    const planned = await planStacks(engine, inputs, stacks, {
      destroy,
      adopt: new Set(request.adopt),
      loseData: new Set(request.loseData),
      unsettled: past.unsettled,
      releaseDiffs: true,
    });
    return { verdict: verdictOfPlan(planned, request.detailedExitCode, ports.interruption.requested), ...planned };
  });
}
