/** Faults on request: what should go wrong, on which route, how many times. They live in memory; a restart heals them. */
import { z } from 'zod';
import { newId } from './world.ts';

const common = {
  /** Any method when absent. */
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']).optional(),
  /** `/v2/domains/*`: a star stands for one segment, two at the end for any rest. */
  path: z.string().startsWith('/'),
  /** How many requests it meets. */
  count: z.int().min(1).default(1),
};

export const faultSchema = z.discriminatedUnion('kind', [
  /** 429 with `retry-after` and the rate limit used up. */
  z.strictObject({ kind: z.literal('rate-limit'), retryAfterSeconds: z.int().min(0).default(1), ...common }),
  /** An error of the server's; nothing was done. */
  z.strictObject({ kind: z.literal('error'), status: z.int().min(500).max(599).default(500), ...common }),
  /** The answer comes so much later, or never for a client that gives up first; the work is done. */
  z.strictObject({ kind: z.literal('stall'), delayMs: z.int().min(1), ...common }),
  /** The connection breaks; nothing was done. */
  z.strictObject({ kind: z.literal('reset'), ...common }),
  /** The work is done, then the answer is an error (`status`) or, with 0, a broken connection. */
  z.strictObject({
    kind: z.literal('fail-after'),
    status: z.union([z.literal(0), z.int().min(500).max(599)]).default(500),
    ...common,
  }),
]);

export type FaultRequest = z.infer<typeof faultSchema>;
export type Fault = FaultRequest & { readonly id: string; readonly met: number };

export class Faults {
  readonly #faults = new Map<string, Fault>();

  add(request: FaultRequest): Fault {
    const fault: Fault = { ...request, id: newId(), met: 0 };
    this.#faults.set(fault.id, fault);
    return fault;
  }

  list(): readonly Fault[] {
    return [...this.#faults.values()];
  }

  /** False when there is none of that id. */
  remove(id: string): boolean {
    return this.#faults.delete(id);
  }

  clear(): void {
    this.#faults.clear();
  }

  /** The oldest fault that this request meets; meeting it counts. */
  meet(method: string, path: string): Fault | undefined {
    const fault = this.list().find((candidate) => candidate.met < candidate.count && matches(candidate, method, path));
    if (fault === undefined) return undefined;
    const met = { ...fault, met: fault.met + 1 };
    this.#faults.set(fault.id, met);
    return met;
  }
}

function matches(fault: FaultRequest, method: string, path: string): boolean {
  if (fault.method !== undefined && fault.method !== method) return false;
  const pattern = fault.path.split('/');
  const actual = path.split('/');
  if (pattern.at(-1) === '**')
    return pattern.slice(0, -1).every((part, index) => part === '*' || part === actual[index]);
  return pattern.length === actual.length && pattern.every((part, index) => part === '*' || part === actual[index]);
}
