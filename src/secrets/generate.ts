/** New values for secrets that nobody needs to know. */
import { generateKeyPairSync, randomBytes, randomInt } from 'node:crypto';
import { Secret } from '../model/secret.ts';
import type { SecretWant } from '../model/blueprint.ts';
import { makeCertificate } from './certificate.ts';

type Generated = Extract<SecretWant['supply'], { readonly kind: 'generated' }>;

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const alphanumeric = `${letters}0123456789`;

/** Undefined when only a person can supply it, or when it is computed from another one. `earlier` is its value so far. */
export function makeValue({ name, supply }: SecretWant, now: Date, earlier?: Secret): Secret | undefined {
  switch (supply.kind) {
    case 'generated':
      return generateValue(supply);
    case 'certificate':
      return makeCertificate(name, supply.hosts, now, earlier);
    case 'dkimKey':
      return new Secret(generateKeyPairSync('rsa', dkimKey).privateKey);
    case 'asked':
    case 'derived':
      return undefined;
  }
}

/** What DNS publishes of a longer one needs more than one text; receivers verify no shorter one for long. */
const dkimKey = {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
} as const;

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
