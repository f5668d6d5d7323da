/** A move of states leaves a trace in each folder while it is under way: until it has ended, nobody knows which state counts. */
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import type { Stack } from '../model/blueprint.ts';
import type { Engine } from './engine.ts';

/** Where OpenTofu remembers its backend, and where that lies while its state moves. */
export function movingFolders(
  engine: Pick<Engine, 'layout'>,
  stack: Stack,
): { readonly initialised: string; readonly before: string } {
  const initialised = join(engine.layout.stack(stack.name), '.terraform');
  return { initialised, before: `${initialised}.before` };
}

/** Throws UserError: the new place may be empty still, and a plan would make everything a second time. */
export async function refuseUnfinishedMoves(
  engine: Pick<Engine, 'layout' | 'ports' | 'target'>,
  stacks: readonly Stack[],
): Promise<void> {
  for (const stack of stacks) {
    if ((await engine.ports.files.info(movingFolders(engine, stack).before)) === undefined) continue;
    throw new UserError('state.moving', {
      message: `A move of the state of ${stack.name} was interrupted: it is not known yet at which place it counts.`,
      hints: [`Finish it first: ffops state move -e ${engine.target.blueprint.environment}`],
    });
  }
}
