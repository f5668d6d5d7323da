/**
 * `ffops state move`: takes states from where they were to where the environment now wants them. A state is copied, read
 * back and compared; only then is the old one put aside.
 */
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import type { Target } from '../engine/contracts.ts';
import type { Emit, Engine } from '../engine/engine.ts';
import { initialiseStacks } from '../engine/initialise.ts';
import type { Inputs } from '../engine/inputs.ts';
import { unlockedOnce } from '../engine/recovery.ts';
import { inRun, type Run } from '../engine/run.ts';
import type { Variables } from '../engine/stack-environment.ts';
import { movingFolders } from '../engine/state-moves.ts';
import { runPush } from '../engine/tofu-runs.ts';
import { tofuProblem } from '../engine/tool-failure.ts';
import { FailedError, UserError } from '../errors.ts';
import type { Stack, StateBackend } from '../model/blueprint.ts';
import { Secret } from '../model/secret.ts';
import { spacesEndpoint } from '../platforms/doks/offering.ts';
import { STATE_CREDENTIALS } from '../platforms/doks/secrets.ts';
import type { Ports } from '../ports/ports.ts';
import { tofu } from '../tools/tofu.ts';
import { stackNamed } from './stack-access.ts';
import type { Result, Verdict } from './verdict.ts';

export interface StateMoveRequest {
  readonly target: Target;
  /** All stacks when empty. */
  readonly stacks: readonly string[];
}

export interface StateMoveResult extends Result {
  readonly verdict: Verdict;
  readonly stacks: readonly MovedState[];
}

export interface MovedState {
  readonly stack: string;
  /** `in place`: it is where it should be; `none`: the stack was never applied. */
  readonly outcome: 'moved' | 'in place' | 'none';
  readonly from?: string;
  readonly to: string;
  readonly serial?: number;
  readonly resources?: number;
}

/** Throws FailedError when a copy differs from its original, which then stays what counts. */
export async function moveStates(
  ports: Ports,
  { target, stacks: names }: StateMoveRequest,
  emit: Emit,
): Promise<StateMoveResult> {
  const stacks = names.length > 0 ? names.map((name) => stackNamed(target, name)) : target.blueprint.stacks;
  const options = { command: 'state move', parallel: 1, changes: 'states' as const, stacks, emit };
  return inRun(ports, target, options, async (run) => {
    const moved: MovedState[] = [];
    // One after another: when something is wrong with a place, it is wrong for all of them.
    for (const stack of stacks) moved.push(await moveJournalled(run, stack));
    return { verdict: 'done', stacks: moved };
  });
}

async function moveJournalled(run: Run, stack: Stack): Promise<MovedState> {
  const { journal } = run.engine;
  await journal.record({ kind: 'stack-started', stack: stack.name, creates: [] });
  try {
    const moved = await moveState(run, stack);
    // What an earlier apply left of it, beside the state, is still to be looked after.
    const settled = !run.past.unsettled.has(stack.name);
    await journal.record({ kind: 'stack-ended', stack: stack.name, ok: settled });
    return moved;
  } catch (error) {
    await journal.record({ kind: 'stack-ended', stack: stack.name, ok: false });
    throw error;
  }
}

/** What OpenTofu remembers of the last `init` in a folder. */
const recordSchema = z.looseObject({
  backend: z.looseObject({ type: z.string(), config: z.record(z.string(), z.unknown()) }).optional(),
});

interface Place {
  readonly type: 's3' | 'local';
  readonly config: Readonly<Record<string, unknown>>;
  readonly title: string;
}

async function moveState(run: Run, stack: Stack): Promise<MovedState> {
  const { engine, inputs } = run;
  const { files } = engine.ports;
  const { initialised, before } = movingFolders(engine, stack);
  // A move that was killed: what it had put aside still says where the state is, so it begins again from there.
  if ((await files.info(before)) !== undefined) {
    await files.remove(initialised);
    await files.rename(before, initialised);
  }
  const to = titleOf(engine.target.blueprint.state, stack);
  const old = await oldPlace(engine, stack, join(initialised, 'terraform.tfstate'));
  if (old === undefined) return { stack: stack.name, outcome: 'none', to };
  if (old.title === to) return { stack: stack.name, outcome: 'in place', to };

  const original = await pullFrom(engine, inputs, stack, old);
  // Without what the last `init` left, the next one starts afresh at the new place.
  if (original === undefined) {
    await files.remove(initialised);
    return { stack: stack.name, outcome: 'none', to };
  }
  if ((await files.info(initialised)) !== undefined) await files.rename(initialised, before);
  else await files.makeFolder(before);
  try {
    await copyTo(run, stack, original, old.title);
  } catch (error) {
    await files.remove(initialised);
    await files.rename(before, initialised);
    throw error;
  }
  await files.remove(before);
  if (old.type === 'local') await putAside(engine, stack);
  const { serial, resources } = original.summary;
  return { stack: stack.name, outcome: 'moved', from: old.title, to, serial, resources };
}

/** Where the last `init` found it; a local file that nobody initialised any more counts too. */
async function oldPlace(engine: Engine, stack: Stack, recordFile: string): Promise<Place | undefined> {
  const text = await engine.ports.files.read(recordFile);
  const backend = text === undefined ? undefined : recordSchema.parse(JSON.parse(text)).backend;
  if (backend?.type === 's3') {
    const config = Object.fromEntries(Object.entries(backend.config).filter(([, value]) => value !== null));
    return { type: 's3', config, title: `${String(config['bucket'])}/${String(config['key'])}` };
  }
  const known = backend?.type === 'local' || (await engine.ports.files.info(localFile(engine, stack))) !== undefined;
  return known ? { type: 'local', config: { path: localFile(engine, stack) }, title: localTitle(stack) } : undefined;
}

function titleOf(state: StateBackend, stack: Stack): string {
  return state.kind === 's3' ? `${state.bucket}/${state.prefix}/${stack.name}.tfstate` : localTitle(stack);
}

function localTitle(stack: Stack): string {
  return `state/${stack.name}.tfstate on this machine`;
}

function localFile(engine: Engine, stack: Stack): string {
  return join(engine.layout.states, `${stack.name}.tfstate`);
}

const stateSchema = z.looseObject({
  lineage: z.string(),
  serial: z.number(),
  resources: z.array(z.unknown()).default([]),
  outputs: z.unknown(),
});

interface PulledState {
  readonly text: Secret;
  readonly summary: { readonly lineage: string; readonly serial: number; readonly resources: number };
  /** What it says, apart from how it was written. */
  readonly content: Secret;
}

function understand(text: string): PulledState | undefined {
  if (text.trim() === '') return undefined;
  const state = stateSchema.parse(JSON.parse(text));
  return {
    text: new Secret(text),
    summary: { lineage: state.lineage, serial: state.serial, resources: state.resources.length },
    content: new Secret(JSON.stringify([state.resources, state.outputs])),
  };
}

/** In a folder of its own, which holds nothing but the old backend. */
async function pullFrom(engine: Engine, inputs: Inputs, stack: Stack, place: Place): Promise<PulledState | undefined> {
  const { files } = engine.ports;
  const folder = join(engine.layout.folder, 'state-move', stack.name);
  const backend = { terraform: { backend: { [place.type]: place.config } } };
  try {
    await files.write(join(folder, 'backend.tf.json'), JSON.stringify(backend));
    const env = { ...(await inputs.base(stack)), ...(place.type === 's3' ? await accessTo(engine.target, place) : {}) };
    await mustRun(engine, stack, tofu.init(), folder, env);
    return understand(await mustRun(engine, stack, tofu.pullState(), folder, env));
  } finally {
    await files.remove(folder);
  }
}

/** The old bucket is not in the environment any more, but its keys are those of Spaces. */
async function accessTo({ secrets, surroundings }: Target, place: Place): Promise<Variables> {
  const pairs = Object.entries(STATE_CREDENTIALS).map(
    async ([variable, name]) => [variable, await secrets.get(name)] as const,
  );
  const endpoint = surroundings.storageUrl ?? spacesEndpoint(String(place.config['region']));
  return { ...Object.fromEntries(await Promise.all(pairs)), AWS_ENDPOINT_URL_S3: endpoint };
}

async function copyTo({ engine, inputs, past }: Run, stack: Stack, original: PulledState, from: string): Promise<void> {
  const failures = await initialiseStacks(engine, [stack], (one) => inputs.base(one));
  for (const error of failures.values()) throw error;
  const folder = engine.layout.stack(stack.name);
  const env = await inputs.base(stack);
  const present = understand(await mustRun(engine, stack, tofu.pullState(), folder, env));
  if (present !== undefined && present.summary.lineage !== original.summary.lineage && present.summary.resources > 0) {
    throw new UserError('state.occupied', {
      message: `Another state of ${stack.name} is at the new place already, with ${present.summary.resources} resources.`,
      hints: [`The one at ${from} was left as it is.`, `Look at both with \`ffops tofu ${stack.name} -- state list\`.`],
    });
  }
  if (!holds(present, original)) {
    const unsettled = past.unsettled.get(stack.name);
    await unlockedOnce(engine, stack, unsettled, env, () => runPush(engine, stack, original.text, env));
  }
  const copy = understand(await mustRun(engine, stack, tofu.pullState(), folder, env));
  if (holds(copy, original)) return;
  throw new FailedError('state.differs', {
    message: `The copy of the state of ${stack.name} differs from its original.`,
    hints: [`Nothing was removed: the state at ${from} still counts.`],
  });
}

/** The same state, or a later writing of it. */
function holds(copy: PulledState | undefined, original: PulledState): boolean {
  return (
    copy !== undefined &&
    copy.summary.lineage === original.summary.lineage &&
    copy.summary.serial >= original.summary.serial &&
    copy.content.reveal() === original.content.reveal()
  );
}

async function putAside(engine: Engine, stack: Stack): Promise<void> {
  const file = localFile(engine, stack);
  if ((await engine.ports.files.info(file)) !== undefined) await engine.ports.files.rename(file, `${file}.moved`);
}

async function mustRun(
  engine: Engine,
  stack: Stack,
  args: readonly string[],
  cwd: string,
  env: Variables,
): Promise<string> {
  const outcome = await engine.ports.runner.run({ program: engine.tofu, args, cwd, env });
  if (outcome.exitCode === 0) return outcome.stdout;
  // A pulled state is on stdout, so only what went wrong may be said.
  throw new FailedError(
    'state.move',
    tofuProblem(stack.name, { stdout: '', stderr: stripVTControlCharacters(outcome.stderr) }, env),
  );
}
