import { isDeepStrictEqual } from 'node:util';
import { Reconciler } from '../kubernetes/reconciler.ts';
import type { Controller, Scene } from './controller.ts';

/** Plays the ingress controller of a local cluster: every Ingress of its class gets the cluster's address. */
export function startLocalIngress({ client, watched, report }: Scene, ingressClass: string, address: string): Controller {
  const loadBalancer = { ingress: [{ ip: address }] };
  const reconciler = new Reconciler(async (key) => {
    const ingress = watched.ingresses.get(key);
    if (ingress === undefined || (ingress.spec.ingressClassName ?? ingressClass) !== ingressClass) return;
    if (isDeepStrictEqual(ingress.status?.loadBalancer, loadBalancer)) return;
    const { namespace = '', name } = ingress.metadata;
    const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses/${name}/status`;
    await client.patch(path, 'merge', { status: { loadBalancer } });
  }, report);
  const stopWatching = watched.ingresses.onChange((key) => reconciler.enqueue(key));
  return {
    stop() {
      stopWatching();
      reconciler.stop();
    },
  };
}
