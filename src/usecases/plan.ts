/** `ffops plan`: what would change, over all stacks. */
import { basisOf, type Basis } from '../engine/basis.ts';
import type { Target } from '../engine/contracts.ts';
import type { Emit } from '../engine/engine.ts';
import { keepPlan } from '../engine/kept-plan.ts';
import { refuseUnfitSecrets } from '../engine/needed-secrets.ts';
import { planStacks } from '../engine/plan.ts';
import { inRun } from '../engine/run.ts';
import { selectForApply, selectForDestroy, type Selection } from '../engine/selection.ts';
import type { EnvironmentPlan } from '../engine/stack-plan.ts';
import { FfopsError } from '../errors.ts';
import type { Ports } from '../ports/ports.ts';
import { refuseSkippedVersions } from './app-versions.ts';
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
  if (!destroy) await refuseSkippedVersions(target, selection);
  const options = {
    command: destroy ? 'plan --destroy' : 'plan',
    parallel: request.parallel,
    changes: 'none' as const,
    stacks: target.blueprint.stacks,
    emit,
  };
  return inRun(ports, target, options, async ({ engine, inputs, past }) => {
    const stacks = destroy
      ? selectForDestroy([...target.blueprint.stacks, ...engine.retired], selection)
      : selectForApply(target.blueprint.stacks, selection, engine.retired);
    if (!destroy) await refuseUnfitSecrets(target, stacks);
    await emit({ kind: 'stacks', stacks, verb: 'plan' });
    const wishes = { adopt: request.adopt, loseData: request.loseData };
    const basis = destroy ? undefined : await basisIfReadable(basisOf(engine, inputs, stacks, wishes));
    const planned = await planStacks(engine, inputs, stacks, {
      destroy,
      adopt: new Set(request.adopt),
      loseData: new Set(request.loseData),
      unsettled: past.unsettled,
      repairs: false,
      releaseDiffs: true,
    });
    if (basis) await keepPlan(engine, basis, planned);
    return { verdict: verdictOfPlan(planned, request.detailedExitCode, ports.interruption.requested), ...planned };
  });
}

/** What cannot be read is told stack by stack in the plan itself, which is then not kept. */
async function basisIfReadable(basis: Promise<Basis>): Promise<Basis | undefined> {
  try {
    return await basis;
  } catch (error) {
    if (error instanceof FfopsError) return undefined;
    throw error;
  }
}
