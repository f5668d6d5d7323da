/** After a destroy: what is still there on purpose, and what nobody owns. Pure. */
import type { Stack } from '../model/blueprint.ts';
import type { CloudItem, Leftover } from './contracts.ts';
import type { StackPlan } from './stack-plan.ts';

export interface Remains {
  readonly kept: readonly Leftover[];
  readonly orphans: readonly CloudItem[];
}

/**
 * `standing`: stacks that were not destroyed. `spared` and `leftovers` were left on purpose by this run,
 * `remembered` by earlier ones.
 * Everything else that the inventory still shows is an orphan.
 */
export function remainsOf(
  inventory: readonly CloudItem[],
  standing: readonly Stack[],
  destroyed: readonly StackPlan[],
  leftovers: readonly Leftover[],
  remembered: readonly Leftover[],
): Remains {
  const reasons = new Map<string, string>();
  for (const stack of standing) {
    for (const resource of stack.resources)
      if (resource.adoption) reasons.set(resource.adoption.name, `stack ${stack.name} stays`);
  }
  for (const plan of destroyed)
    for (const one of plan.spared)
      reasons.set(one.name, `holds ${one.what}; to lose it: --allow-data-loss ${one.name}`);
  for (const leftover of [...remembered, ...leftovers]) reasons.set(leftover.name, leftover.reason);

  const kept = inventory.flatMap((item) => {
    const reason = reasons.get(item.name) ?? reasons.get(item.id);
    return reason === undefined ? [] : [{ kind: item.kind, name: item.name, reason }];
  });
  // What this run left inside a cluster that stays is in no inventory of the cloud.
  const listed = new Set(kept.map((item) => item.name));
  return {
    kept: [...kept, ...leftovers.filter((leftover) => !listed.has(leftover.name))],
    orphans: inventory.filter((item) => !reasons.has(item.name) && !reasons.has(item.id)),
  };
}
