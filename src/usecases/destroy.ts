/** `ffops destroy`: takes an environment down, last stack first, and says what is left. */
import { applyStacks, type StackResult } from '../engine/apply.ts';
import type { Target } from '../engine/contracts.ts';
import type { Emit, EngineEvent } from '../engine/engine.ts';
import { keptDatabases } from '../engine/databases.ts';
import { keptInCluster, readKept, rememberKept } from '../engine/kept.ts';
import { refuseUnknownNames } from '../engine/losable.ts';
import { planStacks, type PlanOptions } from '../engine/plan.ts';
import { settleWhole } from '../engine/recovery.ts';
import { remainsOf, type Remains } from '../engine/remains.ts';
import { inRun, type Run } from '../engine/run.ts';
import { selectForDestroy, type Selection } from '../engine/selection.ts';
import { outcomeOf, type EnvironmentPlan, type FormerVolume, type StackPlan } from '../engine/stack-plan.ts';
import { ConsentError } from '../errors.ts';
import type { Stack } from '../model/blueprint.ts';
import type { CloudItem } from '../ports/cloud.ts';
import type { BackupState, KeptVolume, Leftover } from '../ports/cluster.ts';
import type { Ports } from '../ports/ports.ts';
import type { ShowPlan } from './apply.ts';
import { verdictOfPlan, verdictOfResults } from './engine-verdicts.ts';
import type { Verdict } from './verdict.ts';

export interface DestroyRequest {
  readonly target: Target;
  readonly selection: Selection;
  /** Stands for typing the environment's name; never for losing data. */
  readonly yes: boolean;
  readonly loseData: readonly string[];
  readonly parallel: number | undefined;
}

export interface DestroyResult {
  readonly verdict: Verdict;
  readonly run: string;
  readonly plan: EnvironmentPlan;
  readonly stacks: readonly StackResult[];
  /** The newest that can be restored from, when there is one and something that it holds was taken away. */
  readonly lastBackup?: BackupState;
  /** Left on purpose, each with its reason. */
  readonly kept: readonly Leftover[];
  /** Owned by nobody. */
  readonly orphans: readonly CloudItem[];
}

export async function destroy(
  ports: Ports,
  request: DestroyRequest,
  emit: Emit<EngineEvent | ShowPlan>,
): Promise<DestroyResult> {
  const { target } = request;
  const all = target.blueprint.stacks;
  const options = { command: 'destroy', parallel: request.parallel, changes: 'stacks' as const, stacks: all, emit };
  return inRun(ports, target, options, async (run) => {
    const present = [...all, ...run.engine.retired];
    const inCluster = await keptInCluster(run.engine);
    const stacks = selectForDestroy(present, request.selection, new Set(inCluster.map(({ stack }) => stack)));
    const isMeant = ({ stack }: KeptVolume): boolean =>
      request.selection.stacks.includes(stack) || stacks.some(({ name }) => name === stack);
    const former = request.selection.stacks.length === 0 ? inCluster : inCluster.filter(isMeant);
    const loseData = new Set(request.loseData);
    const planning: PlanOptions = {
      destroy: true,
      adopt: new Set(),
      loseData,
      unsettled: run.past.unsettled,
      repairs: true,
      releaseDiffs: false,
      kept: former,
    };
    await emit({ kind: 'stacks', stacks, verb: 'plan' });
    const plan = await planStacks(run.engine, run.inputs, stacks, planning);
    await settleWhole(run.engine, run.past, plan.stacks);
    await emit({ kind: 'pause' });
    await refuseUnknownNames(run.engine, request.loseData, 'destroy');
    await emit({ kind: 'planned', plan, worries: [] });
    const end = { run: plan.run, plan, stacks: [], kept: [], orphans: [] };
    const outcome = outcomeOf(plan);
    if (outcome === 'failed') return { ...end, verdict: verdictOfPlan(plan, false, false) };
    if (ports.interruption.requested) return { ...end, verdict: 'interrupted' };
    if (outcome === 'none' && plan.formerVolumes.length === 0) {
      await forgetDestroyedCluster(run, stacks);
      return {
        ...end,
        verdict: 'done',
        ...(await remains(run, stacks, plan.stacks, former.map(keptBefore))),
      };
    }

    const lastBackup = await offerBackup(ports, run, plan, request.yes);
    if (!request.yes) await askForName(ports, target.blueprint.environment);
    const leftovers: Leftover[] = await loseFormerVolumes(run, plan.formerVolumes, stacks);
    const clusterStays = !stacks.some((stack) => makesCluster(run, stack));
    if (clusterStays) leftovers.push(...former.filter(({ data }) => !loseData.has(data.name)).map(keptBefore));
    await emit({ kind: 'stacks', stacks, verb: 'destroy' });
    const results = await applyStacks(run.engine, run.inputs, stacks, plan.stacks, {
      planning,
      consentTo: async () => undefined,
      before: async (stack) => void leftovers.push(...(await beforeStack(run, stack, loseData))),
      after: async (stack) => void leftovers.push(...(await afterStack(run, stack, stacks, loseData))),
    });
    const gone = results
      .filter(({ outcome: end }) => end === 'applied' || end === 'unchanged')
      .map(({ stack }) => stack);
    await forgetDestroyedCluster(
      run,
      stacks.filter(({ name }) => gone.includes(name)),
    );
    const verdict = verdictOfResults(results);
    const left =
      verdict === 'done' ? await remains(run, stacks, plan.stacks, leftovers) : { kept: leftovers, orphans: [] };
    return { ...end, verdict, stacks: results, ...left, ...(lastBackup && { lastBackup }) };
  });
}

/**
 * Before what holds data goes: how old the last backup is, and whether one should be made first. Where nobody can be asked
 * it says how. Throws FailedError when the backup that was wished for came to nothing.
 */
async function offerBackup(
  ports: Ports,
  run: Run,
  plan: EnvironmentPlan,
  yes: boolean,
): Promise<BackupState | undefined> {
  const { target, emit } = run.engine;
  const stacks = target.blueprint.stacks.filter(({ name }) => plan.stacks.some((one) => one.stack === name));
  const holdsData = stacks.some((stack) => makesCluster(run, stack) || stack.releases.some((one) => one.holdsData));
  const backups = holdsData ? await target.cluster.backups() : undefined;
  if (backups === undefined) return undefined;
  const last = backups.newestGood;
  const story = last
    ? `The last backup that can be restored from, ${last.name}, is ${ageText(last.ageHours)} old.`
    : 'There is no backup yet that could be restored from.';
  if (yes || !ports.terminal.interactive) {
    emit({ kind: 'warning', text: `${story} In a terminal, without -y, you are asked whether to make one first.` });
    return last;
  }
  if (!(await ports.terminal.confirm(`${story} Make one first?`))) return last;
  emit({ kind: 'note', text: 'Making a backup; this takes as long as the data is large.' });
  const made = await target.cluster.createBackup();
  const level = made.phase === 'Completed' ? 'note' : 'warning';
  emit({ kind: level, text: `The backup ${made.name} is over: ${made.phase}.` });
  return made;
}

function ageText(hours: number): string {
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}

async function askForName(ports: Ports, name: string): Promise<void> {
  if (!ports.terminal.interactive) {
    throw new ConsentError('consent.nobody', {
      message: 'Nobody is here to agree to this.',
      hints: ['To agree beforehand: -y'],
    });
  }
  const typed = await ports.terminal.input(`Type "${name}" to destroy it`);
  if (typed.trim() !== name)
    throw new ConsentError('consent.refused', { message: `Nothing was changed: "${typed}" is not "${name}".` });
}

/** Once the cluster is gone, nobody is left to remove the load balancers and volumes that it made. */
async function beforeStack(run: Run, stack: Stack, loseData: ReadonlySet<string>): Promise<readonly Leftover[]> {
  if (!makesCluster(run, stack) || !(await run.engine.target.cluster.access())) return [];
  // The inventory remembers what it saw: afterwards nothing tells whose a volume was.
  await run.engine.target.cloud.inventory();
  run.engine.emit({ kind: 'stack-began', stack: stack.name, step: 'removing what Kubernetes made in the cloud' });
  const { removed, kept } = await run.engine.target.cluster.releaseCloudResources(loseData);
  for (const one of removed) run.engine.emit({ kind: 'note', text: `Removed ${one.kind} ${one.name}.` });
  await rememberKept(run.engine, kept);
  return kept;
}

/** Also when an earlier destroy was killed before it came to this. */
async function forgetDestroyedCluster(run: Run, destroyed: readonly Stack[]): Promise<void> {
  if (destroyed.some((stack) => makesCluster(run, stack))) await run.engine.target.cluster.forget();
}

async function afterStack(
  run: Run,
  stack: Stack,
  selected: readonly Stack[],
  loseData: ReadonlySet<string>,
): Promise<readonly Leftover[]> {
  const { target } = run.engine;
  // Namespaces and Secrets go with the cluster when that goes too.
  const clusterStays = !selected.some((other) => makesCluster(run, other));
  if (!stack.needsCluster || !clusterStays || !(await target.cluster.access())) return [];
  run.engine.emit({ kind: 'stack-began', stack: stack.name, step: 'looking after its volumes' });
  const { removed, kept } = await target.cluster.releaseVolumes(stack, loseData);
  for (const one of removed) run.engine.emit({ kind: 'note', text: `Removed ${one.kind} ${one.name}.` });
  const databases = keptDatabases(target.blueprint, stack, selected);
  return [...kept, ...(await target.cluster.removeObjects(stack)), ...databases];
}

/** Where the last volume of a stack that had left the environment goes, so does what was kept beside it. */
async function loseFormerVolumes(run: Run, volumes: readonly FormerVolume[], selected: readonly Stack[]) {
  const { cloud, cluster, blueprint } = run.engine.target;
  for (const volume of volumes) if (volume.of === 'former cluster') await cloud.removeVolume(volume.id);
  const ofReleases = volumes.flatMap((volume) => (volume.of === 'former release' ? [volume.kept] : []));
  if (ofReleases.length === 0) return [];
  const { removed, kept } = await cluster.loseVolumes(ofReleases);
  for (const { kind, name } of removed) run.engine.emit({ kind: 'note', text: `Removed ${kind} ${name}.` });
  const gone = new Set(ofReleases.map(({ stack }) => stack));
  const leftovers = [...kept];
  for (const name of gone) {
    const stays = blueprint.stacks.some((stack) => stack.name === name) && !selected.some((one) => one.name === name);
    if (!stays) leftovers.push(...(await cluster.removeObjects({ name })));
  }
  return leftovers;
}

function keptBefore({ namespace, claim, volume, data, deletedBy }: KeptVolume): Leftover {
  return {
    kind: 'volume',
    name: volume ?? `${namespace}/${claim}`,
    reason: `claim ${namespace}/${claim} holds ${data.what}; \`${deletedBy}\` deletes it`,
    data: data.name,
  };
}

function makesCluster(run: Run, stack: Stack): boolean {
  const { cluster } = run.engine.target.blueprint;
  return cluster?.kind === 'doctl' && cluster.stack === stack.name;
}

async function remains(
  run: Run,
  destroyed: readonly Stack[],
  plans: readonly StackPlan[],
  leftovers: readonly Leftover[],
): Promise<Remains> {
  const { target } = run.engine;
  const standing = target.blueprint.stacks.filter((stack) => !destroyed.includes(stack));
  const clusterStands = standing.some((stack) => makesCluster(run, stack));
  return remainsOf(
    await target.cloud.inventory(),
    standing,
    clusterStands,
    plans,
    leftovers,
    await readKept(run.engine),
  );
}
