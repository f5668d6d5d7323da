/** What the controllers inside clusters ask of the cloud, without the detour over HTTP. */
import type { CloudChange, KubernetesResources, LoadBalancerStatus, VolumeStatus } from './contracts.ts';
import type { Cluster, LoadBalancer, Volume } from './documents.ts';
import { newLoadBalancer, newVolume } from './provisioning.ts';
import { defaultProject } from './routes/projects.ts';
import { isReady, type World } from './world.ts';

export function kubernetesResources(world: World): KubernetesResources & { close(): void } {
  const { store } = world;
  const timers = new Set<NodeJS.Timeout>();
  const cluster = (id: string): Cluster => {
    const found = store.get('cluster', id);
    if (found === undefined) throw new Error(`there is no cluster ${id}`);
    return found;
  };

  /** Listeners hear of a load balancer once more when it has become active. */
  const announce = (balancer: LoadBalancer): void => {
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        const now = store.get('load_balancer', balancer.id);
        if (now !== undefined) store.write((change) => change.put('load_balancer', now.id, now));
      },
      Math.max(0, Date.parse(balancer.ready_at) - Date.now()),
    );
    timer.unref();
    timers.add(timer);
  };
  const announceNew = ({ kind, id, what }: CloudChange): void => {
    const balancer = kind === 'load_balancer' && what === 'created' ? store.get('load_balancer', id) : undefined;
    if (balancer !== undefined) announce(balancer);
  };
  const stop = store.onChange(announceNew);
  for (const balancer of store.list('load_balancer')) if (!isReady(balancer.ready_at)) announce(balancer);

  const volume = (id: string): Volume => {
    const found = store.get('volume', id);
    if (found === undefined) throw new Error(`there is no volume ${id}`);
    return found;
  };
  const save = (changed: Volume): VolumeStatus => {
    store.write((change) => change.put('volume', changed.id, changed));
    return volumeStatus(changed);
  };

  return {
    ensureLoadBalancer: (request) => {
      const owner = cluster(request.cluster);
      const rules = request.ports.map((port) => ({
        entry_protocol: port.protocol,
        entry_port: port.entry,
        target_protocol: port.protocol,
        target_port: port.target,
        certificate_id: '',
        tls_passthrough: false,
      }));
      const wanted = {
        size_unit: request.sizeUnit ?? 1,
        enable_proxy_protocol: request.proxyProtocol ?? false,
        forwarding_rules: rules,
      };
      const found = store
        .list('load_balancer')
        .find((balancer) => balancer.name === request.name && balancer.cluster === owner.id);
      if (found === undefined) {
        return balancerStatus(
          newLoadBalancer(world, {
            ...wanted,
            name: request.name,
            region: owner.region,
            tags: [`k8s:${owner.id}`],
            vpc_uuid: owner.vpc_uuid,
            project_id: defaultProject(store).id,
            cluster: owner.id,
          }),
        );
      }
      const changed = { ...found, ...wanted };
      if (JSON.stringify(changed) !== JSON.stringify(found))
        store.write((change) => change.put('load_balancer', found.id, changed));
      return balancerStatus(changed);
    },
    loadBalancer: (id) => {
      const found = store.get('load_balancer', id);
      return found === undefined ? undefined : balancerStatus(found);
    },
    deleteLoadBalancer: (id) =>
      store.write((change) => {
        if (store.get('load_balancer', id) === undefined) return;
        change.remove('load_balancer', id);
        change.remove('assignment', `do:loadbalancer:${id}`);
      }),
    ensureVolume: (request) => {
      const owner = cluster(request.cluster);
      const found = store
        .list('volume')
        .find((candidate) => candidate.name === request.name && candidate.region === owner.region);
      if (found !== undefined) return volumeStatus(found);
      return volumeStatus(
        newVolume(world, {
          name: request.name,
          region: owner.region,
          size_gigabytes: request.sizeGigabytes,
          description: request.description ?? 'Created by DigitalOcean CSI driver',
          filesystem_type: '',
          filesystem_label: '',
          tags: [`k8s:${owner.id}`],
          cluster: owner.id,
        }),
      );
    },
    volume: (id) => {
      const found = store.get('volume', id);
      return found === undefined ? undefined : volumeStatus(found);
    },
    resizeVolume: (id, sizeGigabytes) => {
      const found = volume(id);
      if (sizeGigabytes < found.size_gigabytes)
        throw new Error(`volume ${found.name} has ${found.size_gigabytes} GB and cannot shrink`);
      return save({ ...found, size_gigabytes: sizeGigabytes });
    },
    deleteVolume: (id) =>
      store.write((change) => {
        if (store.get('volume', id) === undefined) return;
        change.remove('volume', id);
        change.remove('assignment', `do:volume:${id}`);
      }),
    attachVolume: (id, dropletId) => {
      save({ ...volume(id), droplet_ids: dropletId === undefined ? [] : [dropletId] });
    },
    close: () => {
      stop();
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function balancerStatus({ id, name, ip, ready_at }: LoadBalancer): LoadBalancerStatus {
  const active = isReady(ready_at);
  return { id, name, status: active ? 'active' : 'new', ip: active ? ip : '' };
}

function volumeStatus({ id, name, size_gigabytes, droplet_ids }: Volume): VolumeStatus {
  return { id, name, sizeGigabytes: size_gigabytes, dropletId: droplet_ids[0] };
}
