/** What everything else asks for: one secret by its name, with a cure when it is not there. */
import { UserError } from '../errors.ts';
import type { Secret } from '../model/secret.ts';
import type { SecretWant } from '../model/blueprint.ts';
import type { SecretsPlace } from './place.ts';
import type { SecretStore } from './store.ts';

export interface SecretReader {
  /** Throws UserError with the command that supplies it when the secret has no value. */
  get(name: string): Promise<Secret>;
}

export function secretReader(store: Pick<SecretStore, 'values' | 'place'>, wants: readonly SecretWant[]): SecretReader {
  return {
    get: async (name) => {
      const value = (await store.values()).get(name);
      if (value !== undefined && value.reveal() !== '') return value;
      throw new UserError('secrets.noValue', {
        message: `${name} has no value in ${store.place.title}.`,
        hints: cures(
          name,
          store.place,
          wants.find((want) => want.name === name),
        ),
      });
    },
  };
}

/** How a person supplies it. */
export function cures(
  name: string,
  { flags }: Pick<SecretsPlace, 'flags'>,
  want: SecretWant | undefined,
): readonly string[] {
  if (want?.supply.kind === 'generated')
    return [`\`ffops secrets generate ${flags}\` makes every value that can be made up.`];
  return [
    `Set it with \`ffops secrets set ${name} ${flags}\`.`,
    ...(want?.supply.kind === 'asked' ? [want.supply.help] : []),
  ];
}
