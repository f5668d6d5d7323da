/** What wants a person's word, and what a word covers. Pure. */
import { ConsentError } from '../errors.ts';
import type { ResourceChange } from './changes.ts';
import { allChanges, type StackPlan } from './stack-plan.ts';

export interface Loss {
  readonly name: string;
  readonly what: string;
  /** How it stays. */
  readonly keep?: string;
  readonly stack: string;
  readonly address: string;
}

type Plans = { readonly stacks: readonly StackPlan[] };

export function lossesOf(plan: Plans): readonly Loss[] {
  return allChanges(plan).flatMap(({ losesData, stack, address }) =>
    losesData ? [{ ...losesData, stack, address }] : [],
  );
}

/** Throws ConsentError naming each loss that no `--allow-data-loss` covers: neither `-y` nor typing y does. */
export function refuseUnnamedLosses(plan: Plans, allowed: ReadonlySet<string>): void {
  const unnamed = lossesOf(plan).filter((loss) => !allowed.has(loss.name));
  if (unnamed.length === 0) return;
  throw new ConsentError(
    'consent.data-loss',
    unnamed.map((loss) => ({
      message: `This would lose ${loss.what} (${loss.address}).`,
      hints: [
        ...(loss.keep === undefined ? [] : [loss.keep]),
        `When that is what you want: --allow-data-loss ${loss.name}`,
      ],
    })),
  );
}

/** A plan made on the way, after consent was given, may add and change; taking away is asked again. */
export function wantsNewConsent(plan: Plans): boolean {
  return allChanges(plan).some(takesAway);
}

export function takesAway(change: ResourceChange): boolean {
  return change.action === 'replace' || change.action === 'delete';
}
