import { z } from 'zod';
import { realNodeKit } from '../real/kit.ts';
import { sandboxPrograms, sandboxStatus } from '../status.ts';

export const launchOptions = z.object({
  workspace: z.string(),
  /** For `start`. */
  programs: sandboxPrograms.optional(),
  /** For `start`: the nodes are real, and made of this. */
  real: realNodeKit.optional(),
  /** For `stop`: the cloud, its clusters' objects and its buckets stay for the next start. */
  keep: z.boolean().default(false),
});
export type LaunchOptions = z.infer<typeof launchOptions>;

export type Say = (line: string) => void;

export const startReport = z.object({
  alreadyRunning: z.boolean(),
  /** Processes that a crashed sandbox had left, and that were ended first. */
  leftovers: z.number(),
  status: sandboxStatus,
});
export type StartReport = z.infer<typeof startReport>;

export const stopReport = z.object({
  wasRunning: z.boolean(),
  endedProcesses: z.number(),
  /** Absolute paths. */
  removed: z.array(z.string()),
  kept: z.array(z.string()),
});
export type StopReport = z.infer<typeof stopReport>;

export const stateReport = z.object({
  status: sandboxStatus.optional(),
  /** Processes of a sandbox whose daemon is gone. */
  leftovers: z.number(),
  /** True when a stopped sandbox was kept. */
  kept: z.boolean(),
});
export type StateReport = z.infer<typeof stateReport>;
