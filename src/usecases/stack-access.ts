/** A stack as tofu sees it, outside of a run: its folder, initialised, and its variables. Takes no lock, renders nothing. */
import type { Target } from '../engine/contracts.ts';
import { makeEngine, type Engine } from '../engine/engine.ts';
import { initialiseStacks } from '../engine/initialise.ts';
import { readInputs, type Inputs } from '../engine/inputs.ts';
import { openJournal } from '../engine/journal.ts';
import { layoutOf } from '../engine/layout.ts';
import { defaultParallelism } from '../engine/scheduler.ts';
import { refuseUnfinishedMoves } from '../engine/state-moves.ts';
import { UserError } from '../errors.ts';
import type { Stack } from '../model/blueprint.ts';
import type { Ports } from '../ports/ports.ts';

export interface StackAccess {
  readonly engine: Engine;
  readonly inputs: Inputs;
}

/** Throws UserError for a stack that was never rendered, and whatever the first failed initialisation says. */
export async function openStacks(ports: Ports, target: Target, stacks: readonly Stack[]): Promise<StackAccess> {
  const layout = layoutOf(target);
  for (const stack of stacks) {
    if ((await ports.files.info(layout.stack(stack.name))) !== undefined) continue;
    throw new UserError('stack.notRendered', {
      message: `The stack ${stack.name} has not been rendered yet.`,
      hints: [`Write it with \`ffops render -e ${target.blueprint.environment}\`.`],
    });
  }
  const engine = await makeEngine(ports, target, {
    parallel: defaultParallelism(target.machine),
    journal: openJournal(ports.files, ports.clock, layout.journal, 'reading'),
    emit: () => undefined,
    retired: [],
  });
  await refuseUnfinishedMoves(engine, stacks);
  const inputs = readInputs(engine);
  const failures = await initialiseStacks(engine, stacks, (stack) => inputs.base(stack));
  for (const error of failures.values()) throw error;
  return { engine, inputs };
}

/** Throws UserError that names the stacks there are. */
export function stackNamed({ blueprint }: Pick<Target, 'blueprint'>, name: string): Stack {
  const found = blueprint.stacks.find((stack) => stack.name === name);
  if (found !== undefined) return found;
  throw new UserError('stack.unknown', {
    message: `${blueprint.environment} has no stack named ${name}.`,
    hints: [`It has ${blueprint.stacks.map((stack) => stack.name).join(', ')}.`],
  });
}
