/** What is known about one stack, and about all of them, after planning. Plain data. */
import type { ExitCode, Problem } from '../errors.ts';
import type { Origin } from '../model/origin.ts';
import type { AdoptionCandidate } from '../ports/cloud.ts';
import type { KeptVolume, ObjectChange, ReleaseDiff } from '../ports/cluster.ts';
import type { Counts, ResourceChange } from './changes.ts';
import { countChanges } from './changes.ts';

export interface StackPlan {
  readonly stack: string;
  readonly title: string;
  readonly state: 'unchanged' | 'planned' | 'unknown' | 'failed' | 'stopped';
  readonly changes: readonly ResourceChange[];
  /** Outputs that will change. */
  readonly outputs: readonly string[];
  readonly objects: readonly ObjectChange[];
  readonly releases: readonly ReleaseDiff[];
  /** Of `unknown`: the stack that must exist before, and what the blueprint says this one will hold. */
  readonly until?: string;
  readonly expected?: readonly ExpectedResource[];
  readonly problem?: Problem;
  /** Of `failed`: what it would mean alone. */
  readonly exitCode?: ExitCode;
  /** Things that exist already and would collide with what this stack creates. */
  readonly adoptable: readonly AdoptionCandidate[];
  /** Left out of a destroy. */
  readonly spared: readonly Spared[];
  readonly planFile?: string;
}

export interface Spared {
  readonly address: string;
  readonly name: string;
  /** The data in it, which was not named; `--allow-data-loss` with its name lets it go. */
  readonly what?: string;
  /** Why the cloud never lets it go. */
  readonly forGood?: string;
}

/** Why it stays, for people. */
export function whySpared({ name, what, forGood }: Spared): string {
  return forGood ?? `holds ${what}; to lose it: --allow-data-loss ${name}`;
}

export interface ExpectedResource {
  readonly address: string;
  readonly title: string;
  readonly origin: Origin;
}

/** A volume that an earlier run left, and whose data was named now. */
export type FormerVolume = {
  readonly name: string;
  readonly data: string;
} & (
  | { readonly of: 'former cluster'; readonly id: string }
  | { readonly of: 'former release'; readonly kept: KeptVolume }
);

export interface EnvironmentPlan {
  readonly run: string;
  readonly environment: string;
  readonly destroy: boolean;
  /** Of a destroy: volumes of a former cluster or of former releases that go too, because their data was named. */
  readonly formerVolumes: readonly FormerVolume[];
  readonly stacks: readonly StackPlan[];
}

export type PlanOutcome = 'failed' | 'pending' | 'none';

/** A failure beats pending changes, and pending changes beat none. */
export function outcomeOf(plan: { readonly stacks: readonly StackPlan[] }): PlanOutcome {
  if (plan.stacks.some((stack) => stack.state === 'failed')) return 'failed';
  return plan.stacks.some(isPending) ? 'pending' : 'none';
}

export function isPending(stack: StackPlan): boolean {
  return stack.state === 'planned' || stack.state === 'unknown' || stack.objects.length > 0;
}

export function allChanges(plan: { readonly stacks: readonly StackPlan[] }): readonly ResourceChange[] {
  return plan.stacks.flatMap((stack) => stack.changes);
}

export function totals(plan: { readonly stacks: readonly StackPlan[] }): Counts {
  return countChanges(allChanges(plan));
}
