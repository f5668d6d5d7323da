/** What every route works with. */
import { randomUUID } from 'node:crypto';
import type { Store } from './store.ts';

export interface World {
  readonly store: Store;
  /** Milliseconds until something without a real part behind it is ready. */
  readonly delayMs: number;
  readonly account: Account;
}

export interface Account {
  readonly uuid: string;
  readonly ownerId: number;
  readonly email: string;
}

export const account: Account = {
  uuid: '5f0c7f6e-6b6f-4d3c-9a58-3f5f4a1c0de0',
  ownerId: 1000001,
  email: 'sandbox@example.invalid',
};

export const newId = (): string => randomUUID();
/** Seconds, as the API writes time. */
export const timestamp = (at: Date = new Date()): string => at.toISOString().replace(/\.\d+Z$/, 'Z');
export const isReady = (readyAt: string): boolean => Date.parse(readyAt) <= Date.now();
export const readyAt = (delayMs: number): string => new Date(Date.now() + delayMs).toISOString();

/** To the log of the process: what no client will see. */
export function logTrouble(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A mistake of the sandbox's own: the client sees a server error, the log sees the truth. */
export function logBug(error: unknown): void {
  logTrouble(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
