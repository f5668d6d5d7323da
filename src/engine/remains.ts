/** After a destroy: what is still there on purpose, and what nobody owns. Pure. */
import type { Stack } from '../model/blueprint.ts';
import type { CloudItem } from '../ports/cloud.ts';
import type { Leftover } from '../ports/cluster.ts';
import { whySpared, type StackPlan } from './stack-plan.ts';

export interface Remains {
  readonly kept: readonly Leftover[];
  readonly orphans: readonly CloudItem[];
}

/** What Kubernetes makes in the cloud, and what is made of it. */
const clusterKinds = new Set(['load balancer', 'volume', 'snapshot']);

/**
 * `standing`: stacks that were not destroyed. `spared` and `leftovers` were left on purpose by this run, `remembered` by
 * earlier ones. Everything else that the inventory still shows is an orphan.
 */
export function remainsOf(
  inventory: readonly CloudItem[],
  standing: readonly Stack[],
  clusterStands: boolean,
  destroyed: readonly StackPlan[],
  leftovers: readonly Leftover[],
  remembered: readonly Leftover[],
): Remains {
  const reasons = new Map<string, string>();
  for (const stack of standing) {
    for (const { type, adoption } of stack.resources) {
      if (adoption) reasons.set(keyOf(kindOf(type), adoption.name), `stack ${stack.name} stays`);
    }
  }
  for (const spared of destroyed.flatMap((plan) => plan.spared)) {
    reasons.set(keyOf(kindOf(spared.address.split('.')[0]!), spared.name), whySpared(spared));
  }
  for (const { kind, name, reason } of [...remembered, ...leftovers]) reasons.set(keyOf(kind, name), reason);

  const reasonOf = ({ kind, name, id }: CloudItem): string | undefined =>
    reasons.get(keyOf(kind, name)) ??
    reasons.get(keyOf(kind, id)) ??
    (clusterStands && clusterKinds.has(kind) ? 'belongs to the cluster, which stays' : undefined);
  const kept = inventory.flatMap((item) => {
    const reason = reasonOf(item);
    return reason === undefined ? [] : [{ kind: item.kind, name: item.name, reason }];
  });
  // What this run left inside a cluster that stays is in no inventory of the cloud.
  const listed = new Set(kept.map(({ kind, name }) => keyOf(kind, name)));
  const inside = new Map(leftovers.map((one) => [keyOf(one.kind, one.name), one]));
  return {
    kept: [...kept, ...[...inside].flatMap(([key, one]) => (listed.has(key) ? [] : [one]))],
    orphans: inventory.filter((item) => reasonOf(item) === undefined),
  };
}

/** A project, a network and a cluster may all bear the same name. */
function keyOf(kind: string, name: string): string {
  return `${kind}/${name}`;
}

/** The inventory's word for a type: `digitalocean_kubernetes_cluster` is a `cluster`. */
function kindOf(type: string): string {
  return type.split('_').at(-1)!;
}
