/** `ffops apply`: shows what will change, asks once, applies exactly that. */
import { adoptionName } from '../engine/adoption.ts';
import { basisOf } from '../engine/basis.ts';
import { applyStacks, type StackResult } from '../engine/apply.ts';
import { arrivalOf, type Arrival } from '../engine/arrival.ts';
import { refuseUnnamedLosses, wantsNewConsent } from '../engine/consent.ts';
import type { Target } from '../engine/contracts.ts';
import { provisionersOf, stepName, stepTitle } from '../engine/databases.ts';
import { isRetired, type Emit, type Engine, type EngineEvent } from '../engine/engine.ts';
import { forgetPlan, readKeptPlan, type EarlierPlan } from '../engine/kept-plan.ts';
import { refuseUnknownNames } from '../engine/losable.ts';
import { refuseUnfitSecrets } from '../engine/needed-secrets.ts';
import { planStack, planStacks, prepareStacks, type PlanOptions } from '../engine/plan.ts';
import { settleWhole } from '../engine/recovery.ts';
import { inRun, type Run } from '../engine/run.ts';
import { safeguards } from '../engine/safeguards.ts';
import { selectForApply, type Selection } from '../engine/selection.ts';
import { isPending, outcomeOf, type EnvironmentPlan, type StackPlan } from '../engine/stack-plan.ts';
import { ConsentError, UserError } from '../errors.ts';
import type { Stack } from '../model/blueprint.ts';
import type { AdoptionCandidate } from '../ports/cloud.ts';
import type { Leftover, ProvisionedDatabase } from '../ports/cluster.ts';
import type { Ports } from '../ports/ports.ts';
import { recordVersions, refuseSkippedVersions, standing } from './app-versions.ts';
import { verdictOfPlan, verdictOfResults } from './engine-verdicts.ts';
import type { Verdict } from './verdict.ts';

export interface ApplyRequest {
  readonly target: Target;
  readonly selection: Selection;
  readonly yes: boolean;
  readonly loseData: readonly string[];
  readonly adopt: readonly string[];
  readonly parallel: number | undefined;
}

/** A plan is ready to be shown, before anyone is asked about it. */
export type ShowPlan = {
  readonly kind: 'planned';
  readonly plan: EnvironmentPlan;
  readonly worries: readonly string[];
};

export interface ApplyResult {
  readonly verdict: Verdict;
  readonly run: string;
  readonly plan: EnvironmentPlan;
  /** Absent when no earlier `plan` was kept. */
  readonly earlierPlan?: EarlierPlan;
  /** Empty when the plan failed, or when there was nothing to do. */
  readonly stacks: readonly StackResult[];
  /** The databases of apps, which every apply makes sure of, whatever the plan says. */
  readonly databases: readonly ProvisionedDatabase[];
  /** What apps that went have left on purpose, each with how it is deleted. */
  readonly kept: readonly Leftover[];
  readonly arrival?: Arrival;
}

/** Throws ConsentError when it may not go on, and UserError when something exists already and is not adopted. */
export async function apply(
  ports: Ports,
  request: ApplyRequest,
  emit: Emit<EngineEvent | ShowPlan>,
): Promise<ApplyResult> {
  const { target } = request;
  await refuseSkippedVersions(target, request.selection);
  const all = target.blueprint.stacks;
  const options = { command: 'apply', parallel: request.parallel, changes: 'stacks' as const, stacks: all, emit };
  return inRun(ports, target, options, async (run) => {
    const { engine, inputs, past } = run;
    const stacks = selectForApply(all, request.selection, engine.retired);
    await refuseUnfitSecrets(target, stacks);
    const planning: PlanOptions = {
      destroy: false,
      adopt: new Set(request.adopt),
      loseData: new Set(request.loseData),
      unsettled: past.unsettled,
      repairs: true,
      releaseDiffs: true,
    };
    const earlier = await earlierPlan(run, stacks, request);
    if (!earlier?.plan) await emit({ kind: 'stacks', stacks, verb: 'plan' });
    const first = earlier?.plan ?? (await planStacks(engine, inputs, stacks, planning));
    // Where a run was interrupted after tofu had finished, secrets and readiness are still to be looked after; and a
    // stack that is taken away leaves its module and its namespace.
    const unfinished = stacks.filter(
      (stack) => isRetired(engine, stack) || (stack.needsCluster && past.unsettled.has(stack.name)),
    );
    await settleWhole(
      engine,
      past,
      first.stacks.filter((plan) => !unfinished.some(({ name }) => name === plan.stack)),
    );
    await emit({ kind: 'pause' });
    const { plan, adopt } = await settleAdoptions(run, stacks, first, planning);

    const outcome = outcomeOf(plan);
    await emit({ kind: 'planned', plan, worries: outcome === 'pending' ? await safeguards(engine, run.rendered) : [] });
    const end = {
      run: plan.run,
      plan,
      stacks: [],
      databases: [],
      kept: [],
      ...(earlier && { earlierPlan: earlier.earlier }),
    };
    if (outcome === 'failed') return { ...end, verdict: verdictOfPlan(plan, false, false) };
    if (ports.interruption.requested) return { ...end, verdict: 'interrupted' };
    await refuseUnknownNames(engine, request.loseData, 'apply');
    const whole = all.every((stack) => stacks.includes(stack));
    const arrival = whole ? { arrival: arrivalOf(target.blueprint, target.surroundings.kind === 'sandbox') } : {};
    const provisioners = provisionersOf(
      target.blueprint,
      stacks.filter((stack) => !isRetired(engine, stack)),
    );
    const idle = outcome === 'none' && unfinished.length === 0;
    if (idle)
      await recordVersions(
        target,
        stacks.map(({ name }) => name),
      );
    if (idle && provisioners.length === 0) return { ...end, verdict: 'done', ...arrival };

    refuseUnnamedLosses(plan, planning.loseData);
    if (outcome !== 'none' && !request.yes) await askFor(ports, `Apply this to ${target.blueprint.environment}?`);
    await forgetPlan(engine);
    const steps = provisioners.map((one) => ({ name: stepName(one), title: stepTitle(target.blueprint, one) }));
    const busy = idle ? [] : stacks;
    await emit({ kind: 'stacks', stacks: [...busy, ...steps], verb: 'apply' });
    const databases: ProvisionedDatabase[] = [];
    const kept: Leftover[] = [];
    const results = await applyStacks(engine, inputs, busy, plan.stacks, {
      provisioners,
      onProvisioned: (some) => void databases.push(...some),
      onKept: (some) => void kept.push(...some),
      planning: { ...planning, adopt, releaseDiffs: false },
      consentTo: oneAtATime((late) => consentToLatePlan(ports, request, plan, late, emit)),
    });
    await recordVersions(target, standing(results));
    const verdict = verdictOfResults(results);
    return { ...end, verdict, stacks: results, databases, kept, ...(verdict === 'done' ? arrival : {}) };
  });
}

/**
 * What an earlier `plan` showed is applied as it is, as long as planning anew could show nothing else; says which it is.
 */
async function earlierPlan(
  { engine, inputs, past }: Run,
  stacks: readonly Stack[],
  request: ApplyRequest,
): ReturnType<typeof readKeptPlan> {
  const found = await readKeptPlan(engine, () => basisOf(engine, inputs, stacks, request));
  if (!found) return undefined;
  const { plan, earlier } = found;
  const because = earlier.because ?? (await whyUnprepared(engine, inputs, stacks, past.unsettled));
  const of = `of ${earlier.madeAt}`;
  if (because !== undefined) {
    engine.emit({ kind: 'note', text: `Planning anew rather than taking the plan ${of}: ${because}.` });
    return { earlier: { ...earlier, used: false, because } };
  }
  engine.emit({ kind: 'note', text: `This is the plan ${of}: nothing that it rests on has changed since.` });
  return { earlier, ...(plan && { plan }) };
}

async function whyUnprepared(
  engine: Engine,
  inputs: Run['inputs'],
  stacks: readonly Stack[],
  unsettled: PlanOptions['unsettled'],
): Promise<string | undefined> {
  const left = stacks.find(({ name }) => unsettled.has(name));
  if (left) return `a run that did not come to its end left ${left.name}`;
  const [broken] = (await prepareStacks(engine, inputs, stacks)).keys();
  return broken === undefined ? undefined : `${broken} cannot be made ready for it`;
}

/** Offers what exists already; plans the stacks anew that adopt something. */
async function settleAdoptions(
  { engine, inputs }: Run,
  stacks: readonly Stack[],
  first: EnvironmentPlan,
  planning: PlanOptions,
): Promise<{ readonly plan: EnvironmentPlan; readonly adopt: ReadonlySet<string> }> {
  const adopt = new Set(planning.adopt);
  const replanned: StackPlan[] = [];
  for (const plan of first.stacks) {
    if (plan.adoptable.length === 0) {
      replanned.push(plan);
      continue;
    }
    for (const candidate of plan.adoptable) await offer(engine.ports, candidate, adopt);
    const stack = stacks.find((one) => one.name === plan.stack)!;
    replanned.push({ ...(await planStack(engine, inputs, stack, { ...planning, adopt })), objects: plan.objects });
  }
  return { plan: { ...first, stacks: replanned }, adopt };
}

/** Typing yes to everything is no answer to whose this is: without a person, only `--adopt` is. */
async function offer(ports: Ports, candidate: AdoptionCandidate, adopt: Set<string>): Promise<void> {
  const question = `The ${candidate.kind} ${candidate.name} exists already. Manage it with ffops from now on?`;
  const agreed = ports.terminal.interactive && (await ports.terminal.confirm(question));
  if (!agreed) refuseSecond(candidate);
  adopt.add(adoptionName(candidate));
}

function refuseSecond(candidate: AdoptionCandidate): never {
  throw new UserError('adopt.exists', {
    message: `The ${candidate.kind} ${candidate.name} exists already, and ${candidate.address} would make it a second time.`,
    hints: [`To manage the existing one from now on: --adopt ${adoptionName(candidate)}`],
  });
}

async function consentToLatePlan(
  ports: Ports,
  request: ApplyRequest,
  whole: EnvironmentPlan,
  late: StackPlan,
  emit: Emit<EngineEvent | ShowPlan>,
): Promise<void> {
  const plan = { ...whole, stacks: [late] };
  const [candidate] = late.adoptable;
  if (candidate) refuseSecond(candidate);
  refuseUnnamedLosses(plan, new Set(request.loseData));
  if (!isPending(late) || !wantsNewConsent(plan) || request.yes) return;
  await emit({ kind: 'pause' });
  await emit({
    kind: 'planned',
    plan,
    worries: [`Stack ${late.stack} could be planned only now, and takes something away.`],
  });
  await askFor(ports, `Apply this to ${late.stack}?`, `Stack ${late.stack} was left as it was: you did not agree.`);
}

export async function askFor(
  ports: Ports,
  question: string,
  refusal = 'Nothing was changed: you did not agree.',
): Promise<void> {
  if (!ports.terminal.interactive) {
    throw new ConsentError('consent.nobody', {
      message: 'Nobody is here to agree to this.',
      hints: ['To agree beforehand: -y'],
    });
  }
  if (!(await ports.terminal.confirm(question))) {
    throw new ConsentError('consent.refused', { message: refusal });
  }
}

/** Two questions at once could not be told apart. */
function oneAtATime<Argument>(ask: (argument: Argument) => Promise<void>): (argument: Argument) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (argument) => {
    last = last.catch(() => undefined).then(() => ask(argument));
    return last;
  };
}
