/** After a crash: finds what was left, waits for what still runs, unlocks what is ours, and goes on. */
import { join } from 'node:path';
import { FailedError, InterruptedError } from '../errors.ts';
import type { Stack } from '../model/blueprint.ts';
import { Secret } from '../model/secret.ts';
import { tofu, type TofuLock } from '../tools/tofu.ts';
import { isPendingRelease } from './adoption.ts';
import type { Operator } from './contracts.ts';
import type { Engine } from './engine.ts';
import type { Inputs } from './inputs.ts';
import { readJournal, understandJournal, type Past, type Unsettled } from './journal.ts';
import { isAlive } from './processes.ts';
import type { Variables } from './stack-environment.ts';
import type { StackPlan } from './stack-plan.ts';
import { StateLockedError, runUnlock } from './tofu-runs.ts';
import { tofuProblem } from './tool-failure.ts';

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
  for (const [stack, { tools }] of past.unsettled) {
    for (const tool of tools) {
      if (!(await isAlive(engine.ports, tool))) continue;
      engine.emit({
        kind: 'warning',
        text: `tofu (pid ${tool.pid}) of the interrupted run still works on ${stack}; waiting until it has finished.`,
      });
      while (await isAlive(engine.ports, tool)) {
        if (engine.ports.interruption.requested) {
          throw new InterruptedError('interrupted', {
            message: `tofu (pid ${tool.pid}) still works on ${stack}.`,
            hints: [`To stop it cleanly: kill -INT ${tool.pid}`],
          });
        }
        await engine.ports.clock.sleep(300, engine.ports.interruption);
      }
    }
  }
}

/** A state that could not be written (lost network) lies encrypted beside the module: it goes where it belongs. */
export async function pushRescuedState(engine: Engine, stack: Stack, env: Variables): Promise<void> {
  const { files, runner } = engine.ports;
  const rescued = join(engine.layout.stack(stack.name), 'errored.tfstate');
  if (!(await files.info(rescued))) return;
  // `state push` cannot read an encrypted file; a folder with no backend whose local state it is can.
  const folder = join(engine.layout.plans(engine.journal.run), `${stack.name}-rescue`);
  await files.makeFolder(folder);
  await files.write(join(folder, 'terraform.tfstate'), (await files.read(rescued)) ?? '', { mode: 0o600 });
  const pulled = await runner.run({ program: engine.tofu, args: tofu.pullState(), cwd: folder, env });
  await files.remove(folder);
  if (pulled.exitCode !== 0) throw new FailedError('state.rescue', tofuProblem(stack.name, pulled, env));
  const pushed = await runner.run({
    program: engine.tofu,
    args: tofu.pushState(),
    cwd: engine.layout.stack(stack.name),
    env,
    stdin: new Secret(pulled.stdout),
  });
  if (pushed.exitCode !== 0) throw new FailedError('state.rescue', tofuProblem(stack.name, pushed, env));
  await files.remove(rescued);
  engine.emit({
    kind: 'note',
    text: `The state of ${stack.name} that an earlier run could not write is in its place.`,
  });
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

const clockTolerance = 60_000;

/** Ours: taken by this user on this host while the interrupted run gave signs of life. Its tofu is known to be gone. */
export function isOurs(lock: TofuLock, unsettled: Unsettled, operator: Operator): boolean {
  if (lock.who !== `${operator.user}@${operator.host}` || !unsettled.hosts.has(operator.host)) return false;
  const created = Date.parse(lock.created.replace(/ \+0000 UTC$/, 'Z').replace(' ', 'T'));
  return (
    created >= Date.parse(unsettled.since) - clockTolerance && created <= Date.parse(unsettled.until) + clockTolerance
  );
}

/** Releases that Helm still believes to be under way block every later run. */
export async function settleReleases(engine: Engine, past: Past, stacks: readonly Stack[]): Promise<void> {
  const releases = stacks.filter((stack) => past.unsettled.has(stack.name)).flatMap((stack) => stack.releases);
  if (releases.length === 0 || !(await engine.target.cluster.access())) return;
  for (const found of await engine.target.cluster.releases()) {
    const known = releases.some((release) => release.name === found.release && release.namespace === found.namespace);
    if (known && isPendingRelease(found))
      engine.emit({ kind: 'note', text: await engine.target.cluster.settle(found) });
  }
}

/** A stack that turns out to be whole, whatever interrupted it, needs no more looking after. */
export async function settleWhole(engine: Engine, past: Past, plans: readonly StackPlan[]): Promise<void> {
  const whole = plans.filter((plan) => plan.state === 'unchanged' && past.unsettled.has(plan.stack));
  for (const { stack } of whole) await engine.journal.record({ kind: 'stack-ended', stack, ok: true });
}

/** Everything that comes before the plan, in its order, for the stacks of this run. */
export async function recover(engine: Engine, inputs: Inputs, past: Past, stacks: readonly Stack[]): Promise<void> {
  const story = tellPast(past);
  if (story) engine.emit({ kind: 'warning', text: story });
  await waitForOrphans(engine, past);
  for (const stack of stacks) await pushRescuedState(engine, stack, await inputs.base(stack));
  await settleReleases(engine, past, stacks);
}
