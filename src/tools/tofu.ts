/** OpenTofu: what it is asked, and what its answers mean. Nothing here runs anything. */
import { z } from 'zod';

/** Exit code of `plan -detailed-exitcode` when there is something to do. */
export const tofuHasChanges = 2;

export interface PlanWish {
  readonly planFile: string;
  readonly destroy?: boolean;
  /** A plan only reads: it takes the state's lock only to find out whether an interrupted run left it. */
  readonly lock?: boolean;
  readonly exclude?: readonly string[];
}

export const tofu = {
  init: (): readonly string[] => ['init', '-input=false', '-no-color'],
  plan: (wish: PlanWish): readonly string[] => [
    'plan',
    '-input=false',
    '-json',
    '-detailed-exitcode',
    `-lock=${wish.lock ?? false}`,
    ...(wish.destroy ? ['-destroy'] : []),
    ...(wish.exclude ?? []).map((address) => `-exclude=${address}`),
    `-out=${wish.planFile}`,
  ],
  show: (planFile: string): readonly string[] => ['show', '-json', planFile],
  apply: (planFile: string): readonly string[] => ['apply', '-input=false', '-json', '-lock-timeout=5s', planFile],
  output: (): readonly string[] => ['output', '-json'],
  resources: (): readonly string[] => ['state', 'list'],
  forget: (addresses: readonly string[]): readonly string[] => ['state', 'rm', ...addresses],
  untaint: (address: string): readonly string[] => ['untaint', '-lock-timeout=5s', address],
  pullState: (): readonly string[] => ['state', 'pull'],
  pushState: (): readonly string[] => ['state', 'push', '-'],
  forceUnlock: (lockId: string): readonly string[] => ['force-unlock', '-force', lockId],
};

const resource = z.object({ addr: z.string() });

const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('apply_start'), hook: z.object({ resource, action: z.string() }) }),
  z.object({ type: z.literal('apply_complete'), hook: z.object({ resource, action: z.string() }) }),
  z.object({ type: z.literal('apply_errored'), hook: z.object({ resource, action: z.string() }) }),
  z.object({ type: z.literal('resource_drift'), change: z.object({ resource, action: z.string() }) }),
  z.object({
    type: z.literal('diagnostic'),
    diagnostic: z.object({
      severity: z.enum(['error', 'warning']),
      summary: z.string(),
      detail: z.string().default(''),
      address: z.string().optional(),
    }),
  }),
]);

export type TofuEvent = z.infer<typeof eventSchema>;
export type TofuDiagnostic = Extract<TofuEvent, { type: 'diagnostic' }>['diagnostic'];

/** One line of a `-json` stream; undefined for lines nobody waits for, and for text that is not JSON at all. */
export function readTofuEvent(line: string): TofuEvent | undefined {
  if (!line.startsWith('{')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  return eventSchema.safeParse(value).data;
}

export function errorsOf(stream: string): readonly TofuDiagnostic[] {
  return stream
    .split('\n')
    .map(readTofuEvent)
    .filter((event) => event?.type === 'diagnostic')
    .map((event) => event.diagnostic)
    .filter((diagnostic) => diagnostic.severity === 'error');
}

const changeSchema = z.object({
  actions: z.array(z.string()),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  after_unknown: z.unknown().optional(),
  before_sensitive: z.unknown().optional(),
  after_sensitive: z.unknown().optional(),
  replace_paths: z.array(z.array(z.union([z.string(), z.number()]))).optional(),
  importing: z.object({ id: z.string().optional() }).optional(),
});

const resourceChangeSchema = z.object({
  address: z.string(),
  type: z.string(),
  mode: z.string(),
  deposed: z.string().optional(),
  change: changeSchema,
  action_reason: z.string().optional(),
});

const planSchema = z.object({
  resource_changes: z.array(resourceChangeSchema).default([]),
  /** What refreshing found changed outside. */
  resource_drift: z.array(resourceChangeSchema).default([]),
  output_changes: z.record(z.string(), changeSchema).default({}),
});

export type TofuPlan = z.infer<typeof planSchema>;
export type TofuChange = z.infer<typeof changeSchema>;
export type TofuResourceChange = z.infer<typeof resourceChangeSchema>;

/** What `show -json` says about a plan. Throws ZodError when this is not a plan that we can read. */
export function readTofuPlan(text: string): TofuPlan {
  return planSchema.parse(JSON.parse(text));
}

const outputsSchema = z.record(z.string(), z.object({ value: z.unknown(), sensitive: z.boolean().default(false) }));
export type TofuOutputs = z.infer<typeof outputsSchema>;

/** What `output -json` says; empty when the stack was never applied. */
export function readTofuOutputs(text: string): TofuOutputs {
  return outputsSchema.parse(JSON.parse(text));
}

export interface TofuLock {
  readonly id: string;
  /** `user@host` */
  readonly who: string;
  readonly operation: string;
  readonly created: string;
}

/** The lock that someone holds, when that is why a run failed. */
export function lockInTheWay(output: string): TofuLock | undefined {
  if (!output.includes('Error acquiring the state lock')) return undefined;
  const field = (name: string): string =>
    new RegExp(`\\b${name}: +(.*?)(?:\\\\n|\\n|$)`).exec(output)?.[1]?.trim() ?? '';
  return { id: field('ID'), who: field('Who'), operation: field('Operation'), created: field('Created') };
}
