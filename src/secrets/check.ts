/** What an environment wants against what its file holds. */
import type { Blueprint, SecretWant } from '../model/blueprint.ts';
import type { Secret } from '../model/secret.ts';
import { certificateFlaw } from './certificate.ts';
import type { SecretsPlace } from './place.ts';
import { cures } from './reader.ts';
import { usesOf } from './uses.ts';

export interface SecretFinding {
  readonly name: string;
  readonly problem: 'missing' | 'empty' | 'misshapen' | 'unused' | 'unscoped';
  readonly description: string;
  readonly cures: readonly string[];
}

/** Anything but `unused` stops an apply sooner or later. */
export function checkSecrets(
  wants: readonly SecretWant[],
  values: ReadonlyMap<string, Secret>,
  place: Pick<SecretsPlace, 'flags'>,
  now: Date,
): readonly SecretFinding[] {
  const findings: SecretFinding[] = [];
  const kept = wants.filter(({ supply }) => supply.kind !== 'derived');
  for (const want of kept) {
    const problem = problemOf(want, values.get(want.name), now);
    if (problem === undefined) continue;
    findings.push({ name: want.name, problem, description: want.description, cures: cures(want.name, place, want) });
  }
  const wanted = new Set(kept.map((want) => want.name));
  for (const name of values.keys()) {
    if (wanted.has(name)) continue;
    const remove = `Take it out with \`ffops secrets edit ${place.flags}\` when nothing that was kept needs it.`;
    findings.push({
      name,
      problem: 'unused',
      description: 'Nothing in this environment reads it; data that was kept may.',
      cures: [remove],
    });
  }
  return findings;
}

function problemOf({ supply }: SecretWant, value: Secret | undefined, now: Date): SecretFinding['problem'] | undefined {
  if (value === undefined) return 'missing';
  if (value.reveal() === '') return 'empty';
  if (supply.kind === 'certificate')
    return certificateFlaw(value, supply.hosts, now) === undefined ? undefined : 'misshapen';
  if (supply.kind !== 'asked' || supply.pattern === undefined) return undefined;
  return new RegExp(supply.pattern).test(value.reveal()) ? undefined : 'misshapen';
}

/**
 * A key that workloads have must not be the account's own: whoever reads Secrets in the cluster would have everything.
 */
export function unscoped(
  blueprint: Blueprint,
  values: ReadonlyMap<string, Secret>,
  place: Pick<SecretsPlace, 'flags'>,
): readonly SecretFinding[] {
  const uses = blueprint.secrets.map((want) => ({ want, uses: usesOf(blueprint, want.name) }));
  const own = uses.filter(({ uses: { signsIn, opensState } }) => signsIn.length > 0 || opensState);
  return uses.flatMap(({ want, uses: { delivers } }) => {
    const value = values.get(want.name)?.reveal() ?? '';
    const twin = own.find((other) => other.want !== want && values.get(other.want.name)?.reveal() === value);
    if (delivers.length === 0 || value === '' || twin === undefined) return [];
    const why = `It is ${twin.want.name} itself, and would lie in the cluster for whoever reads Secrets there.`;
    return [{ name: want.name, problem: 'unscoped', description: why, cures: cures(want.name, place, want) } as const];
  });
}
