/** After a crash: finds what was left, waits for what still runs, unlocks what is ours, and goes on. */
import { join } from 'node:path';
import { FailedError, InterruptedError } from '../errors.ts';
import type { Stack } from '../model/blueprint.ts';
import { Secret } from '../model/secret.ts';
import { tofu, type TofuLock } from '../tools/tofu.ts';
import { isPendingRelease } from './adoption.ts';
import type { ResourceChange } from './changes.ts';
import type { Operator } from './contracts.ts';
import type { Engine } from './engine.ts';
import type { Inputs } from './inputs.ts';
import { readJournal, understandJournal, type Past, type Unsettled } from './journal.ts';
import { isAlive, processesNaming, type ProcessMark } from './processes.ts';
import type { Variables } from './stack-environment.ts';
import type { StackPlan } from './stack-plan.ts';
import { StateLockedError, failure, runPush, runUnlock, runUntaint } from './tofu-runs.ts';

export async function readPast(engine: Pick<Engine, 'ports' | 'layout'>): Promise<Past> {
  return understandJournal(readJournal((await engine.ports.files.read(engine.layout.journal)) ?? ''));
}

/** What people are told first. */
export function tellPast(past: Past): string | undefined {
  const run = past.interrupted;
  if (!run) return undefined;
  const at = run.stacks.length > 0 ? ` It was at ${run.stacks.join(', ')}.` : '';
  return `"ffops ${run.command}" of ${run.by}, begun ${run.since}, was interrupted.${at}`;
}

/**
 * A tofu that outlived its ffops finishes its work and releases its lock by itself: two at once would fight over the
 * state. Throws InterruptedError when the user would rather not wait.
 */
export async function waitForOrphans(engine: Engine, past: Past): Promise<void> {
  for (const stack of past.unsettled.keys()) {
    for (const tool of await orphansOf(engine, past, stack)) await waitForOrphan(engine, stack, tool);
  }
}

/** Those written down, and those that started in the moment before their ffops was killed. */
async function orphansOf({ ports, layout }: Engine, past: Past, stack: string): Promise<readonly ProcessMark[]> {
  const recorded = past.unsettled.get(stack)!.tools.flatMap(({ mark }) => mark ?? []);
  const unrecorded = await processesNaming(ports, [`${layout.allPlans}/`, `/${stack}.tfplan`]);
  const all = new Map([...recorded, ...unrecorded].map((mark) => [mark.pid, mark]));
  const alive = await Promise.all([...all.values()].map(async (mark) => ((await isAlive(ports, mark)) ? [mark] : [])));
  return alive.flat();
}

const reminderMs = 60_000;

async function waitForOrphan(engine: Engine, stack: string, tool: ProcessMark): Promise<void> {
  const { clock, interruption } = engine.ports;
  let told = -Infinity;
  while (await isAlive(engine.ports, tool)) {
    if (interruption.requested) {
      throw new InterruptedError('interrupted', {
        message: `tofu (pid ${tool.pid}) still works on ${stack}.`,
        hints: [`To stop it cleanly: kill -INT ${tool.pid}`],
      });
    }
    if (clock.now().getTime() - told >= reminderMs) {
      told = clock.now().getTime();
      const text = `tofu (pid ${tool.pid}) of the interrupted run still works on ${stack}; waiting until it has finished.`;
      engine.emit({ kind: 'warning', text });
    }
    await clock.sleep(300, interruption);
  }
}

/**
 * A state that could not be written (lost network) lies encrypted beside the module: it goes where it belongs. One that
 * is older than what is there by now is put aside, and said so.
 */
export async function pushRescuedState(engine: Engine, stack: Stack, past: Past, env: Variables): Promise<void> {
  const { files } = engine.ports;
  const rescued = join(engine.layout.stack(stack.name), 'errored.tfstate');
  if (!(await files.info(rescued))) return;
  const state = await decrypted(engine, stack, (await files.read(rescued)) ?? '', env);
  try {
    await unlockedOnce(engine, stack, past.unsettled.get(stack.name), env, () => runPush(engine, stack, state, env));
  } catch (error) {
    if (!(error instanceof FailedError) || !/serial|lineage/i.test(error.message)) throw error;
    await files.rename(rescued, `${rescued}.${engine.journal.run}`);
    const text = `The state of ${stack.name} that an earlier run could not write is older than what is there: it lies aside in ${rescued}.${engine.journal.run}.`;
    return void engine.emit({ kind: 'warning', text });
  }
  await files.remove(rescued);
  engine.emit({
    kind: 'note',
    text: `The state of ${stack.name} that an earlier run could not write is in its place.`,
  });
}

/** `state push` cannot read an encrypted file; a folder with no backend, whose local state it is, can. */
async function decrypted(engine: Engine, stack: Stack, encrypted: string, env: Variables): Promise<Secret> {
  const { files, runner } = engine.ports;
  const folder = join(engine.layout.plans(engine.journal.run), `${stack.name}-rescue`);
  try {
    await files.write(join(folder, 'terraform.tfstate'), encrypted, { mode: 0o600 });
    const pulled = await runner.run({ program: engine.tofu, args: tofu.pullState(), cwd: folder, env });
    if (pulled.exitCode !== 0) throw failure(engine, stack, 'state.rescue', pulled, env);
    return new Secret(pulled.stdout);
  } finally {
    await files.remove(folder);
  }
}

/** Runs again once when the only thing in the way is a lock that our own dead run left. */
export async function unlockedOnce<Value>(
  engine: Engine,
  stack: Stack,
  unsettled: Unsettled | undefined,
  env: Variables,
  run: () => Promise<Value>,
): Promise<Value> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof StateLockedError) || !unsettled || !isOurs(error.lock, unsettled, engine.target.operator))
      throw error;
    await runUnlock(engine, stack, error.lock.id, env);
    engine.emit({
      kind: 'note',
      text: `Removed the state lock of ${stack.name}, left by the interrupted run (${error.lock.created}).`,
    });
    return run();
  }
}

/** How long after its start a tofu may take to lock the state: it reads the module and starts providers before. */
const lockWithinMs = 60_000;

/** Ours: taken by this user on this host just after a tofu started that never said it gave its lock back. It is gone. */
export function isOurs(lock: TofuLock, unsettled: Unsettled, operator: Operator): boolean {
  if (lock.who !== `${operator.user}@${operator.host}`) return false;
  const created = Date.parse(lock.created.replace(/ \+0000 UTC$/, 'Z').replace(' ', 'T'));
  return unsettled.tools.some(({ host, from }) => {
    const after = created - Date.parse(from);
    return host === operator.host && after >= 0 && after <= lockWithinMs;
  });
}

/**
 * Releases that Helm still believes to be under way block every later run. To be called once the stack's lock is known
 * to be free, so that nobody works on them; only those that moved since the interrupted run began are ours. Returns
 * whether anything was settled.
 */
export async function settleReleases(engine: Engine, stack: Stack, unsettled: Unsettled): Promise<boolean> {
  if (stack.releases.length === 0 || !stack.needsCluster) return false;
  const pending = (await engine.target.cluster.releases()).filter(isPendingRelease);
  const ours = pending.filter(
    (found) =>
      stack.releases.some((release) => release.name === found.release && release.namespace === found.namespace) &&
      !(Date.parse(found.updated.replace(/ \+0000 UTC$/, 'Z')) < Date.parse(unsettled.since)),
  );
  for (const found of ours) engine.emit({ kind: 'note', text: await engine.target.cluster.settle(found) });
  return ours.length > 0;
}

/**
 * What our own run made and then could not read, OpenTofu calls tainted and would make anew. What may hold data by now is
 * kept instead, unless its loss was agreed to.
 */
export function madeDespiteError(
  changes: readonly ResourceChange[],
  { addresses }: Pick<Unsettled, 'addresses'>,
  mayLose: ReadonlySet<string>,
): readonly ResourceChange[] {
  return changes.filter(
    ({ address, reason, losesData }) =>
      reason === 'replace_because_tainted' && losesData && addresses.has(address) && !mayLose.has(losesData.name),
  );
}

export const DESPITE_ERROR = 'an earlier run made it, although it ended with an error.';

export async function keepMade(
  engine: Engine,
  stack: Stack,
  made: readonly ResourceChange[],
  env: Variables,
): Promise<void> {
  for (const { address, title } of made) {
    await runUntaint(engine, stack, address, env);
    engine.emit({ kind: 'note', text: `Kept ${title}: ${DESPITE_ERROR}` });
  }
}

/** A stack that turns out to be whole, whatever interrupted it, needs no more looking after. */
export async function settleWhole(engine: Engine, past: Past, plans: readonly StackPlan[]): Promise<void> {
  const whole = plans.filter((plan) => plan.state === 'unchanged' && past.unsettled.has(plan.stack));
  for (const { stack } of whole) await engine.journal.record({ kind: 'stack-ended', stack, ok: true });
}

/** Comes before everything else: what happened, and that nobody works on it any more. */
export async function tellAndWait(engine: Engine, past: Past): Promise<void> {
  const story = tellPast(past);
  if (story) engine.emit({ kind: 'warning', text: story });
  await waitForOrphans(engine, past);
}

export async function pushRescuedStates(
  engine: Engine,
  inputs: Inputs,
  past: Past,
  stacks: readonly Stack[],
): Promise<void> {
  for (const stack of stacks) await pushRescuedState(engine, stack, past, await inputs.base(stack));
}
