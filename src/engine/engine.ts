/** What every step of a run shares. */
import type { Ports } from '../ports/ports.ts';
import type { Target } from './contracts.ts';
import type { Journal } from './journal.ts';
import { layoutOf, type Layout } from './layout.ts';

export interface Engine {
  readonly ports: Ports;
  readonly target: Target;
  readonly layout: Layout;
  readonly tofu: string;
  readonly parallel: number;
  readonly journal: Journal;
  readonly emit: Emit;
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
      readonly phase: 'started' | 'done' | 'failed';
    }
  /** A question is about to be asked: live output makes room. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'finished' };

/** Only `pause` and a plan that is shown are waited for: what follows them is a question. */
export type Emit<Event = EngineEvent> = (event: Event) => void | Promise<void>;

export type StackOutcome = 'done' | 'unchanged' | 'failed' | 'skipped' | 'stopped' | 'unknown';

export async function makeEngine(
  ports: Ports,
  target: Target,
  options: { readonly parallel: number; readonly journal: Journal; readonly emit: Emit },
): Promise<Engine> {
  return { ports, target, layout: layoutOf(target), tofu: await target.tool('tofu'), ...options };
}
