/**
 * What runs did, one JSON line each, on disk before the thing itself happens. Whatever kills ffops, the next run reads
 * here what was under way.
 */
import { z } from 'zod';
import type { Files } from '../ports/files.ts';
import type { Clock } from '../ports/clock.ts';
import type { ProcessMark } from './processes.ts';

const base = { at: z.string(), run: z.string() };
const entrySchema = z.discriminatedUnion('kind', [
  z.object({
    ...base,
    kind: z.literal('run-started'),
    command: z.string(),
    user: z.string(),
    host: z.string(),
    pid: z.number(),
  }),
  /** `creates`: what may exist without the state knowing when this never ends. */
  z.object({ ...base, kind: z.literal('stack-started'), stack: z.string(), creates: z.array(z.string()) }),
  /** Before a tofu that locks the state is started, and as soon as its pid is known. */
  z.object({ ...base, kind: z.literal('tool-starting'), stack: z.string() }),
  z.object({ ...base, kind: z.literal('tool-started'), stack: z.string(), pid: z.number(), started: z.string() }),
  /** `clean`: it ended by itself and gave its lock back. */
  z.object({ ...base, kind: z.literal('tool-ended'), stack: z.string(), clean: z.boolean() }),
  z.object({ ...base, kind: z.literal('stack-ended'), stack: z.string(), ok: z.boolean() }),
  z.object({ ...base, kind: z.literal('run-ended'), outcome: z.enum(['done', 'failed', 'interrupted']) }),
]);

export type JournalEntry = z.infer<typeof entrySchema>;
type WithoutStamp<Entry> = Entry extends JournalEntry ? Omit<Entry, 'at' | 'run'> : never;
export type JournalEvent = WithoutStamp<JournalEntry>;

export interface Journal {
  readonly run: string;
  record(event: JournalEvent): Promise<void>;
}

export function openJournal(files: Files, clock: Clock, path: string, run: string): Journal {
  let last = Promise.resolve();
  return {
    run,
    // One after the other: two appends at once could tear each other's line.
    record: (event) => {
      const line = `${JSON.stringify({ at: clock.now().toISOString(), run, ...event })}\n`;
      last = last.catch(() => undefined).then(() => files.append(path, line, { mode: 0o600 }));
      return last;
    },
  };
}

/** Lines that a crash cut short, or that a newer ffops wrote, are left out. */
export function readJournal(text: string): readonly JournalEntry[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      const entry = entrySchema.safeParse(JSON.parse(line));
      return entry.success ? [entry.data] : [];
    } catch {
      return [];
    }
  });
}

export interface Interrupted {
  readonly command: string;
  readonly by: string;
  readonly pid: number;
  readonly since: string;
  /** Stacks it had begun and not ended, in the order of their beginning. */
  readonly stacks: readonly string[];
}

export interface Past {
  /** The last run, when it did not come to its end. */
  readonly interrupted: Interrupted | undefined;
  /** Stacks whose last apply or destroy did not succeed: their locks, releases and resources are looked at again. */
  readonly unsettled: ReadonlyMap<string, Unsettled>;
}

export interface Unsettled {
  /** What was to be created since the stack last ended well. */
  readonly addresses: ReadonlySet<string>;
  /** The tools that worked on it and did not end cleanly: one may still be running, and each may have left its lock. */
  readonly tools: readonly LostTool[];
  readonly since: string;
}

export interface LostTool {
  readonly host: string;
  /** When it was about to start, by this machine's clock. */
  readonly from: string;
  /** Absent when ffops died before it knew. */
  readonly mark?: ProcessMark;
}

export function understandJournal(entries: readonly JournalEntry[]): Past {
  return { interrupted: interruptedRun(entries), unsettled: unsettledStacks(entries) };
}

function interruptedRun(entries: readonly JournalEntry[]): Interrupted | undefined {
  const started = entries.filter((entry) => entry.kind === 'run-started').at(-1);
  if (!started) return undefined;
  const own = entries.filter((entry) => entry.run === started.run);
  const end = own.find((entry) => entry.kind === 'run-ended');
  if (end && end.outcome !== 'interrupted') return undefined;
  const begun = own.filter((entry) => entry.kind === 'stack-started').map((entry) => entry.stack);
  const ended = new Set(
    own.filter((entry) => entry.kind === 'stack-ended' && entry.ok).map((entry) => 'stack' in entry && entry.stack),
  );
  return {
    command: started.command,
    by: `${started.user}@${started.host}`,
    pid: started.pid,
    since: started.at,
    stacks: begun.filter((stack) => !ended.has(stack)),
  };
}

function unsettledStacks(entries: readonly JournalEntry[]): ReadonlyMap<string, Unsettled> {
  const hostOfRun = new Map<string, string>();
  const unsettled = new Map<string, Unsettled>();
  for (const entry of entries) {
    if (entry.kind === 'run-started') hostOfRun.set(entry.run, entry.host);
    if (!('stack' in entry)) continue;
    if (entry.kind === 'stack-ended' && entry.ok) {
      unsettled.delete(entry.stack);
      continue;
    }
    const before = unsettled.get(entry.stack) ?? { addresses: new Set(), tools: [], since: entry.at };
    unsettled.set(entry.stack, {
      ...before,
      addresses: new Set([...before.addresses, ...(entry.kind === 'stack-started' ? entry.creates : [])]),
      tools: toolsAfter(before.tools, entry, hostOfRun.get(entry.run) ?? ''),
    });
  }
  return unsettled;
}

/** Tools of one stack run one after the other: what is told of a tool is told of the last one. */
function toolsAfter(tools: readonly LostTool[], entry: JournalEntry, host: string): readonly LostTool[] {
  switch (entry.kind) {
    case 'tool-starting':
      return [...tools, { host, from: entry.at }];
    case 'tool-started':
      return tools.map((tool, index) =>
        index === tools.length - 1 ? { ...tool, mark: { pid: entry.pid, started: entry.started } } : tool,
      );
    case 'tool-ended':
      // One that was killed may have left its lock.
      return entry.clean ? tools.slice(0, -1) : tools;
    case 'run-started':
    case 'run-ended':
    case 'stack-started':
    case 'stack-ended':
      return tools;
  }
}
