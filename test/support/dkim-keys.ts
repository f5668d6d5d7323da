/** Public keys as mail servers make them; their private halves were thrown away. */
import { generateKeyPairSync } from 'node:crypto';

const der = { type: 'spki', format: 'der' } as const;

export function rsaKey(bits: number): string {
  return generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export(der).toString('base64');
}

/** `bare` is what DKIM wants; `inFile` what files of keys hold. */
export function ed25519Key(): { readonly bare: string; readonly inFile: string } {
  const bytes = generateKeyPairSync('ed25519').publicKey.export(der);
  return { bare: bytes.subarray(-32).toString('base64'), inFile: bytes.toString('base64') };
}
