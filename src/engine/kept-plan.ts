/** The last plan that was shown, kept sealed: an apply that nothing has happened before takes it as it is. */
import { z } from 'zod';
import { STATE_PASSPHRASE } from '../model/state-passphrase.ts';
import { seal, unseal } from '../secrets/sealed.ts';
import { changedParts, type Basis } from './basis.ts';
import type { Engine } from './engine.ts';
import { outcomeOf, type EnvironmentPlan } from './stack-plan.ts';

/** The world outside changes without leaving a trace in any state: what was shown long ago is looked at again. */
const usableMs = 60 * 60 * 1000;

/** To be raised whenever the shape of a plan changes: an older ffops' plan is made anew. */
const shape = 1;

const keptSchema = z.object({
  shape: z.literal(shape),
  madeAt: z.string(),
  basis: z.record(z.string(), z.string()),
  plan: z.custom<EnvironmentPlan>((value) => typeof value === 'object' && value !== null && 'stacks' in value),
});

export interface EarlierPlan {
  readonly run: string;
  readonly madeAt: string;
  /** False: it was planned anew, `because` something has changed since. */
  readonly used: boolean;
  readonly because?: string;
}

/** Nothing to do, or not the whole truth, is not worth keeping: what was kept before is gone then too. */
export async function keepPlan(engine: Engine, basis: Basis, plan: EnvironmentPlan): Promise<void> {
  const whole = plan.stacks.every(({ state }) => state !== 'failed' && state !== 'stopped');
  if (!whole || outcomeOf(plan) !== 'pending') return forgetPlan(engine);
  const kept: z.infer<typeof keptSchema> = { shape, madeAt: engine.ports.clock.now().toISOString(), basis, plan };
  const sealed = seal(await engine.target.secrets.get(STATE_PASSPHRASE), JSON.stringify(kept));
  await engine.ports.files.write(engine.layout.keptPlan, sealed, { mode: 0o600 });
}

export async function forgetPlan(engine: Engine): Promise<void> {
  await engine.ports.files.remove(engine.layout.keptPlan);
}

/** Undefined when none was kept. `plan` is there when it can be used. */
export async function readKeptPlan(
  engine: Engine,
  basisNow: () => Promise<Basis>,
): Promise<{ readonly earlier: EarlierPlan; readonly plan?: EnvironmentPlan } | undefined> {
  const kept = await readKept(engine);
  if (kept === undefined) return undefined;
  const about = { run: kept.plan.run, madeAt: kept.madeAt };
  const because = await whyNot(engine, kept, await basisNow());
  return because === undefined
    ? { earlier: { ...about, used: true }, plan: kept.plan }
    : { earlier: { ...about, used: false, because } };
}

async function readKept(engine: Engine): Promise<z.infer<typeof keptSchema> | undefined> {
  const sealed = await engine.ports.files.read(engine.layout.keptPlan);
  if (sealed === undefined) return undefined;
  const text = unseal(await engine.target.secrets.get(STATE_PASSPHRASE), sealed);
  return text === undefined ? undefined : keptSchema.safeParse(JSON.parse(text)).data;
}

async function whyNot(
  { ports: { clock, files }, target }: Engine,
  kept: z.infer<typeof keptSchema>,
  basis: Basis,
): Promise<string | undefined> {
  const [changed] = changedParts(kept.basis, basis);
  if (changed !== undefined) return `${changed} changed since`;
  if (clock.now().getTime() - Date.parse(kept.madeAt) > usableMs) return 'it is more than an hour old';
  for (const { planFile } of kept.plan.stacks) {
    if (planFile !== undefined && (await files.info(planFile)) === undefined) return 'its files are gone';
  }
  const planned = kept.plan.stacks.map(({ stack }) => stack);
  const stacks = target.blueprint.stacks.filter(({ name }) => planned.includes(name));
  const shown = kept.plan.stacks.flatMap(({ objects }) => objects);
  const now = await target.cluster.compareObjects(stacks);
  return JSON.stringify(sorted(shown)) === JSON.stringify(sorted(now))
    ? undefined
    : "one of ffops' own Namespaces or Secrets in the cluster changed since";
}

function sorted<One extends { readonly stack: string; readonly namespace: string; readonly name: string }>(
  objects: readonly One[],
): readonly One[] {
  const key = ({ stack, namespace, name }: One): string => `${stack}/${namespace}/${name}`;
  return [...objects].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
