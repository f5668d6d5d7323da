import { objects } from '../../cluster/ask.ts';
import { nodesState } from '../../cluster/conditions.ts';
import { layoutOf } from '../../engine/layout.ts';
import { runLockHolder } from '../../engine/run-lock.ts';
import type { Ports } from '../../ports/ports.ts';
import { fine, guarded, type Check } from './check.ts';
import type { DoctorRequest } from './request.ts';

const about = 'environment';

/** What is outside of this machine, or used by others: asked at once, as each may take its time. */
export async function environmentChecks(ports: Ports, request: DoctorRequest): Promise<readonly Check[]> {
  const found = await Promise.all([
    lockChecks(ports, request),
    guarded(about, 'cluster', () => clusterChecks(request)),
    guarded(about, 'names', () => namesChecks(ports, request)),
  ]);
  return found.flat();
}

async function lockChecks(ports: Ports, request: DoctorRequest): Promise<readonly Check[]> {
  const [{ root }, surroundings, blueprint] = await Promise.all([
    request.workspace(),
    request.surroundings(),
    request.blueprint(),
  ]);
  const { lock } = layoutOf({ workspace: root, surroundings, blueprint });
  const holder = await runLockHolder(ports, lock, request.operator);
  if (holder === undefined) return [fine(about, 'lock', 'nobody works on it now')];
  const detail = `ffops ${holder.command} of ${holder.user}@${holder.host} (pid ${holder.pid}) works on it since ${holder.since}`;
  return [{ about, title: 'lock', state: 'note', detail, cures: ['wait for it, or stop it where it runs'] }];
}

async function clusterChecks(request: DoctorRequest): Promise<readonly Check[]> {
  const { cluster, run } = await request.hands();
  const handle = await cluster.access();
  const { name } = await request.choice();
  if (handle === undefined) {
    return [{ about, title: 'cluster', state: 'note', detail: 'not made yet', cures: [`ffops apply -e ${name}`] }];
  }
  const { ready, total, version } = nodesState(await objects(run, await cluster.pin(), ['nodes']));
  const detail = `${handle.context}, ${version}, ${ready} of ${total} nodes ready`;
  if (ready === total) return [fine(about, 'cluster', detail)];
  return [{ about, title: 'cluster', state: 'note', detail, cures: [`ffops kube -e ${name} -- describe nodes`] }];
}

async function namesChecks({ network }: Ports, request: DoctorRequest): Promise<readonly Check[]> {
  const { hosts } = await request.blueprint();
  const answers = await Promise.all(hosts.map(async ({ name }) => ({ name, addresses: await network.resolve(name) })));
  const lost = answers.filter(({ addresses }) => addresses.length === 0).map(({ name }) => name);
  if (lost.length === 0) return [fine(about, 'names', `${hosts.length} of ${hosts.length} have an address`)];
  const { environment, name } = await request.environment();
  const isLocal = environment.dns.provider === 'none';
  const cure = isLocal
    ? `ffops env hosts ${name} | sudo tee -a /etc/hosts`
    : `ffops apply -e ${name} makes their records`;
  return [{ about, title: 'names', state: 'note', detail: `no address: ${lost.join(', ')}`, cures: [cure] }];
}
