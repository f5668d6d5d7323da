/** `ffops drift`: what changed outside of ffops, and the environment would change back. */
import { changesOf, type ResourceChange } from '../engine/changes.ts';
import type { Target } from '../engine/contracts.ts';
import type { Emit } from '../engine/engine.ts';
import { isInterruption, failureOf, prepareStacks } from '../engine/plan.ts';
import { inRun, type Run } from '../engine/run.ts';
import { schedule } from '../engine/scheduler.ts';
import { selectForApply, type Selection } from '../engine/selection.ts';
import { runPlan } from '../engine/tofu-runs.ts';
import type { ExitCode, Problem } from '../errors.ts';
import { releaseAddress } from '../model/addresses.ts';
import type { Release, Stack } from '../model/blueprint.ts';
import type { ObjectChange } from '../ports/cluster.ts';
import type { Ports } from '../ports/ports.ts';
import type { TofuPlan } from '../tools/tofu.ts';
import { verdictOfCode, worst, type Verdict } from './verdict.ts';

export interface DriftRequest {
  readonly target: Target;
  readonly selection: Selection;
  readonly parallel: number | undefined;
}

export interface StackDrift {
  readonly stack: string;
  readonly title: string;
  readonly state: 'clean' | 'drifted' | 'unknown' | 'failed' | 'stopped';
  /** What happened outside; `delete` means that it is gone. */
  readonly drift: readonly ResourceChange[];
  /** Of ffops' own Namespaces and Secrets: `create` means that it is gone, `update` that somebody changed it. */
  readonly objects: readonly ObjectChange[];
  readonly until?: string;
  readonly problem?: Problem;
  readonly exitCode?: ExitCode;
}

export interface DriftResult {
  readonly verdict: Verdict;
  readonly stacks: readonly StackDrift[];
}

export async function drift(ports: Ports, request: DriftRequest, emit: Emit): Promise<DriftResult> {
  const { target } = request;
  const stacks = selectForApply(target.blueprint.stacks, request.selection);
  const options = { command: 'drift', parallel: request.parallel, changes: 'none' as const, stacks, emit };
  return inRun(ports, target, options, async (run) => {
    const { engine, inputs } = run;
    await emit({ kind: 'stacks', stacks, verb: 'drift' });
    const objectsFound = target.cluster.compareObjects(stacks);
    objectsFound.catch(() => undefined);
    const broken = await prepareStacks(engine, inputs, stacks);
    const jobs = stacks.map((stack) => ({
      name: stack.name,
      after: [],
      run: async () => {
        if (broken.has(stack.name)) throw broken.get(stack.name);
        return driftOf(run, stack, objectsFound);
      },
    }));
    const outcomes = await schedule(jobs, { parallel: engine.parallel, interruption: ports.interruption });
    const found = stacks.map((stack): StackDrift => {
      const outcome = outcomes.get(stack.name)!;
      if (outcome.kind === 'done') return outcome.value;
      const base = { stack: stack.name, title: stack.title, drift: [], objects: [] };
      if (outcome.kind !== 'failed' || isInterruption(engine, outcome.error)) return { ...base, state: 'stopped' };
      return { ...base, state: 'failed', ...failureOf(outcome.error) };
    });
    return {
      verdict: worst(
        found.map(({ state, exitCode }) => (state === 'failed' ? verdictOfCode(exitCode) : verdicts[state])),
      ),
      stacks: found,
    };
  });
}

const verdicts: Readonly<Record<Exclude<StackDrift['state'], 'failed'>, Verdict>> = {
  clean: 'done',
  unknown: 'done',
  drifted: 'pending',
  stopped: 'interrupted',
};

async function driftOf(
  { engine, inputs }: Run,
  stack: Stack,
  objectsFound: Promise<readonly ObjectChange[]>,
): Promise<StackDrift> {
  engine.emit({ kind: 'stack-began', stack: stack.name, step: 'comparing' });
  const base = { stack: stack.name, title: stack.title, drift: [], objects: [] };
  const needs = await inputs.of(stack);
  if (!needs.ready) return { ...base, state: 'unknown', until: needs.until };
  const planFile = `${engine.layout.plans(engine.journal.run)}/${stack.name}.tfplan`;
  const plan = await runPlan(engine, stack, { planFile }, needs.variables);
  const found = plan ? changedOutside(stack, plan) : [];
  const own = (await objectsFound).filter((object) => object.stack === stack.name);
  const objects = objectsChangedOutside(stack, own, plan ? changesOf(stack, plan) : [], found);
  const drifted = found.length + objects.length > 0;
  engine.emit({
    kind: 'stack-ended',
    stack: stack.name,
    outcome: drifted ? 'done' : 'unchanged',
    text: drifted ? 'drifted' : 'no drift',
  });
  return { ...base, state: drifted ? 'drifted' : 'clean', drift: found, objects };
}

/**
 * An object that is not there was taken away, unless the release that it is for has yet to come or to change: then it
 * comes with that. One that is there was changed when it is not what ffops wrote last.
 */
export function objectsChangedOutside(
  stack: Stack,
  objects: readonly ObjectChange[],
  planned: readonly ResourceChange[],
  outside: readonly ResourceChange[],
): readonly ObjectChange[] {
  const pending = new Set(planned.map(({ address }) => address));
  for (const { address } of outside) pending.delete(address);
  const coming = stack.releases.filter(({ name }) => pending.has(releaseAddress(name)));
  const isFor = ({ kind, namespace, name }: ObjectChange, release: Release): boolean =>
    release.namespace === (kind === 'Namespace' ? name : namespace) || release.reads.includes(`${namespace}/${name}`);
  return objects.filter((object) =>
    object.action === 'create' ? !coming.some((release) => isFor(object, release)) : object.byHand === true,
  );
}

/** What the environment leaves to others (autoscaled counts, upgraded versions) changes too, but is nobody's drift. */
export function changedOutside(stack: Stack, plan: TofuPlan): readonly ResourceChange[] {
  const changedBack = new Set(changesOf(stack, plan).map((change) => change.address));
  return changesOf(stack, { resource_changes: plan.resource_drift, resource_drift: [], output_changes: {} }).filter(
    (change) => changedBack.has(change.address),
  );
}
