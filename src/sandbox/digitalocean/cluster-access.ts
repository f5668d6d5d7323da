/** Finding the cluster that a request names, and saving it. */
import type { Cluster } from './documents.ts';
import { notFound, type ApiRequest } from './http.ts';
import type { Store, Transaction } from './store.ts';
import { timestamp } from './world.ts';

/** One that is being deleted is gone for everyone who asks. Throws the API's 404. */
export function findCluster(store: Store, request: ApiRequest): Cluster {
  const cluster = store.get('cluster', request.params['id'] ?? '');
  if (cluster === undefined || cluster.status.state === 'deleting') throw notFound();
  return cluster;
}

export function livingClusters(store: Store): readonly Cluster[] {
  return store.list('cluster').filter((cluster) => cluster.status.state !== 'deleting');
}

export function saveCluster(change: Transaction, cluster: Cluster): void {
  change.put('cluster', cluster.id, { ...cluster, updated_at: timestamp() });
}
