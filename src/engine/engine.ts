/** What every step of a run shares. */
import type { Stack } from '../model/blueprint.ts';
import type { Ports } from '../ports/ports.ts';
import type { Target } from './contracts.ts';
import type { Journal } from './journal.ts';
import { layoutOf, type Layout } from './layout.ts';

export interface Engine {
  readonly ports: Ports;
  readonly target: Target;
  readonly layout: Layout;
  /** Stacks that were applied and that the environment does not have any more. */
  readonly retired: readonly Stack[];
  readonly tofu: string;
  readonly parallel: number;
  readonly journal: Journal;
  readonly emit: (event: EngineEvent) => void;
}

/** What happens while it happens; results say what it came to. */
export type EngineEvent =
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'warning'; readonly text: string }
  | {
      readonly kind: 'stacks';
      readonly stacks: readonly { readonly name: string; readonly title: string }[];
      readonly verb: 'plan' | 'apply' | 'destroy' | 'drift';
    }
  | { readonly kind: 'stack-began'; readonly stack: string; readonly step: string }
  | { readonly kind: 'stack-ended'; readonly stack: string; readonly outcome: StackOutcome; readonly text: string }
  | {
      readonly kind: 'resource';
      readonly stack: string;
      readonly address: string;
      readonly action: string;
      /** `left-volumes`: a release is gone, and what it was told to leave is still there. */
      readonly phase: 'started' | 'done' | 'failed' | 'left-volumes';
    }
  /** A question is about to be asked: live output makes room. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'finished' };

/** Resolves once it is on the screen; only who asks a question next has to wait for that. */
export type Emit<Event = EngineEvent> = (event: Event) => Promise<void>;

export type StackOutcome = 'done' | 'unchanged' | 'failed' | 'skipped' | 'stopped' | 'unknown';

export async function makeEngine(
  ports: Ports,
  target: Target,
  options: Pick<Engine, 'parallel' | 'journal' | 'emit' | 'retired'>,
): Promise<Engine> {
  const layout = layoutOf(target, new Set(options.retired.map(({ name }) => name)));
  return { ports, target, layout, tofu: await target.tool('tofu'), ...options };
}

/** True of a stack that this run takes away, whatever it does with the others. */
export function isRetired(engine: Pick<Engine, 'retired'>, stack: Stack): boolean {
  return engine.retired.some(({ name }) => name === stack.name);
}
