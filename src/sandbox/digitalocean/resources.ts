/** Resources by their uniform name, `do:<kind>:<id>`. */
import type { Store } from './store.ts';

/** Everything that can belong to a project. */
export function resourceUrns(store: Store): readonly string[] {
  return [
    ...store.list('domain').map((domain) => `do:domain:${domain.name}`),
    ...store.list('cluster').map((cluster) => `do:kubernetes:${cluster.id}`),
    ...store.list('load_balancer').map((balancer) => `do:loadbalancer:${balancer.id}`),
    ...store.list('volume').map((volume) => `do:volume:${volume.id}`),
    ...store.list('bucket').map((bucket) => `do:space:${bucket.name}`),
  ];
}

export function resourceExists(store: Store, urn: string): boolean {
  return resourceUrns(store).includes(urn);
}
