import type { Interruption } from './runner.ts';

export interface Clock {
  now(): Date;
  /** Returns early when interrupted. */
  sleep(ms: number, interruption?: Interruption): Promise<void>;
}
