/** What everything else asks for: one secret by its name, with a cure when it is not there. */
import { UserError } from '../errors.ts';
import type { Secret } from '../model/secret.ts';
import type { SecretWant } from '../model/blueprint.ts';
import { STATE_PASSPHRASE } from '../model/state-passphrase.ts';
import { derive } from './derive.ts';
import type { SecretsPlace } from './place.ts';
import type { SecretStore } from './store.ts';

export interface SecretReader {
  /** Throws UserError with the command that supplies it when the secret has no value. */
  get(name: string): Promise<Secret>;
}

export function secretReader(store: Pick<SecretStore, 'values' | 'place'>, wants: readonly SecretWant[]): SecretReader {
  const wanted = new Map(wants.map((want) => [want.name, want]));
  // A hash takes its time.
  const derived = new Map<string, Promise<Secret>>();

  async function stored(name: string): Promise<Secret> {
    const value = (await store.values()).get(name);
    if (value !== undefined && value.reveal() !== '') return value;
    throw new UserError('secrets.noValue', {
      message: `${name} has no value in ${store.place.title}.`,
      hints: cures(name, store.place, wanted.get(name)),
    });
  }

  async function computed(supply: Derived): Promise<Secret> {
    return derive(supply, await stored(supply.from), () => stored(STATE_PASSPHRASE));
  }

  return {
    get: async (name) => {
      const supply = wanted.get(name)?.supply;
      if (supply?.kind !== 'derived') return stored(name);
      const known = derived.get(name) ?? computed(supply);
      derived.set(name, known);
      return known;
    },
  };
}

type Derived = Extract<SecretWant['supply'], { readonly kind: 'derived' }>;

/** How a person supplies it. */
export function cures(
  name: string,
  { flags }: Pick<SecretsPlace, 'flags'>,
  want: SecretWant | undefined,
): readonly string[] {
  switch (want?.supply.kind) {
    case 'generated':
    case 'certificate':
    case 'dkimKey':
      return [`\`ffops secrets generate ${flags}\` makes every value that can be made up.`];
    case 'derived':
      return [`It is computed from ${want.supply.from}: set that one.`];
    case 'asked':
      return [`Set it with \`ffops secrets set ${name} ${flags}\`.`, want.supply.help];
    case undefined:
      return [`Set it with \`ffops secrets set ${name} ${flags}\`.`];
  }
}
