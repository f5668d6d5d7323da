/** Where the engine keeps what, for one environment. */
import { join, resolve } from 'node:path';
import type { Target } from './contracts.ts';
import { retiredFolder } from './retired.ts';

export interface Layout {
  readonly folder: string;
  readonly journal: string;
  readonly lock: string;
  /** What destroys left on purpose. */
  readonly kept: string;
  /** The last plan that was shown, for the next apply. */
  readonly keptPlan: string;
  /** Of local backends. */
  readonly states: string;
  readonly cliConfig: string;
  readonly pluginCache: string;
  /** The folder of its module. */
  stack(name: string): string;
  readonly allPlans: string;
  plans(run: string): string;
}

export function layoutOf(
  target: Pick<Target, 'workspace' | 'surroundings' | 'blueprint'>,
  retired: ReadonlySet<string> = new Set(),
): Layout {
  const root = resolve(target.workspace, target.surroundings.root);
  const folder = join(root, target.blueprint.environment);
  return {
    folder,
    journal: join(folder, 'journal.jsonl'),
    lock: join(folder, 'run.lock'),
    kept: join(folder, 'kept.json'),
    keptPlan: join(folder, 'plan.sealed'),
    states: join(folder, 'state'),
    cliConfig: join(root, 'tofu.rc'),
    pluginCache: join(root, 'providers'),
    stack: (name) => (retired.has(name) ? retiredFolder(folder, name) : join(folder, 'stacks', name)),
    allPlans: join(folder, 'plans'),
    plans: (run) => join(folder, 'plans', run),
  };
}
