/** What a cluster's controllers made in the cloud, and what would be left behind when only the cluster goes. */
import type { Store } from './store.ts';

interface Named {
  readonly id: string;
  readonly name: string;
}

export interface AssociatedResources {
  readonly volumes: readonly Named[];
  readonly volume_snapshots: readonly Named[];
  readonly load_balancers: readonly Named[];
}

export function associatedResources(store: Store, cluster: string): AssociatedResources {
  const named = ({ id, name }: Named): Named => ({ id, name });
  const volumes = store.list('volume').filter((volume) => volume.cluster === cluster);
  const owned = new Set(volumes.map((volume) => volume.id));
  return {
    volumes: volumes.map(named),
    volume_snapshots: store
      .list('snapshot')
      .filter((snapshot) => owned.has(snapshot.resource_id))
      .map(named),
    load_balancers: store
      .list('load_balancer')
      .filter((balancer) => balancer.cluster === cluster)
      .map(named),
  };
}
