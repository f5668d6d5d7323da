/** The frame around every run: one at a time, journalled, and what went before is put in order first. */
import { InterruptedError } from '../errors.ts';
import type { Stack } from '../model/blueprint.ts';
import { STATE_PASSPHRASE } from '../model/state-passphrase.ts';
import type { Ports } from '../ports/ports.ts';
import type { Target } from './contracts.ts';
import { makeEngine, type Emit, type Engine, type EngineEvent } from './engine.ts';
import { initialiseStacks } from './initialise.ts';
import { readInputs, type Inputs } from './inputs.ts';
import { openJournal, type Past } from './journal.ts';
import { layoutOf } from './layout.ts';
import { readRetired } from './retired.ts';
import { pushRescuedStates, readPast, tellAndWait, tellPast } from './recovery.ts';
import { takeRunLock } from './run-lock.ts';
import { defaultParallelism } from './scheduler.ts';
import { fetchRetired } from './shared-notes.ts';
import { refuseUnfinishedMoves } from './state-moves.ts';

export interface RunOptions {
  /** As people typed it, for the journal and for whoever finds the lock. */
  readonly command: string;
  /** Undefined: by cores and memory. */
  readonly parallel: number | undefined;
  /**
   * `none`: not journalled, and what went before is left as it is. `states` moves them: what went before is put in order
   * where it was.
   */
  readonly changes: 'none' | 'stacks' | 'states';
  readonly stacks: readonly Stack[];
  readonly emit: Emit;
}

export interface Run {
  readonly engine: Engine;
  readonly inputs: Inputs;
  readonly past: Past;
  /** Files that differed from the environment and were written anew. */
  readonly rendered: readonly string[];
}

/**
 * Throws LockedError when another run is under way, or a restore from another machine. `work` says how the run ended; whatever it throws is journalled as
 * a failure.
 */
export async function inRun<Value extends { readonly verdict?: string }>(
  ports: Ports,
  target: Target,
  options: RunOptions,
  work: (run: Run) => Promise<Value>,
): Promise<Value> {
  const layout = layoutOf(target);
  const lock = await takeRunLock(ports, layout.lock, target.operator, options.command);
  try {
    const journal = openJournal(
      ports.files,
      ports.clock,
      layout.journal,
      runName(ports.clock.now(), target.operator.pid),
    );
    const emit = (event: EngineEvent): void => void options.emit(event);
    const parallel = options.parallel ?? defaultParallelism(target.machine);
    if (options.changes !== 'states') anticipate(target);
    const rendered = await target.render();
    const untold = options.changes === 'states' ? undefined : await fetchRetired(ports, target, layout);
    if (untold !== undefined) emit({ kind: 'warning', text: untold });
    const retired = await readRetired(ports.files, layout.folder);
    const engine = await makeEngine(ports, target, { parallel, journal, emit, retired });
    const past = await readPast(engine);
    await prunePlans(engine);
    const run = { engine, inputs: readInputs(engine), past, rendered };
    if (options.changes !== 'states') await refuseUnfinishedMoves(engine, target.blueprint.stacks);
    if (options.changes === 'stacks') await target.cluster.refuseWhileRestored();
    return options.changes === 'none' ? await justRead(run, work) : await journalled(run, options, work);
  } finally {
    await lock.release();
    await options.emit({ kind: 'finished' });
  }
}

/** Opening either takes as long as rendering does, and waits for nothing; whoever asks later is told what went wrong. */
function anticipate({ secrets, cluster }: Target): void {
  secrets.get(STATE_PASSPHRASE).catch(() => undefined);
  cluster.access().catch(() => undefined);
}

async function justRead<Value>(run: Run, work: (run: Run) => Promise<Value>): Promise<Value> {
  const story = tellPast(run.past);
  if (story) run.engine.emit({ kind: 'warning', text: `${story} The next apply or destroy puts it in order.` });
  return work(run);
}

async function journalled<Value extends { readonly verdict?: string }>(
  run: Run,
  options: RunOptions,
  work: (run: Run) => Promise<Value>,
): Promise<Value> {
  const { engine, inputs, past } = run;
  const { operator } = engine.target;
  await engine.journal.record({ kind: 'run-started', command: options.command, ...operator });
  try {
    const stacks = [...options.stacks, ...engine.retired];
    const unsettled = stacks.filter((stack) => past.unsettled.has(stack.name));
    await tellAndWait(engine, past);
    if (options.changes === 'stacks') {
      if (unsettled.length > 0) await initialiseStacks(engine, unsettled, inputs.base);
      await pushRescuedStates(engine, inputs, past, stacks);
    }
    const result = await work(run);
    const outcome = result.verdict === 'interrupted' || result.verdict === 'done' ? result.verdict : 'failed';
    await engine.journal.record({ kind: 'run-ended', outcome });
    return result;
  } catch (error) {
    await engine.journal.record({
      kind: 'run-ended',
      outcome: error instanceof InterruptedError ? 'interrupted' : 'failed',
    });
    throw error;
  }
}

const plansKept = 10;

/** Plans are encrypted, but nobody looks at old ones. */
async function prunePlans({ ports, layout }: Engine): Promise<void> {
  const runs = await ports.files.list(layout.allPlans);
  for (const run of runs.slice(0, Math.max(0, runs.length - plansKept))) await ports.files.remove(layout.plans(run));
}

/** Sorts by time, and two runs of the same second differ. */
function runName(now: Date, pid: number): string {
  return `${now
    .toISOString()
    .replace(/[-:]/g, '')
    .replace(/\.\d+Z$/, 'Z')}-${pid}`;
}
