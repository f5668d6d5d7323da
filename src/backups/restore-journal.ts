/** How far a restore has come, on disk before and after each step: whatever interrupts it, the next run goes on from there. */
import { z } from 'zod';
import type { Files } from '../ports/files.ts';

export const restoreSteps = [
  'keep',
  'stop',
  'secrets',
  'clear',
  'servers',
  'dumps',
  'passwords',
  'objects',
  'start',
  'verify',
] as const;
export type RestoreStep = (typeof restoreSteps)[number];

const workloadSchema = z.object({ kind: z.string(), namespace: z.string(), name: z.string(), replicas: z.number() });
export type StoppedWorkload = z.infer<typeof workloadSchema>;

const dumpSchema = z.object({
  engine: z.enum(['postgres', 'mariadb']),
  id: z.string(),
  /** All of them when absent. */
  databases: z.array(z.string()).optional(),
});

const checkSchema = z.object({
  database: z.string(),
  tables: z.number(),
  rows: z.number(),
  differences: z.array(z.string()).readonly(),
});

const journalSchema = z.object({
  /** A moment: names of Velero's restores and of Jobs are made from it, so that a second try finds them. */
  id: z.string(),
  what: z.string(),
  /** Velero's backup, and where each namespace goes. */
  objects: z.object({ backup: z.string(), namespaces: z.array(z.tuple([z.string(), z.string()])) }).optional(),
  dumps: z.array(dumpSchema),
  keep: z.boolean(),
  done: z.array(z.enum(restoreSteps)).readonly(),
  stopped: z.array(workloadSchema).readonly(),
  /** What was counted in the databases that are back: the run that ends may not be the one that restored them. */
  counted: z.array(checkSchema).readonly().default([]),
});
export type RestoreJournal = z.infer<typeof journalSchema>;

/** Undefined when no restore is under way. */
export async function readRestoreJournal(files: Files, path: string): Promise<RestoreJournal | undefined> {
  const text = await files.read(path);
  return text === undefined ? undefined : journalSchema.parse(JSON.parse(text));
}

export async function writeRestoreJournal(files: Files, path: string, journal: RestoreJournal): Promise<void> {
  await files.write(path, `${JSON.stringify(journal, null, 2)}\n`, { mode: 0o600 });
}

export function nextStep({ done }: RestoreJournal): RestoreStep | undefined {
  return restoreSteps.find((step) => !done.includes(step));
}
