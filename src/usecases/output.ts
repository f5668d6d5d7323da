/** `ffops output`: what the stacks give away, read from their state. */
import type { Target } from '../engine/contracts.ts';
import { runOutputs } from '../engine/tofu-runs.ts';
import { UserError } from '../errors.ts';
import { Secret } from '../model/secret.ts';
import type { Ports } from '../ports/ports.ts';
import { openStacks, stackNamed } from './stack-access.ts';
import type { Result } from './verdict.ts';

export interface OutputRequest {
  readonly target: Target;
  /** All stacks when empty. */
  readonly stacks: readonly string[];
  /** One output of them; a sensitive one is shown when it is asked for by name. */
  readonly name?: string | undefined;
}

export interface OutputResult extends Result {
  readonly outputs: readonly { readonly stack: string; readonly name: string; readonly value: string }[];
}

const sensitive = '[sensitive: ask for it by name]';

export async function output(ports: Ports, { target, stacks: names, name }: OutputRequest): Promise<OutputResult> {
  const chosen = names.length > 0 ? names.map((stack) => stackNamed(target, stack)) : target.blueprint.stacks;
  const stacks = chosen.filter((stack) => stack.outputs.length > 0);
  const { engine, inputs } = await openStacks(ports, target, stacks);
  const read = await Promise.all(
    stacks.map(async (stack) => {
      const values = await runOutputs(engine, stack, await inputs.base(stack));
      return Object.entries(values).map(([output, value]) => ({ stack: stack.name, name: output, value }));
    }),
  );
  const found = read.flat().filter((one) => name === undefined || one.name === name);
  if (name !== undefined && found.length === 0) {
    throw new UserError('output.unknown', {
      message: `No stack has an output named ${name}.`,
      hints: ['`ffops output` lists them; those of a stack appear once it is applied.'],
    });
  }
  return {
    outputs: found.map((one) => ({
      ...one,
      value: one.value instanceof Secret ? (name === undefined ? sensitive : one.value.reveal()) : one.value,
    })),
  };
}
