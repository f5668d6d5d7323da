/**
 * What a plan rests on: while none of it has changed, planning again could only show the same. Each part has a name for
 * people and a digest, so that what did change can be said.
 */
import type { Stack } from '../model/blueprint.ts';
import { Secret } from '../model/secret.ts';
import { digestKey, digestOf, digestSecret } from '../secrets/digest.ts';
import { resolveData } from '../secrets/kubernetes.ts';
import type { Engine } from './engine.ts';
import type { Inputs } from './inputs.ts';
import { moduleFiles } from './module-files.ts';
import type { Variables } from './stack-environment.ts';
import { stateVersions } from './states.ts';

export type Basis = Readonly<Record<string, string>>;

export interface PlanWishes {
  readonly adopt: readonly string[];
  readonly loseData: readonly string[];
}

/** To be taken before the planning begins: what changes meanwhile must count as changed. */
export async function basisOf(
  engine: Engine,
  inputs: Inputs,
  stacks: readonly Stack[],
  wishes: PlanWishes,
): Promise<Basis> {
  const { blueprint, secrets } = engine.target;
  const key = digestKey(await secrets.get(digestSecret));
  const binary = await engine.ports.files.info(engine.tofu);
  const ofStacks = await Promise.all(
    stacks.map(async (stack) => {
      const objects = blueprint.kubernetesSecrets.filter((secret) => secret.stack === stack.name);
      const data = await Promise.all(
        objects.map(async (secret) => [
          `${secret.namespace}/${secret.name}`,
          digestOf(key, revealed(Object.fromEntries(await resolveData(secret, secrets)))),
        ]),
      );
      return {
        [`the files of ${stack.name}`]: digestOf(
          key,
          await moduleFiles(engine.ports.files, engine.layout.stack(stack.name)),
        ),
        [`a variable or a key of ${stack.name}`]: digestOf(key, revealed(await inputs.base(stack))),
        [`a secret of ${stack.name}`]: digestOf(key, Object.fromEntries(data)),
      };
    }),
  );
  // Outputs of other stacks are no part of their own: they change with the state they are in.
  const states = [...(await stateVersions(engine))].map(([stack, version]) => [`the state of ${stack}`, version]);
  return {
    'the choice of stacks': stacks.map(({ name }) => name).join(),
    'what may be adopted or lost': JSON.stringify([[...wishes.adopt].sort(), [...wishes.loseData].sort()]),
    OpenTofu: `${engine.tofu} ${binary?.size} ${binary?.modifiedMs}`,
    ...Object.assign({}, ...ofStacks),
    ...Object.fromEntries(states),
  };
}

/** The names of the parts that differ. */
export function changedParts(before: Basis, now: Basis): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return names.filter((name) => before[name] !== now[name]);
}

function revealed(values: Variables): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value]),
  );
}
