/** DKIM public keys as mail servers publish them: which kind a text is, and the record that says so. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Finding } from './registry.ts';

const ED25519_BYTES = 32;
/** Receivers ignore signatures of shorter keys (RFC 8301). */
const SHORTEST_RSA = 1024;

type Verdict = { readonly kind: 'rsa' | 'ed25519' } | { readonly flaw: Pick<Finding, 'message' | 'hints'> };

/** For a key that loading accepted; throws when it is none. */
export function dkimRecord(publicKey: string): string {
  const verdict = judge(publicKey);
  if ('flaw' in verdict) throw new Error(verdict.flaw.message);
  return `v=DKIM1; k=${verdict.kind}; p=${publicKey}`;
}

export function isDkimKey(publicKey: string): boolean {
  return !('flaw' in judge(publicKey));
}

/** A key that ffops made is never wrong, and is not known yet. */
export function dkimFindings(keys: readonly { readonly publicKey?: string | undefined }[]): Finding[] {
  return keys.flatMap(({ publicKey }, index) => {
    if (publicKey === undefined) return [];
    const verdict = judge(publicKey);
    return 'flaw' in verdict ? [{ path: `mail.dkim[${index}].publicKey`, ...verdict.flaw }] : [];
  });
}

function judge(publicKey: string): Verdict {
  const bytes = Buffer.from(publicKey, 'base64');
  if (bytes.length === ED25519_BYTES) return { kind: 'ed25519' };
  const key = parsed(bytes);
  if (key?.asymmetricKeyType === 'ed25519') {
    return refused('This is an Ed25519 key as files hold it; DKIM wants the 32 bytes inside.', [
      `Write \`${bytes.subarray(-ED25519_BYTES).toString('base64')}\`.`,
    ]);
  }
  if (key?.asymmetricKeyType !== 'rsa') {
    return refused('This is not a public key that DKIM knows: neither RSA nor Ed25519.', [
      'Copy what follows `p=` in the record that your mail server shows, without spaces and quotes.',
    ]);
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits >= SHORTEST_RSA) return { kind: 'rsa' };
  return refused(`This RSA key has ${bits} bits; receivers ignore less than ${SHORTEST_RSA}.`, [
    'Let your mail server make a key of 2048 bits.',
  ]);
}

function parsed(der: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

function refused(message: string, hints: readonly string[]): Verdict {
  return { flaw: { message, hints } };
}
