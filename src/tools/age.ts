/** age-keygen: argv and the shape of what it prints. The identity comes out by stdout and is written by us, 0600. */
import { Secret } from '../model/secret.ts';
import type { ToolCall } from './call.ts';

export function generateIdentity(): ToolCall {
  return { args: [] };
}

/** Prints the recipient of an identity that comes in by stdin. */
export function recipientOf(identity: Secret): ToolCall {
  return { args: ['-y'], stdin: identity };
}

export interface AgeIdentity {
  /** The whole file, comments included. */
  readonly text: Secret;
  /** The public half, `age1…`. */
  readonly recipient: string;
}

/** An identity file that asks for a passphrase whenever it is used. */
export function isLocked(identity: Secret): boolean {
  return /^(-----BEGIN AGE ENCRYPTED FILE-----|age-encryption\.org\/)/.test(identity.reveal().trimStart());
}

const recipientPattern = /\bage1[a-z0-9]+\b/;

/** Throws when it is not what age-keygen prints. */
export function parseIdentity(stdout: string): AgeIdentity {
  const recipient = recipientPattern.exec(stdout)?.[0];
  if (recipient === undefined || !stdout.includes('AGE-SECRET-KEY-')) throw new Error('age-keygen printed no identity');
  return { text: new Secret(stdout), recipient };
}

export function parseRecipients(stdout: string): readonly string[] {
  return stdout.split('\n').filter((line) => recipientPattern.test(line));
}
