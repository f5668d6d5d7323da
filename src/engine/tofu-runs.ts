/** One run of tofu for one stack, each with the stack's folder and variables. */
import { join } from 'node:path';
import { FailedError, InterruptedError, LockedError } from '../errors.ts';
import type { Stack } from '../model/blueprint.ts';
import { Secret } from '../model/secret.ts';
import type { Outcome } from '../ports/runner.ts';
import {
  errorsOf,
  lockInTheWay,
  readTofuEvent,
  readTofuOutputs,
  readTofuPlan,
  tofu,
  tofuHasChanges,
  type PlanWish,
  type TofuEvent,
  type TofuLock,
  type TofuPlan,
} from '../tools/tofu.ts';
import { applyProgress, leftVolumes } from './apply-progress.ts';
import type { Engine } from './engine.ts';
import { markOf } from './processes.ts';
import type { Variables } from './stack-environment.ts';
import { tofuProblem } from './tool-failure.ts';

interface Run {
  readonly args: readonly string[];
  readonly env: Variables;
  readonly stdin?: Secret;
  readonly finishes?: boolean;
  readonly onEvent?: (event: TofuEvent) => void;
  /** For runs that must live to their end even when ffops does not. */
  readonly logFile?: string;
  readonly onStart?: (pid: number) => void;
}

function start(engine: Engine, stack: Stack, { onEvent, ...run }: Run): Promise<Outcome> {
  return engine.ports.runner.run({
    ...run,
    program: engine.tofu,
    cwd: engine.layout.stack(stack.name),
    interruption: engine.ports.interruption,
    ...(onEvent
      ? {
          onLine: (_stream, line) => {
            const event = readTofuEvent(line);
            if (event) onEvent(event);
          },
        }
      : {}),
  });
}

/** A run that locks the state leaves a trace of its pid, so that a crash can be put in order. */
async function startJournalled(engine: Engine, stack: Stack, run: Run): Promise<Outcome> {
  const { journal } = engine;
  await journal.record({ kind: 'tool-starting', stack: stack.name });
  let marked: Promise<void> = Promise.resolve();
  const onStart = (pid: number): void => {
    marked = markOf(engine.ports, pid).then(
      (mark) => mark && journal.record({ kind: 'tool-started', stack: stack.name, ...mark }),
    );
    // Told below; a failure must not end ffops while tofu works.
    marked.catch(() => undefined);
  };
  const outcome = await start(engine, stack, { ...run, onStart });
  await marked;
  await journal.record({ kind: 'tool-ended', stack: stack.name, clean: gaveLockBack(outcome) });
  return outcome;
}

/**
 * Whatever its exit code: a tofu that was not killed, and could reach the state, leaves no lock. The one that it found in
 * its way may be its own: made, while the answer that said so was lost. Who took it and when tells later.
 */
function gaveLockBack({ signal, stdout, stderr }: Outcome): boolean {
  return signal === undefined && !/Error (acquiring|releasing) the state lock/.test(stdout + stderr);
}

/** Undefined when nothing changes. Throws FailedError, or LockedError when the state is locked by someone. */
export async function runPlan(
  engine: Engine,
  stack: Stack,
  wish: PlanWish,
  env: Variables,
): Promise<TofuPlan | undefined> {
  const run = { args: tofu.plan(wish), env };
  const outcome = await (wish.lock ? startJournalled(engine, stack, run) : start(engine, stack, run));
  if (outcome.exitCode === 0) return undefined;
  if (outcome.exitCode !== tofuHasChanges) throw failure(engine, stack, 'tofu.plan', outcome, env);
  const shown = await start(engine, stack, { args: tofu.show(wish.planFile), env });
  if (shown.exitCode !== 0) throw failure(engine, stack, 'tofu.show', shown, env);
  return readTofuPlan(shown.stdout);
}

/** Applies a saved plan, and nothing else. Throws like `runPlan`; a refused (stale) plan is a FailedError. */
export async function runApply(engine: Engine, stack: Stack, planFile: string, env: Variables): Promise<void> {
  const logFile = join(engine.layout.plans(engine.journal.run), `${stack.name}.log`);
  const progress = applyProgress(engine, stack.name);
  const outcome = await startJournalled(engine, stack, {
    args: tofu.apply(planFile),
    env,
    logFile,
    onEvent: progress.tell,
  });
  progress.end(outcome.stdout);
  if (outcome.exitCode !== 0) throw failure(engine, stack, 'tofu.apply', outcome, env);
  await engine.ports.files.remove(logFile);
}

/** Values of the stack's outputs, sensitive ones as secrets; empty when it was never applied. */
export async function runOutputs(engine: Engine, stack: Stack, env: Variables): Promise<Variables> {
  const outcome = await start(engine, stack, { args: tofu.output(), env });
  if (outcome.exitCode !== 0) throw failure(engine, stack, 'tofu.output', outcome, env);
  const outputs = Object.entries(readTofuOutputs(outcome.stdout));
  return Object.fromEntries(
    outputs.map(([name, { value, sensitive }]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return [name, sensitive ? new Secret(text) : text];
    }),
  );
}

/** Writes a whole state; OpenTofu refuses one that is older than what is there. */
export async function runPush(engine: Engine, stack: Stack, state: Secret, env: Variables): Promise<void> {
  const outcome = await startJournalled(engine, stack, { args: tofu.pushState(), env, stdin: state, finishes: true });
  if (outcome.exitCode !== 0) throw failure(engine, stack, 'state.push', outcome, env);
}

/** Addresses in the state. */
export async function runStateList(engine: Engine, stack: Stack, env: Variables): Promise<readonly string[]> {
  const outcome = await start(engine, stack, { args: tofu.resources(), env });
  if (outcome.exitCode !== 0 && /No state file was found/.test(outcome.stderr)) return [];
  if (outcome.exitCode !== 0) throw failure(engine, stack, 'tofu.state', outcome, env);
  return outcome.stdout.split('\n').filter(Boolean);
}

export async function runForget(
  engine: Engine,
  stack: Stack,
  addresses: readonly string[],
  env: Variables,
): Promise<void> {
  const outcome = await start(engine, stack, { args: tofu.forget(addresses), env, finishes: true });
  if (outcome.exitCode !== 0) throw failure(engine, stack, 'tofu.state', outcome, env);
}

export async function runUntaint(engine: Engine, stack: Stack, address: string, env: Variables): Promise<void> {
  const outcome = await startJournalled(engine, stack, { args: tofu.untaint(address), env, finishes: true });
  if (outcome.exitCode !== 0) throw failure(engine, stack, 'tofu.untaint', outcome, env);
}

export async function runUnlock(engine: Engine, stack: Stack, lockId: string, env: Variables): Promise<void> {
  const outcome = await start(engine, stack, { args: tofu.forceUnlock(lockId), env, finishes: true });
  if (outcome.exitCode !== 0) throw failure(engine, stack, 'tofu.unlock', outcome, env);
}

/** A release was removed as it was told to, leaving its claims; older Helm providers call that a failure. */
export class KeptVolumesError extends FailedError {}

/** The error that carries the lock, so that recovery can tell ours from another's. */
export class StateLockedError extends LockedError {
  readonly lock: TofuLock;

  constructor(stack: string, lock: TofuLock) {
    super('state.locked', {
      message: `The state of stack ${stack} is locked by ${lock.who} (${lock.operation}) since ${lock.created}.`,
      hints: [
        'Wait until that run has ended.',
        `When you are sure that it is gone: ffops tofu ${stack} -- force-unlock ${lock.id}`,
      ],
    });
    this.lock = lock;
  }
}

export function failure(engine: Engine, stack: Stack, code: string, outcome: Outcome, env: Variables): Error {
  const lock = lockInTheWay(outcome.stdout + outcome.stderr);
  if (lock) return new StateLockedError(stack.name, lock);
  const problem = tofuProblem(stack.name, outcome, env);
  // Interrupted tools end with an error of their own, which would only hide why.
  if (engine.ports.interruption.requested)
    return new InterruptedError('interrupted', {
      message: `Stack ${stack.name} was interrupted.`,
      hints: [problem.message],
    });
  const kept = errorsOf(outcome.stdout).some(leftVolumes);
  return kept ? new KeptVolumesError(code, problem) : new FailedError(code, problem);
}
