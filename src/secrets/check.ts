/** What an environment wants against what its file holds. */
import type { SecretWant } from '../model/blueprint.ts';
import type { Secret } from '../model/secret.ts';
import type { SecretsPlace } from './place.ts';
import { cures } from './reader.ts';

export interface SecretFinding {
  readonly name: string;
  readonly problem: 'missing' | 'empty' | 'misshapen' | 'unused';
  readonly description: string;
  readonly cures: readonly string[];
}

/** Anything but `unused` stops an apply sooner or later. */
export function checkSecrets(
  wants: readonly SecretWant[],
  values: ReadonlyMap<string, Secret>,
  place: Pick<SecretsPlace, 'flags'>,
): readonly SecretFinding[] {
  const findings: SecretFinding[] = [];
  for (const want of wants) {
    const problem = problemOf(want, values.get(want.name)?.reveal());
    if (problem === undefined) continue;
    findings.push({ name: want.name, problem, description: want.description, cures: cures(want.name, place, want) });
  }
  const wanted = new Set(wants.map((want) => want.name));
  for (const name of values.keys()) {
    if (wanted.has(name)) continue;
    const remove = `Take it out with \`ffops secrets edit ${place.flags}\` when you no longer need it.`;
    findings.push({ name, problem: 'unused', description: 'Nothing in this environment reads it.', cures: [remove] });
  }
  return findings;
}

function problemOf(want: SecretWant, value: string | undefined): SecretFinding['problem'] | undefined {
  if (value === undefined) return 'missing';
  if (value === '') return 'empty';
  if (want.supply.kind !== 'asked' || want.supply.pattern === undefined) return undefined;
  return new RegExp(want.supply.pattern).test(value) ? undefined : 'misshapen';
}
