/** `ffops tofu STACK -- …`: the user's own tofu command in a stack's folder, with the variables that ffops gives it. */
import type { Target } from '../engine/contracts.ts';
import type { Ports } from '../ports/ports.ts';
import { openStacks, stackNamed } from './stack-access.ts';

export interface TofuRequest {
  readonly target: Target;
  readonly stack: string;
  readonly args: readonly string[];
}

/** tofu's own exit code. What the stack needs from others is there when they have been applied. */
export async function tofuPassthrough(ports: Ports, { target, stack: name, args }: TofuRequest): Promise<number> {
  const stack = stackNamed(target, name);
  const { engine, inputs } = await openStacks(ports, target, [stack]);
  const needs = await inputs.of(stack);
  const env = needs.ready ? needs.variables : await inputs.base(stack);
  const outcome = await ports.runner.run({
    program: engine.tofu,
    args,
    cwd: engine.layout.stack(stack.name),
    // A person is at the keyboard, so tofu may say what to type next.
    env: { ...env, TF_IN_AUTOMATION: undefined },
    interactive: true,
  });
  return outcome.exitCode;
}
