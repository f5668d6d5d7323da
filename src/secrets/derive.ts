/** What is computed from another secret whenever it is read. The same secret gives the same text, so nothing changes by itself. */
import { createHmac, createPublicKey } from 'node:crypto';
import { UserError } from '../errors.ts';
import type { Derivation } from '../model/blueprint.ts';
import { Secret } from '../model/secret.ts';

/** bcrypt reads no more of a password than this. */
const MOST_BYTES = 72;
const COST = 10;

/** `passphrase` is the environment's own: with it, the salt is one that nobody can foresee. */
export async function derive(derivation: Derivation, from: Secret, passphrase: () => Promise<Secret>): Promise<Secret> {
  switch (derivation.as) {
    case 'htpasswd':
      return htpasswd(derivation, from, await passphrase());
    case 'dkimPublicKey':
      return dkimPublicKey(derivation.from, from);
  }
}

/** `$2y$` is what Zot and Traefik read alike. */
async function htpasswd(
  { from, user }: Extract<Derivation, { as: 'htpasswd' }>,
  password: Secret,
  passphrase: Secret,
): Promise<Secret> {
  const text = password.reveal();
  if (Buffer.byteLength(text) > MOST_BYTES) {
    throw new UserError('secrets.tooLong', {
      message: `${from} is longer than ${MOST_BYTES} bytes, which is all that a login by htpasswd compares.`,
      hints: ['Set a shorter one.'],
    });
  }
  const { encodeBase64, hash } = (await import('bcryptjs')).default;
  const key = createHmac('sha256', passphrase.reveal()).update('ffops.dev/htpasswd').digest();
  const salt = createHmac('sha256', key)
    .update(JSON.stringify([user, text]))
    .digest();
  return new Secret(`${user}:${await hash(text, `$2y$${COST}$${encodeBase64(salt, 16)}`)}`);
}

/** As `mail.dkim[].publicKey` wants it. */
function dkimPublicKey(from: string, key: Secret): Secret {
  try {
    return new Secret(createPublicKey(key.reveal()).export({ type: 'spki', format: 'der' }).toString('base64'));
  } catch {
    // What OpenSSL says could quote the key.
    throw new UserError('secrets.misshapen', {
      message: `${from} is no private key in PEM.`,
      hints: ['It begins with a line such as -----BEGIN PRIVATE KEY-----.'],
    });
  }
}
