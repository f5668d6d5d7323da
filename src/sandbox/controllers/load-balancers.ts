import { isDeepStrictEqual } from 'node:util';
import type { ClusterId, KubernetesResources, LoadBalancerRequest } from '../digitalocean/contracts.ts';
import { keyOf } from '../kubernetes/objects.ts';
import { Reconciler } from '../kubernetes/reconciler.ts';
import type { Controller, Scene, Service } from './controller.ts';
import { addFinalizer, dropFinalizer } from './finalizers.ts';

const FINALIZER = 'service.kubernetes.io/load-balancer-cleanup';
const ID_ANNOTATION = 'kubernetes.digitalocean.com/load-balancer-id';
const OPTION_PREFIX = 'service.beta.kubernetes.io/do-loadbalancer-';

/** How load balancers are made: the simulated cloud, and its word when one of them changed. */
export interface LoadBalancerCloud {
  readonly cluster: ClusterId;
  readonly resources: Pick<KubernetesResources, 'ensureLoadBalancer' | 'deleteLoadBalancer'>;
  onChange(listener: () => void): () => void;
}

/** Plays DigitalOcean's cloud controller: a Service of type LoadBalancer gets one, and its address. */
export function startLoadBalancers(scene: Scene, cloud: LoadBalancerCloud): Controller {
  const { client, watched } = scene;

  const reconciler = new Reconciler(async (key) => {
    const service = watched.services.get(key);
    if (service === undefined) return;
    const path = pathOf(service);
    const wanted = service.spec.type === 'LoadBalancer' && service.spec.loadBalancerClass === undefined;
    if (service.metadata.deletionTimestamp !== undefined || !wanted) {
      await release(service, path);
      return;
    }
    // First the finalizer: a service deleted meanwhile must not leave its load balancer behind.
    if (service.metadata.finalizers?.includes(FINALIZER) !== true) {
      await addFinalizer(client, path, service, FINALIZER);
      return;
    }
    const balancer = cloud.resources.ensureLoadBalancer(requestFor(service, cloud.cluster));
    if (service.metadata.annotations?.[ID_ANNOTATION] !== balancer.id) {
      await client.patch(path, 'merge', { metadata: { annotations: { [ID_ANNOTATION]: balancer.id } } });
    }
    if (balancer.status !== 'active') return;
    const address = addressOf(service, balancer.ip);
    if (isDeepStrictEqual(service.status?.loadBalancer?.ingress?.[0], address)) return;
    await client.patch(`${path}/status`, 'merge', { status: { loadBalancer: { ingress: [address] } } });
  }, scene.report);

  async function release(service: Service, path: string): Promise<void> {
    const id = service.metadata.annotations?.[ID_ANNOTATION];
    if (id !== undefined) cloud.resources.deleteLoadBalancer(id);
    await dropFinalizer(client, path, service, FINALIZER);
  }

  const stopWatching = watched.services.onChange((key) => reconciler.enqueue(key));
  const stopListening = cloud.onChange(() => {
    for (const service of watched.services.all()) {
      if (service.spec.type === 'LoadBalancer') reconciler.enqueue(keyOf(service));
    }
  });
  return {
    stop() {
      stopWatching();
      stopListening();
      reconciler.stop();
    },
  };
}

/** The API server fills in `ipMode` beside an address, so it is said from the start. */
function addressOf(service: Service, ip: string): object {
  const hostname = service.metadata.annotations?.[`${OPTION_PREFIX}hostname`];
  return hostname === undefined ? { ip, ipMode: 'VIP' } : { hostname };
}

export function requestFor(service: Service, cluster: ClusterId): LoadBalancerRequest {
  const option = (name: string): string | undefined => service.metadata.annotations?.[OPTION_PREFIX + name];
  const sizeUnit = option('size-unit');
  return {
    cluster,
    name: option('name') ?? `a${service.metadata.uid.replaceAll('-', '')}`,
    ...(sizeUnit === undefined ? {} : { sizeUnit: Number(sizeUnit) }),
    proxyProtocol: option('enable-proxy-protocol') === 'true',
    ports: (service.spec.ports ?? []).map(({ port, nodePort, protocol }) => ({
      entry: port,
      target: nodePort ?? port,
      protocol: protocol === 'UDP' ? 'udp' : 'tcp',
    })),
  };
}

function pathOf({ metadata }: Service): string {
  return `/api/v1/namespaces/${metadata.namespace ?? ''}/services/${metadata.name}`;
}
