/** `ffops secrets recipients`: who can open the secrets. */
import { UserError } from '../errors.ts';
import type { Ports } from '../ports/ports.ts';
import { addRecipient, recipientsOf, removeRecipient } from '../secrets/recipients.ts';
import type { SecretsRequest } from './secrets.ts';
import type { Result } from './verdict.ts';

export interface RecipientsResult extends Result {
  readonly recipients: readonly string[];
  /** The files that they open. */
  readonly files: readonly string[];
}

export async function listRecipients(ports: Ports, { hands }: SecretsRequest): Promise<RecipientsResult> {
  return recipientsOf({ ...ports, run: hands.run }, hands.store.place);
}

export async function letRecipientIn(
  ports: Ports,
  { hands }: SecretsRequest,
  recipient: string,
): Promise<RecipientsResult> {
  if (!/^age1[a-z0-9]{20,}$/.test(recipient)) {
    throw new UserError('secrets.badRecipient', {
      message: `"${recipient}" is no age recipient.`,
      hints: [
        'It begins with age1; the newcomer sees theirs in `ffops secrets init`. An identity (AGE-SECRET-KEY-…) is never given away.',
      ],
    });
  }
  return addRecipient({ ...ports, run: hands.run }, hands.store.place, recipient);
}

export interface RecipientRemoveResult extends RecipientsResult {
  readonly removed: string;
  /** They could read these: each is to be replaced by a new value. */
  readonly rotate: readonly string[];
  /** They could read these too, and a new value would lose something. */
  readonly exposed: readonly { readonly name: string; readonly reason: string }[];
}

export async function shutRecipientOut(
  ports: Ports,
  { hands, wants }: SecretsRequest,
  recipient: string,
): Promise<RecipientRemoveResult> {
  const { names } = await hands.store.document();
  const left = await removeRecipient({ ...ports, run: hands.run }, hands.store.place, recipient);
  const reasons = new Map(
    wants.flatMap(({ name, neverRotates }) => (neverRotates === undefined ? [] : [[name, neverRotates]])),
  );
  return {
    ...left,
    removed: recipient,
    rotate: names.filter((name) => !reasons.has(name)),
    exposed: names.flatMap((name) => {
      const reason = reasons.get(name);
      return reason === undefined ? [] : [{ name, reason }];
    }),
  };
}
