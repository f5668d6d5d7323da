import { randomBytes } from 'node:crypto';
import { z } from 'zod';

/** What this sandbox lets in. Made once; worth nothing anywhere else. */
export const sandboxKeys = z.object({
  /** The account's API token. */
  digitaloceanToken: z.string(),
  /** The account's Spaces key. */
  spaces: z.object({ accessKey: z.string(), secretKey: z.string() }),
  /** Of the S3 server behind the Spaces front; no tool ever has it. */
  storage: z.object({ accessKey: z.string(), secretKey: z.string() }),
});
export type SandboxKeys = z.infer<typeof sandboxKeys>;

export function makeKeys(): SandboxKeys {
  return {
    digitaloceanToken: `dop_v1_${randomBytes(32).toString('hex')}`,
    spaces: { accessKey: `DO00${letters(16)}`, secretKey: randomBytes(32).toString('hex') },
    storage: { accessKey: letters(20), secretKey: randomBytes(32).toString('hex') },
  };
}

function letters(length: number): string {
  return randomBytes(length).toString('hex').toUpperCase().slice(0, length);
}
