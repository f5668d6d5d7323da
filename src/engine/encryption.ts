/** State and plans are encrypted on this machine, before they are written anywhere. */
import { Secret } from '../model/secret.ts';

/**
 * For TF_ENCRYPTION. The passphrase is generated and as strong as the key itself, so stretching adds nothing but time, and
 * most of what tofu takes at that: the smallest number of rounds that OpenTofu accepts is enough, of the hash that
 * processors have in hardware. What was encrypted otherwise says so itself, and is still read.
 */
export function encryptionConfig(passphrase: Secret): Secret {
  return new Secret(
    JSON.stringify({
      key_provider: {
        pbkdf2: {
          ffops: {
            passphrase: passphrase.reveal().replaceAll('${', '$${').replaceAll('%{', '%%{'),
            iterations: 200_000,
            hash_function: 'sha256',
          },
        },
      },
      method: { aes_gcm: { ffops: { keys: 'key_provider.pbkdf2.ffops' } } },
      state: { method: 'method.aes_gcm.ffops', enforced: true },
      plan: { method: 'method.aes_gcm.ffops', enforced: true },
    }),
  );
}
