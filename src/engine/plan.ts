/** Plans stacks, each on its own, and says what cannot be known yet. */
import { join } from 'node:path';
import { z } from 'zod';
import { FailedError, FfopsError, InterruptedError, type ExitCode, type Problem } from '../errors.ts';
import { releaseAddress } from '../model/addresses.ts';
import type { Stack } from '../model/blueprint.ts';
import type { KeptVolume, ReleaseDiff } from '../ports/cluster.ts';
import { findAdoptable, releasesOf, removeLeftImports, toAdopt, withImports, type AdoptionWish } from './adoption.ts';
import { lastApplied } from './applied.ts';
import { changedOutputs, changesOf, type ResourceChange } from './changes.ts';
import { isRetired, type Engine } from './engine.ts';
import { initialiseStacks } from './initialise.ts';
import { sourcesOf, type Inputs } from './inputs.ts';
import type { Unsettled } from './journal.ts';
import { keptVolumesToLose } from './kept.ts';
import { keepMade, DESPITE_ERROR, madeDespiteError, settleReleases, unlockedOnce } from './recovery.ts';
import { schedule, type Outcome } from './scheduler.ts';
import { inOrder } from './selection.ts';
import type { EnvironmentPlan, StackPlan } from './stack-plan.ts';
import { runForget, runPlan, runStateList } from './tofu-runs.ts';
import type { TofuPlan } from '../tools/tofu.ts';

export interface PlanOptions {
  readonly destroy: boolean;
  readonly adopt: ReadonlySet<string>;
  /** What a destroy may lose, by name. */
  readonly loseData: ReadonlySet<string>;
  readonly unsettled: ReadonlyMap<string, Unsettled>;
  /** Puts in order what is unsettled; otherwise it is only taken into account. */
  readonly repairs: boolean;
  /** Shows the objects inside changed releases. */
  readonly releaseDiffs: boolean;
  /** Of a destroy: volumes of the selected stacks that are there without their releases. */
  readonly kept?: readonly KeptVolume[];
}

/** Never throws for a stack's sake: its plan says what failed. */
export async function planStacks(
  engine: Engine,
  inputs: Inputs,
  stacks: readonly Stack[],
  options: PlanOptions,
): Promise<EnvironmentPlan> {
  const objectsFound = options.destroy
    ? Promise.resolve([])
    : engine.target.cluster.compareObjects(stacks.filter((stack) => !isRetired(engine, stack)));
  objectsFound.catch(() => undefined);
  const broken = await prepareStacks(engine, inputs, stacks);

  const jobs = stacks.map((stack) => ({
    name: stack.name,
    after: [],
    run: () => {
      if (broken.has(stack.name)) throw broken.get(stack.name);
      return planStack(engine, inputs, stack, options);
    },
  }));
  const outcomes = await schedule(
    jobs.map((job) => ({ ...job, run: async () => job.run() })),
    {
      parallel: engine.parallel,
      interruption: engine.ports.interruption,
      onOutcome: (stack, outcome) => engine.emit({ kind: 'stack-ended', stack, ...told(engine, outcome) }),
    },
  );
  const objects = await objectsFound.catch((error: unknown) => {
    if (isInterruption(engine, error)) return [];
    throw error;
  });
  const plans = stacks.map((stack) => {
    const outcome = outcomes.get(stack.name)!;
    const plan =
      outcome.kind === 'done'
        ? outcome.value
        : withoutPlan(engine, stack, outcome.kind === 'failed' ? outcome.error : undefined);
    return { ...plan, objects: objects.filter((object) => object.stack === stack.name) };
  });
  return {
    run: engine.journal.run,
    environment: engine.target.blueprint.environment,
    destroy: options.destroy,
    formerVolumes: options.destroy ? await keptVolumesToLose(engine, options.kept ?? [], options.loseData) : [],
    stacks: options.destroy ? plans : admitUnknowns(plans, stacks, engine.target.blueprint.cluster),
  };
}

/** A place for their plans, and tofu ready in their folders; returns, by stack, what went wrong. */
export async function prepareStacks(
  engine: Engine,
  inputs: Inputs,
  stacks: readonly Stack[],
): Promise<ReadonlyMap<string, unknown>> {
  await engine.ports.files.makeFolder(engine.layout.plans(engine.journal.run));
  return initialiseStacks(engine, [...sourcesOf(stacks, engine.target.blueprint.stacks), ...stacks], inputs.base);
}

/** Throws what tofu's failure came to. */
export async function planStack(engine: Engine, inputs: Inputs, stack: Stack, wanted: PlanOptions): Promise<StackPlan> {
  return planWith(engine, inputs, stack, { ...wanted, destroy: wanted.destroy || isRetired(engine, stack) });
}

async function planWith(engine: Engine, inputs: Inputs, stack: Stack, options: PlanOptions): Promise<StackPlan> {
  engine.emit({ kind: 'stack-began', stack: stack.name, step: 'planning' });
  await removeLeftImports(engine, stack);
  const needs = await inputs.of(stack);
  if (!needs.ready) {
    if (options.destroy && (await clusterIsGone(engine, stack)))
      return planToForget(engine, stack, await inputs.base(stack));
    return unknownPlan(stack, needs.until);
  }

  const planFile = join(engine.layout.plans(engine.journal.run), `${stack.name}.tfplan`);
  const spared = options.destroy
    ? [...sparedBy(engine, stack, options.loseData), ...(await staysForGood(engine, stack))]
    : [];
  const unsettled = options.unsettled.get(stack.name);
  const left = options.repairs ? unsettled : undefined;
  const wish = {
    planFile,
    destroy: options.destroy,
    exclude: spared.map((one) => one.address),
    lock: left !== undefined,
  };
  const run = () =>
    unlockedOnce(engine, stack, left, needs.variables, () => runPlan(engine, stack, wish, needs.variables));

  let plan = await run();
  if (left && (await settleReleases(engine, stack, left))) plan = await run();
  if (!plan) return { ...emptyPlan(stack), spared };
  const applied = await lastApplied(engine.ports.files, engine.layout.stack(stack.name));
  const read = (found: TofuPlan): readonly ResourceChange[] =>
    changesOf(stack, found, applied).map((change) => asNamed(change, options));
  let changes = read(plan);
  const made = unsettled && !options.destroy ? madeDespiteError(changes, unsettled, options.loseData) : [];
  if (left && made.length > 0) {
    await keepMade(engine, stack, made, needs.variables);
    plan = await run();
    if (!plan) return { ...emptyPlan(stack), spared };
    changes = read(plan);
  }
  const leftToApply = left ? [] : made;
  for (const { title } of leftToApply)
    engine.emit({ kind: 'note', text: `The next apply keeps ${title}: ${DESPITE_ERROR}` });
  const candidates = options.destroy ? [] : await findAdoptable(engine, stack, changes);
  const adoption: AdoptionWish = { names: options.adopt, ours: unsettled?.addresses ?? new Set() };
  const adopted = toAdopt(candidates, adoption);
  if (adopted.length > 0) {
    plan = (await withImports(engine, stack, adopted, run)) ?? {
      resource_changes: [],
      resource_drift: [],
      output_changes: {},
    };
    changes = read(plan);
  }
  return {
    ...emptyPlan(stack),
    state: 'planned',
    changes: changes.filter(({ address }) => leftToApply.every((one) => one.address !== address)),
    outputs: changedOutputs(plan),
    releases: options.releaseDiffs ? await diffs(engine, stack, plan, changes) : [],
    adoptable: candidates.filter((candidate) => !adopted.includes(candidate)),
    spared,
    planFile,
  };
}

/** What may stay is lost only when it was named: volumes outlive the releases, and in a destroy the cluster, that used them. */
function asNamed(
  { losesData, keepsData, ...change }: ResourceChange,
  { destroy, loseData }: Pick<PlanOptions, 'destroy' | 'loseData'>,
): ResourceChange {
  if (keepsData) return { ...change, ...(loseData.has(keepsData.name) ? { losesData: keepsData } : { keepsData }) };
  return losesData && (!destroy || loseData.has(losesData.name)) ? { ...change, losesData } : change;
}

/** Only then may a state be emptied; an input that is missing for another reason says nothing about what exists. */
async function clusterIsGone(engine: Engine, stack: Stack): Promise<boolean> {
  return stack.needsCluster && (await engine.target.cluster.access()) === undefined;
}

/** The cluster is gone, and with it all that this stack had in it: only the state still knows. */
async function planToForget(
  engine: Engine,
  stack: Stack,
  env: Awaited<ReturnType<Inputs['base']>>,
): Promise<StackPlan> {
  const addresses = await runStateList(engine, stack, env);
  const changes = addresses
    .filter((address) => !address.startsWith('data.'))
    .map((address): ResourceChange => {
      const known = stack.resources.find((resource) => resource.address === address);
      return {
        stack: stack.name,
        address,
        type: address.split('.')[0] ?? '',
        title: known?.title ?? address,
        action: 'forget',
        attributes: [],
      };
    });
  return { ...emptyPlan(stack), state: changes.length > 0 ? 'planned' : 'unchanged', changes };
}

/** Takes out of the state what went with the cluster. */
export async function forgetAll(engine: Engine, inputs: Inputs, stack: Stack, plan: StackPlan): Promise<void> {
  await runForget(
    engine,
    stack,
    plan.changes.map((change) => change.address),
    await inputs.base(stack),
  );
}

/**
 * What a destroy leaves: resources that are data themselves, unless named. A release is not (its volumes outlive it),
 * nor is the cluster (its volumes are looked at one by one).
 */
export function sparedBy(
  engine: Pick<Engine, 'target'>,
  stack: Stack,
  loseData: ReadonlySet<string>,
): StackPlan['spared'] {
  const cluster = engine.target.blueprint.cluster;
  if (cluster?.kind === 'doctl' && cluster.stack === stack.name) return [];
  return stack.resources.flatMap(({ address, type, holdsData }) =>
    holdsData && type !== 'helm_release' && !loseData.has(holdsData.name)
      ? [{ address, name: holdsData.name, what: holdsData.what }]
      : [],
  );
}

async function staysForGood(engine: Pick<Engine, 'target'>, stack: Stack): Promise<StackPlan['spared']> {
  const found = stack.resources.length > 0 ? await engine.target.cloud.undeletable(stack.resources) : [];
  return found.map(({ address, name, reason }) => ({ address, name, forGood: reason }));
}

async function diffs(
  engine: Engine,
  stack: Stack,
  plan: TofuPlan,
  changes: readonly ResourceChange[],
): Promise<readonly ReleaseDiff[]> {
  const releases = releasesOf(
    stack,
    changes.filter((change) => change.action === 'update'),
  );
  return Promise.all(
    releases.flatMap((release) => {
      const after = plan.resource_changes.find(({ address }) => address === releaseAddress(release.name))?.change.after;
      const planned = plannedRelease.safeParse(after);
      // Values that another stack has yet to give cannot be rendered.
      if (!planned.success) return [];
      return [engine.target.cluster.releaseDiff(release, { folder: engine.layout.stack(stack.name), ...planned.data })];
    }),
  );
}

const plannedRelease = z.object({
  chart: z.string(),
  values: z
    .array(z.string())
    .nullish()
    .transform((values) => values ?? []),
});

export function emptyPlan(stack: Stack): StackPlan {
  return {
    stack: stack.name,
    title: stack.title,
    state: 'unchanged',
    changes: [],
    outputs: [],
    objects: [],
    releases: [],
    adoptable: [],
    spared: [],
  };
}

function unknownPlan(stack: Stack, until: string): StackPlan {
  const expected = stack.resources.map(({ address, title, origin }) => ({ address, title, origin }));
  return { ...emptyPlan(stack), state: 'unknown', until, expected };
}

/** A tool that fails once the user wants to stop was told to. */
export function isInterruption(engine: Pick<Engine, 'ports'>, error: unknown): boolean {
  return error instanceof InterruptedError || (engine.ports.interruption.requested && error instanceof FailedError);
}

function withoutPlan(engine: Engine, stack: Stack, error: unknown): StackPlan {
  if (error === undefined || isInterruption(engine, error)) return { ...emptyPlan(stack), state: 'stopped' };
  return { ...emptyPlan(stack), state: 'failed', ...failureOf(error) };
}

export interface Failure {
  readonly problem: Problem;
  readonly exitCode: ExitCode;
}

/** Several problems are told as one with hints. Throws what is no known failure: that is a bug, and must look like one. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof FfopsError)) throw error;
  const [first = { message: error.message }, ...others] = error.problems;
  const hints = [...(first.hints ?? []), ...others.flatMap(({ message, hints: more }) => [message, ...(more ?? [])])];
  return { problem: { ...first, hints }, exitCode: error.exitCode };
}

function told(
  engine: Engine,
  outcome: Outcome<StackPlan>,
): {
  readonly outcome: 'done' | 'unchanged' | 'failed' | 'stopped' | 'unknown';
  readonly text: string;
} {
  if (outcome.kind === 'failed' && !isInterruption(engine, outcome.error)) return { outcome: 'failed', text: 'failed' };
  if (outcome.kind !== 'done') return { outcome: 'stopped', text: 'stopped' };
  const { state, until, changes } = outcome.value;
  if (state === 'unknown') return { outcome: 'unknown', text: `known after ${until}` };
  return state === 'planned'
    ? { outcome: 'done', text: changes.length === 1 ? '1 change' : `${changes.length} changes` }
    : { outcome: 'unchanged', text: 'no changes' };
}

type Cluster = Engine['target']['blueprint']['cluster'];

/**
 * Plans were made side by side against what exists now. Where an earlier stack turns out to change what a later one
 * reads (an output, or the cluster itself), the later plan is fiction: it is withdrawn, and said to be unknown.
 */
export function admitUnknowns(
  plans: readonly StackPlan[],
  stacks: readonly Stack[],
  cluster: Cluster,
): readonly StackPlan[] {
  const byName = new Map(plans.map((plan) => [plan.stack, plan]));
  // In order, so that what is withdrawn withdraws what reads it: any of its outputs may change.
  for (const stack of inOrder(stacks)) {
    const plan = byName.get(stack.name)!;
    if (plan.state !== 'planned' && plan.state !== 'unchanged') continue;
    const until = unknownBecauseOf(stack, stacks, byName, cluster);
    if (until !== undefined) byName.set(stack.name, { ...unknownPlan(stack, until), objects: plan.objects });
  }
  return stacks.map((stack) => byName.get(stack.name)!);
}

function unknownBecauseOf(
  stack: Stack,
  stacks: readonly Stack[],
  plans: ReadonlyMap<string, StackPlan>,
  cluster: Cluster,
): string | undefined {
  const changes = ({ from }: Stack['variables'][number]): boolean => {
    const source = from && plans.get(from.stack);
    return source !== undefined && (source.state === 'unknown' || source.outputs.includes(from!.output));
  };
  const read = stack.variables.find(changes)?.from?.stack;
  if (read !== undefined) return read;
  const clusterChanges =
    stack.needsCluster && cluster?.kind === 'doctl' && clusterGoes(plans.get(cluster.stack), stacks, cluster);
  return clusterChanges ? cluster.stack : undefined;
}

function clusterGoes(
  plan: StackPlan | undefined,
  stacks: readonly Stack[],
  cluster: Extract<Cluster, { kind: 'doctl' }>,
): boolean {
  const stack = stacks.find((candidate) => candidate.name === cluster.stack);
  const address = stack?.resources.find((resource) => resource.adoption?.name === cluster.name)?.address;
  return (
    plan?.changes.some((change) => change.address === address && ['replace', 'delete'].includes(change.action)) ?? false
  );
}
