/**
 * Keyed digests of secret values: they tell that a value changed without telling what it is, and nobody without the
 * key can try guesses against them.
 */
import { createHmac } from 'node:crypto';
import { Secret } from '../model/secret.ts';
import { STATE_PASSPHRASE } from '../model/state-passphrase.ts';

/** The secret, by its name in every environment, that digests are keyed with: whoever opens the state can compare them. */
export const digestSecret = STATE_PASSPHRASE;

/** Derived, so that the passphrase of the state never serves two purposes. */
export function digestKey(passphrase: Secret): Secret {
  return new Secret(createHmac('sha256', passphrase.reveal()).update('ffops.dev/digest').digest('hex'));
}

export function digestOf(key: Secret, data: Readonly<Record<string, string>>): string {
  const entries = Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHmac('sha256', key.reveal()).update(JSON.stringify(entries)).digest('hex').slice(0, 32);
}
