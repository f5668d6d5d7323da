/** How a secret gets another value, or why it never does. A kind that does not say does not compile. Pure. */
import type { SecretWant } from '../model/blueprint.ts';

export type Rotation = { readonly rotates: string } | { readonly neverRotates: string };

const ways = {
  asked: 'you give another one, made where it comes from',
  generated: 'another one is made up',
  certificate: 'another one is signed by the same authority, so that clients go on trusting',
  dkimKey: 'another pair is made',
} as const satisfies Record<Exclude<SecretWant['supply']['kind'], 'derived'>, string>;

export function rotationOf({ supply, neverRotates }: SecretWant): Rotation {
  if (neverRotates !== undefined) return { neverRotates };
  return { rotates: supply.kind === 'derived' ? `together with ${supply.from}` : ways[supply.kind] };
}
