/** Making load balancers and volumes, for the API and for the controllers of clusters alike. */
import { addressIn, loadBalancerRange } from './addresses.ts';
import type { Action, LoadBalancer, Volume } from './documents.ts';
import type { Store, Transaction } from './store.ts';
import { newId, readyAt, timestamp, type World } from './world.ts';

export function newLoadBalancer(
  { store, delayMs }: World,
  given: Omit<LoadBalancer, 'id' | 'ip' | 'created_at' | 'ready_at'>,
): LoadBalancer {
  return store.write((change) => {
    const balancer: LoadBalancer = {
      ...given,
      id: newId(),
      ip: addressIn(loadBalancerRange, change.number('load_balancer_address', 0)),
      created_at: timestamp(),
      ready_at: readyAt(delayMs),
    };
    change.put('load_balancer', balancer.id, balancer);
    return balancer;
  });
}

export function newVolume({ store }: World, given: Omit<Volume, 'id' | 'created_at' | 'droplet_ids'>): Volume {
  const volume: Volume = { ...given, id: newId(), created_at: timestamp(), droplet_ids: [] };
  store.write((change) => change.put('volume', volume.id, volume));
  return volume;
}

export function newAction(
  change: Transaction,
  delayMs: number,
  given: Pick<Action, 'type' | 'resource_id' | 'resource_type' | 'region_slug'>,
): Action {
  const action: Action = {
    ...given,
    id: change.number('action', 1_900_000_001),
    started_at: timestamp(),
    ready_at: readyAt(delayMs),
  };
  change.put('action', String(action.id), action);
  return action;
}

/** The cluster whose controllers made something: they tag it `k8s:<cluster id>`. */
export function clusterOfTags(store: Store, tags: readonly string[]): string | undefined {
  return store.list('cluster').find((cluster) => tags.includes(`k8s:${cluster.id}`))?.id;
}
