/** Requests as the commands make them when no flag is given. */
import type { ApplyRequest } from '../../../src/usecases/apply.ts';
import type { PlanRequest } from '../../../src/usecases/plan.ts';
import type { Workshop } from './workshop.ts';

const selection = { stacks: [], only: false };

export function planRequest(workshop: Workshop, more: Partial<PlanRequest> = {}): PlanRequest {
  return {
    target: workshop.target,
    selection,
    destroy: false,
    adopt: [],
    loseData: [],
    parallel: undefined,
    detailedExitCode: true,
    ...more,
  };
}

export function applyRequest(workshop: Workshop, more: Partial<ApplyRequest> = {}): ApplyRequest {
  return { target: workshop.target, selection, yes: true, loseData: [], adopt: [], parallel: undefined, ...more };
}
