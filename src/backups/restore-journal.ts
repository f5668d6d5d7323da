/** How far a restore has come, on disk before and after each step: whatever interrupts it, the next run goes on from there. */
import { z } from 'zod';
import { FailedError } from '../errors.ts';
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

/** What was asked for, as it was typed. */
const askedSchema = z.object({
  what: z.string(),
  to: z.string().optional(),
  database: z.string().optional(),
  from: z.string().optional(),
  of: z.string().optional(),
});
export type Asked = z.infer<typeof askedSchema>;

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
  asked: askedSchema,
  /** Velero's backup, and where each namespace goes. */
  objects: z.object({ backup: z.string(), namespaces: z.array(z.tuple([z.string(), z.string()])) }).optional(),
  dumps: z.array(dumpSchema),
  keep: z.boolean(),
  done: z.array(z.enum(restoreSteps)).readonly(),
  stopped: z.array(workloadSchema).readonly(),
  /** What was counted in the databases that are back: the run that ends may not be the one that restored them. */
  counted: z.array(checkSchema).readonly().default([]),
  /** What somebody should know at the end, whichever run comes to it. */
  notes: z.array(z.string()).readonly().default([]),
});
export type RestoreJournal = z.infer<typeof journalSchema>;

/** Undefined when no restore is under way. Throws FailedError when it cannot be read. */
export async function readRestoreJournal(files: Files, path: string): Promise<RestoreJournal | undefined> {
  const text = await files.read(path);
  if (text === undefined) return undefined;
  const parsed = journalSchema.safeParse(safeJson(text));
  if (parsed.success) return parsed.data;
  throw new FailedError('backup.badJournal', {
    message: `${path} is damaged, or another version of ffops wrote it: it should say how far a restore has come.`,
    hints: ['Look into it for what that restore stopped, start that again, then remove the file.'],
  });
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export async function writeRestoreJournal(files: Files, path: string, journal: RestoreJournal): Promise<void> {
  await files.write(path, `${JSON.stringify(journal, null, 2)}\n`, { mode: 0o600 });
}

export function nextStep({ done }: RestoreJournal): RestoreStep | undefined {
  return restoreSteps.find((step) => !done.includes(step));
}

/** `hello --to restored`: enough to be typed again. */
export function titleOf({ what, to, database }: Asked): string {
  return [
    what,
    ...(database === undefined ? [] : [`--database ${database}`]),
    ...(to === undefined ? [] : [`--to ${to}`]),
  ].join(' ');
}

/** Whether who asks for the one means the other: to go on, nobody needs to say again from which backup. */
export function isSameWork(asked: Asked, begun: Asked): boolean {
  return (
    titleOf(asked) === titleOf(begun) &&
    (asked.from ?? begun.from) === begun.from &&
    (asked.of ?? begun.of) === begun.of
  );
}
