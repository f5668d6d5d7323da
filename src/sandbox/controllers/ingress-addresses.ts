import { isDeepStrictEqual } from 'node:util';
import { Informer } from '../kubernetes/informer.ts';
import { keyOf, type KubeObject } from '../kubernetes/objects.ts';
import { Reconciler } from '../kubernetes/reconciler.ts';
import type { Controller, Ingress, LoadBalancerState, Scene, Service } from './controller.ts';

const DEFAULT_CLASS = 'ingressclass.kubernetes.io/is-default-class';
const INSTANCE = 'app.kubernetes.io/instance';

/**
 * Plays the ingress controllers, as far as others see them: an Ingress gets the address under which its controller is
 * reached. That is the load balancer of the release which brought the ingress class; a class without one is the
 * local cluster's own, which answers at `ownAddress`.
 */
export function startIngressAddresses({ client, watched, report }: Scene, ownAddress?: string): Controller {
  const classes = new Informer<KubeObject>(client, { path: '/apis/networking.k8s.io/v1/ingressclasses' });

  const reconciler = new Reconciler(async (key) => {
    const ingress = watched.ingresses.get(key);
    if (ingress === undefined) return;
    const loadBalancer = addressOf(ingress, classes.all(), watched.services.all(), ownAddress);
    if (isDeepStrictEqual(ingress.status?.loadBalancer ?? {}, loadBalancer)) return;
    const { namespace = '', name } = ingress.metadata;
    const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses/${name}/status`;
    await client.patch(path, 'merge', { status: { loadBalancer: { ingress: null, ...loadBalancer } } });
  }, report);

  const all = (): void => {
    for (const ingress of watched.ingresses.all()) reconciler.enqueue(keyOf(ingress));
  };
  const stops = [
    watched.ingresses.onChange((key) => reconciler.enqueue(key)),
    watched.services.onChange(all),
    classes.onChange(all),
  ];
  classes.start();
  return {
    stop() {
      for (const stop of stops) stop();
      classes.stop();
      reconciler.stop();
    },
  };
}

/** Empty while the address is not known. */
export function addressOf(
  ingress: Ingress,
  classes: readonly KubeObject[],
  services: readonly Service[],
  ownAddress?: string,
): LoadBalancerState {
  const wanted = ingress.spec.ingressClassName;
  const found = classes.find(({ metadata }) =>
    wanted === undefined ? metadata.annotations?.[DEFAULT_CLASS] === 'true' : metadata.name === wanted,
  );
  if (found === undefined) return {};
  const instance = found.metadata.labels?.[INSTANCE];
  if (instance === undefined) return ownAddress === undefined ? {} : { ingress: [{ ip: ownAddress }] };
  const addresses = services
    .filter(({ spec, metadata }) => spec.type === 'LoadBalancer' && metadata.labels?.[INSTANCE] === instance)
    .flatMap(({ status }) => status?.loadBalancer?.ingress ?? [])
    .map(({ ip, hostname }) => (ip === undefined ? { hostname: hostname ?? '' } : { ip }));
  return addresses.length === 0 ? {} : { ingress: addresses };
}
