/** Applies what was planned, in order, and plans what could not be planned before. */
import { FailedError, type ExitCode, type Problem } from '../errors.ts';
import { releaseAddress } from '../model/addresses.ts';
import type { Provisioner, Stack } from '../model/blueprint.ts';
import type { Leftover, ProvisionedDatabase } from '../ports/cluster.ts';
import { releasesOf } from './adoption.ts';
import { lastApplied, noteApplied } from './applied.ts';
import { countChanges, type Counts } from './changes.ts';
import { isRetired, type Engine } from './engine.ts';
import { keptDatabases, stepName, stepsBefore, stepTitle } from './databases.ts';
import type { Inputs } from './inputs.ts';
import { rememberKept } from './kept.ts';
import { forgetAll, isInterruption, planStack, failureOf, type PlanOptions } from './plan.ts';
import { allDependants, allDependencies } from './selection.ts';
import { schedule, type Job, type Outcome } from './scheduler.ts';
import { shareApplied, unshareApplied } from './shared-notes.ts';
import { isPending, type StackPlan } from './stack-plan.ts';
import { KeptVolumesError, runApply, runForget, runStateList } from './tofu-runs.ts';

export interface StackResult {
  readonly stack: string;
  readonly title: string;
  readonly outcome: 'applied' | 'unchanged' | 'failed' | 'skipped' | 'interrupted' | 'not-started';
  readonly counts: Counts;
  readonly seconds: number;
  readonly problem?: Problem;
  /** Of `failed`: what it would mean alone. */
  readonly exitCode?: ExitCode;
  /** Of `skipped`: the stack that failed before. */
  readonly because?: string;
}

export interface ApplyHooks {
  readonly planning: PlanOptions;
  /** A stack that could be planned only now. Throws ConsentError. */
  consentTo(plan: StackPlan): Promise<void>;
  /** What makes databases between their servers and the apps; none in a destroy. */
  readonly provisioners?: readonly Provisioner[];
  readonly onProvisioned?: (databases: readonly ProvisionedDatabase[]) => void;
  /** What releases that went have left on purpose. */
  readonly onKept?: (kept: readonly Leftover[]) => void;
  readonly before?: (stack: Stack) => Promise<void>;
  readonly after?: (stack: Stack, plan: StackPlan) => Promise<void>;
}

interface Applied {
  readonly changed: boolean;
  readonly counts: Counts;
  readonly seconds: number;
}

/** `stacks` are in the order of this run; each waits for those of `dependsOn`, or of its dependants in a destroy. */
export async function applyStacks(
  engine: Engine,
  inputs: Inputs,
  stacks: readonly Stack[],
  plans: readonly StackPlan[],
  hooks: ApplyHooks,
): Promise<readonly StackResult[]> {
  const { blueprint } = engine.target;
  const provisioners = hooks.provisioners ?? [];
  const planOf = new Map(plans.map((plan) => [plan.stack, plan]));
  const jobs = stacks.map((stack): Job<Applied> => ({
    name: stack.name,
    after: leaves(engine, stack, hooks)
      ? dependantsOf(engine, stack, stacks, hooks)
      : [...allDependencies(blueprint.stacks, stack), ...stepsBefore(stack, blueprint, provisioners)],
    run: () => applyStack(engine, inputs, stack, planOf.get(stack.name)!, hooks),
  }));
  const steps = provisioners.map((provisioner) => provisioningStep(engine, provisioner, hooks));
  const outcomes = await schedule([...jobs, ...steps], {
    parallel: engine.parallel,
    interruption: engine.ports.interruption,
    onOutcome: (name, outcome) => engine.emit({ kind: 'stack-ended', stack: name, ...told(engine, outcome) }),
  });
  return [
    ...stacks.map((stack) => resultOf(engine, stack, outcomes.get(stack.name)!)),
    ...provisioners.flatMap((provisioner) => {
      const step = { name: stepName(provisioner), title: stepTitle(blueprint, provisioner) };
      const outcome = outcomes.get(step.name)!;
      // Its result is not a stack's; that it failed is.
      return outcome.kind === 'done' ? [] : [resultOf(engine, step, outcome)];
    }),
  ];
}

/** Taken away by this run: everything in a destroy, otherwise what the environment does not have any more. */
function leaves(engine: Engine, stack: Stack, { planning }: ApplyHooks): boolean {
  return planning.destroy || isRetired(engine, stack);
}

function dependantsOf(engine: Engine, stack: Stack, stacks: readonly Stack[], hooks: ApplyHooks): readonly string[] {
  const before = new Set(allDependants([...engine.target.blueprint.stacks, ...engine.retired], stack));
  return stacks.filter((other) => before.has(other.name) && leaves(engine, other, hooks)).map((other) => other.name);
}

async function applyStack(
  engine: Engine,
  inputs: Inputs,
  stack: Stack,
  planned: StackPlan,
  hooks: ApplyHooks,
): Promise<Applied> {
  const began = engine.ports.clock.now().getTime();
  const seconds = (): number => Math.round((engine.ports.clock.now().getTime() - began) / 100) / 10;

  const plan =
    planned.state === 'unknown'
      ? { ...(await planAtLast(engine, inputs, stack, hooks)), objects: planned.objects }
      : planned;
  if (isPending(plan) || isUnfinished(engine, stack, hooks)) {
    const creates = plan.changes.filter((change) => change.action === 'create' || change.action === 'replace');
    await engine.journal.record({
      kind: 'stack-started',
      stack: stack.name,
      creates: creates.map((change) => change.address),
    });
    try {
      await hooks.before?.(stack);
      if (!leaves(engine, stack, hooks)) await makeRoomForCluster(engine, stack, plan, hooks);
      await work(engine, inputs, stack, plan, hooks);
      await hooks.after?.(stack, plan);
      if (!leaves(engine, stack, hooks)) await lookAfterFormer(engine, stack, plan, hooks);
    } catch (error) {
      await engine.journal.record({ kind: 'stack-ended', stack: stack.name, ok: false });
      throw error;
    }
    await engine.journal.record({ kind: 'stack-ended', stack: stack.name, ok: true });
  }
  if (!leaves(engine, stack, hooks)) {
    await noteApplied(engine.ports.files, engine.layout.stack(stack.name), stack);
    await shareApplied(engine, stack, isPending(plan));
  } else if (isRetired(engine, stack) && plan.spared.length === 0) await layToRest(engine, stack, hooks);
  return { changed: isPending(plan), counts: countChanges(plan.changes), seconds: seconds() };
}

function provisioningStep(engine: Engine, provisioner: Provisioner, hooks: ApplyHooks): Job<Applied> {
  const now = (): Date => engine.ports.clock.now();
  return {
    name: stepName(provisioner),
    after: [provisioner.stack],
    run: async () => {
      const began = now().getTime();
      engine.emit({ kind: 'stack-began', stack: stepName(provisioner), step: 'making what is missing' });
      const databases = await engine.target.cluster.provisionDatabases(provisioner);
      hooks.onProvisioned?.(databases);
      const changed = databases.some(({ did }) => typeof did !== 'string' && did.length > 0);
      return { changed, counts: countChanges([]), seconds: Math.round((now().getTime() - began) / 100) / 10 };
    },
  };
}

/**
 * A cluster that is made anew is another one, and the identity that was recorded is not its own. One that is replaced
 * takes its load balancers and volumes away first: afterwards nobody could.
 */
async function makeRoomForCluster(engine: Engine, stack: Stack, plan: StackPlan, hooks: ApplyHooks): Promise<void> {
  const { cluster, cloud, blueprint } = engine.target;
  if (blueprint.cluster?.kind !== 'doctl' || blueprint.cluster.stack !== stack.name) return;
  const { name } = blueprint.cluster;
  const address = stack.resources.find((resource) => resource.adoption?.name === name && resource.holdsData)?.address;
  const action = plan.changes.find((change) => change.address === address)?.action;
  if (action === 'replace' && (await cluster.access())) {
    await cloud.inventory();
    await rememberKept(engine, (await cluster.releaseCloudResources(hooks.planning.loseData)).kept);
  }
  if (action === 'replace' || action === 'create') await cluster.forget();
}

/** Nothing of it is left in the state: its module may go, and so may what ffops delivered for it. */
async function layToRest(engine: Engine, stack: Stack, hooks: ApplyHooks): Promise<void> {
  if (stack.needsCluster && (await engine.target.cluster.access())) {
    // A destroy has looked after them already, with the cluster or stack by stack.
    if (!hooks.planning.destroy) {
      await releaseVolumes(engine, stack, hooks);
      hooks.onKept?.([
        ...(await engine.target.cluster.removeObjects(stack)),
        ...keptDatabases(engine.target.blueprint, stack),
      ]);
    }
  }
  await unshareApplied(engine, stack);
  await engine.ports.files.remove(engine.layout.stack(stack.name));
}

/** Releases that went from a stack that stays: a database server that no app wants any more. */
async function lookAfterFormer(engine: Engine, stack: Stack, plan: StackPlan, hooks: ApplyHooks): Promise<void> {
  const gone = plan.changes.filter(({ action }) => action === 'delete').map(({ address }) => address);
  const applied = gone.length > 0 ? await lastApplied(engine.ports.files, engine.layout.stack(stack.name)) : undefined;
  const releases = applied?.releases.filter(({ name }) => gone.includes(releaseAddress(name))) ?? [];
  if (releases.some(({ holdsData }) => holdsData)) await releaseVolumes(engine, { ...stack, releases }, hooks);
}

async function releaseVolumes(engine: Engine, stack: Stack, { planning, onKept }: ApplyHooks): Promise<void> {
  const { removed, kept } = await engine.target.cluster.releaseVolumes(stack, planning.loseData);
  for (const { kind, name } of removed) engine.emit({ kind: 'note', text: `Removed ${kind} ${name}.` });
  onKept?.(kept);
}

/** An interrupted run may have got no further than OpenTofu, whose plan is empty then. */
function isUnfinished(engine: Engine, stack: Stack, hooks: ApplyHooks): boolean {
  return stack.needsCluster && !leaves(engine, stack, hooks) && hooks.planning.unsettled.has(stack.name);
}

async function planAtLast(engine: Engine, inputs: Inputs, stack: Stack, hooks: ApplyHooks): Promise<StackPlan> {
  const plan = await planStack(engine, inputs, stack, hooks.planning);
  if (plan.state === 'unknown') {
    throw new FailedError('stack.unknown', {
      message: `Stack ${stack.name} still waits for ${plan.until}, although it was applied.`,
      hints: [`Apply ${plan.until} by itself and look at what it makes: ffops apply --stack ${plan.until}`],
    });
  }
  await hooks.consentTo(plan);
  return plan;
}

async function work(engine: Engine, inputs: Inputs, stack: Stack, plan: StackPlan, hooks: ApplyHooks): Promise<void> {
  const destroy = leaves(engine, stack, hooks);
  const { cluster } = engine.target;
  const step = (text: string): void => void engine.emit({ kind: 'stack-began', stack: stack.name, step: text });
  if (stack.needsCluster && !destroy) {
    step('delivering secrets');
    await cluster.deliver(stack);
  }
  if (plan.changes.some((change) => change.action === 'forget') && !plan.planFile)
    await forgetAll(engine, inputs, stack, plan);
  else if (plan.planFile !== undefined) {
    step(destroy ? 'destroying' : 'applying');
    const apply = (): Promise<void> => applyPlanFile(engine, inputs, stack, plan, plan.planFile!);
    await despiteKeptVolumes(engine, inputs, stack, hooks, apply);
  }
  inputs.renew(stack);
  if (stack.needsCluster && !destroy) {
    await settleWorkloads(engine, stack, plan, isUnfinished(engine, stack, hooks), step);
    if (plan.objects.some((object) => object.action === 'delete')) await cluster.prune(stack);
  }
}

/**
 * Older Helm providers take it for a failure that an uninstalled release leaves its volume claims, as it is told to.
 * The release is gone then: what is left of the plan goes on.
 */
async function despiteKeptVolumes(
  engine: Engine,
  inputs: Inputs,
  stack: Stack,
  hooks: ApplyHooks,
  apply: () => Promise<void>,
  round = 0,
): Promise<void> {
  try {
    await apply();
  } catch (error) {
    if (!(error instanceof KeptVolumesError) || round > stack.releases.length) throw error;
    const { planFile, ...rest } = await planStack(engine, inputs, stack, hooks.planning);
    if (planFile === undefined)
      return leaves(engine, stack, hooks) ? forgetGone(engine, inputs, stack, rest) : undefined;
    if (!leaves(engine, stack, hooks)) await hooks.consentTo(rest);
    await despiteKeptVolumes(
      engine,
      inputs,
      stack,
      hooks,
      () => applyPlanFile(engine, inputs, stack, rest, planFile),
      round + 1,
    );
  }
}

/** With nothing left to apply, the state still lists what is gone. */
async function forgetGone(
  engine: Engine,
  inputs: Inputs,
  stack: Stack,
  { spared }: Pick<StackPlan, 'spared'>,
): Promise<void> {
  const env = await inputs.base(stack);
  const listed = await runStateList(engine, stack, env);
  const deployed = await engine.target.cluster.releases();
  const there = stack.releases.filter(({ name, namespace }) =>
    deployed.some((other) => other.release === name && other.namespace === namespace),
  );
  const stay = [...spared.map(({ address }) => address), ...there.map(({ name }) => releaseAddress(name))];
  const gone = listed.filter((address) => !stay.some((one) => address === one || address.startsWith(`${one}[`)));
  if (gone.length > 0) await runForget(engine, stack, gone, env);
}

async function applyPlanFile(
  engine: Engine,
  inputs: Inputs,
  stack: Stack,
  plan: StackPlan,
  planFile: string,
): Promise<void> {
  const needs = await inputs.of(stack);
  const env = needs.ready ? needs.variables : await inputs.base(stack);
  try {
    await runApply(engine, stack, planFile, env);
  } catch (error) {
    throw error instanceof FailedError && !(error instanceof KeptVolumesError)
      ? await withDiagnosis(engine, stack, plan, error)
      : error;
  }
}

/** Helm only says "timed out": the pod, the event and the log line say why. */
async function withDiagnosis(engine: Engine, stack: Stack, plan: StackPlan, error: FailedError): Promise<FailedError> {
  const releases = releasesOf(stack, plan.changes);
  const troubles = await Promise.all(
    releases.map((release) => engine.target.cluster.diagnose(release).catch(() => undefined)),
  );
  const lines = troubles.flatMap((trouble) => trouble?.lines ?? []);
  const [first, ...others] = error.problems;
  return first && lines.length > 0
    ? new FailedError(error.code, [{ ...first, hints: [...lines, ...(first.hints ?? [])] }, ...others])
    : error;
}

async function settleWorkloads(
  engine: Engine,
  stack: Stack,
  plan: StackPlan,
  all: boolean,
  step: (text: string) => void,
): Promise<void> {
  const { cluster } = engine.target;
  const rolled = new Set(plan.objects.flatMap((object) => object.rolls));
  const changed = all ? stack.releases : releasesOf(stack, plan.changes);
  if (changed.length > 0 || rolled.size > 0) await cluster.stampWorkloads(stack);
  for (const release of stack.releases) {
    if (!release.workloads || !(changed.includes(release) || rolled.has(release.name))) continue;
    step(`waiting for ${release.name}`);
    const trouble = await cluster.waitUntilReady(release);
    if (trouble) {
      throw new FailedError('release.not-ready', {
        message: `Release ${release.name} in ${release.namespace} is not ready.`,
        hints: trouble.lines,
      });
    }
  }
}

function resultOf(engine: Engine, stack: Pick<Stack, 'name' | 'title'>, outcome: Outcome<Applied>): StackResult {
  const base = { stack: stack.name, title: stack.title, counts: countChanges([]), seconds: 0 };
  switch (outcome.kind) {
    case 'done':
      return {
        ...base,
        outcome: outcome.value.changed ? 'applied' : 'unchanged',
        counts: outcome.value.counts,
        seconds: outcome.value.seconds,
      };
    case 'failed':
      return {
        ...base,
        outcome: isInterruption(engine, outcome.error) ? 'interrupted' : 'failed',
        ...failureOf(outcome.error),
      };
    case 'skipped':
      return { ...base, outcome: 'skipped', because: outcome.because };
    case 'stopped':
      return { ...base, outcome: 'not-started' };
  }
}

function told(
  engine: Engine,
  outcome: Outcome<Applied>,
): { readonly outcome: 'done' | 'unchanged' | 'failed' | 'skipped' | 'stopped'; readonly text: string } {
  switch (outcome.kind) {
    case 'done':
      return outcome.value.changed
        ? { outcome: 'done', text: `${outcome.value.seconds} s` }
        : { outcome: 'unchanged', text: 'no changes' };
    case 'failed':
      return isInterruption(engine, outcome.error)
        ? { outcome: 'stopped', text: 'interrupted' }
        : { outcome: 'failed', text: 'failed' };
    case 'skipped':
      return { outcome: 'skipped', text: `${outcome.because} failed` };
    case 'stopped':
      return { outcome: 'stopped', text: 'not started' };
  }
}
