/** What a stack needs from others: outputs of earlier stacks, and a cluster. Read once per run, and only when needed. */
import type { Stack } from '../model/blueprint.ts';
import type { Engine } from './engine.ts';
import { stackEnvironment, type Variables } from './stack-environment.ts';
import { runOutputs } from './tofu-runs.ts';

export type StackInputs =
  | { readonly ready: true; readonly variables: Variables }
  /** That stack must be applied before. */
  | { readonly ready: false; readonly until: string };

export interface Inputs {
  /** Enough to initialise a stack and to read its state. */
  readonly base: (stack: Stack) => Promise<Variables>;
  of(stack: Stack): Promise<StackInputs>;
  /** The stack was applied: what was read from it before may have changed. */
  renew(stack: Stack): void;
}

export function readInputs(engine: Engine): Inputs {
  const { target, layout } = engine;
  const stacks = new Map(target.blueprint.stacks.map((stack) => [stack.name, stack]));
  const outputs = new Map<string, Promise<Variables>>();

  const base = (stack: Stack): Promise<Variables> => stackEnvironment(target, layout, stack, {}, {});
  const outputsOf = (name: string): Promise<Variables> => {
    const known = outputs.get(name);
    if (known) return known;
    const stack = stacks.get(name);
    const read = stack ? base(stack).then((env) => runOutputs(engine, stack, env)) : Promise.resolve({});
    outputs.set(name, read);
    return read;
  };

  return {
    base,
    async of(stack) {
      const values: Record<string, Variables[string]> = {};
      for (const variable of stack.variables) {
        if (!variable.from) continue;
        const value = (await outputsOf(variable.from.stack))[variable.from.output];
        if (value !== undefined) values[variable.name] = value;
        else if (variable.default === undefined) return { ready: false, until: variable.from.stack };
      }
      if (!stack.needsCluster)
        return { ready: true, variables: await stackEnvironment(target, layout, stack, values, {}) };
      const cluster = await target.cluster.access();
      if (!cluster) return { ready: false, until: clusterStack(engine) };
      return { ready: true, variables: await stackEnvironment(target, layout, stack, values, cluster.variables) };
    },
    renew: (stack) => void outputs.delete(stack.name),
  };
}

function clusterStack(engine: Engine): string {
  const cluster = engine.target.blueprint.cluster;
  return cluster?.kind === 'doctl' ? cluster.stack : 'the cluster';
}

/** Stacks whose outputs these read, beyond themselves: they must be initialised too. */
export function sourcesOf(stacks: readonly Stack[], all: readonly Stack[]): readonly Stack[] {
  const names = new Set(stacks.flatMap((stack) => stack.variables.flatMap((variable) => variable.from?.stack ?? [])));
  const selected = new Set(stacks.map((stack) => stack.name));
  return all.filter((stack) => names.has(stack.name) && !selected.has(stack.name));
}
