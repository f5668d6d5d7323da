/** New values for secrets that nobody needs to know. */
import { randomBytes, randomInt } from 'node:crypto';
import { Secret } from '../model/secret.ts';
import type { SecretWant } from '../model/blueprint.ts';

type Generated = Extract<SecretWant['supply'], { readonly kind: 'generated' }>;

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const alphanumeric = `${letters}0123456789`;

export function generateValue(supply: Generated): Secret {
  switch (supply.alphabet) {
    case 'hex':
      return new Secret(
        randomBytes(Math.ceil(supply.length / 2))
          .toString('hex')
          .slice(0, supply.length),
      );
    case 'base64':
      return new Secret(randomBytes(supply.length).toString('base64'));
    case 'alphanumeric':
      // A letter first: some programs take a value that starts with a digit for a number.
      return new Secret(pick(letters) + Array.from({ length: supply.length - 1 }, () => pick(alphanumeric)).join(''));
  }
}

function pick(alphabet: string): string {
  return alphabet.charAt(randomInt(alphabet.length));
}
