/** `ffops status`: how an environment is, on one screen. Every question is asked at once; none of them changes anything. */
import { objectsIfKnown } from '../cluster/ask.ts';
import { belongsTo } from '../cluster/belongs.ts';
import {
  backupsState,
  certificateState,
  nodesState,
  type CertificateState,
  type NodesState,
} from '../cluster/conditions.ts';
import { keptKinds, keptVolumesIn } from '../cluster/leftovers.ts';
import { isWorkload, workloadKinds, workloadState, workloadVersion } from '../cluster/readiness.ts';
import { ANOTHER_CLUSTER } from '../cluster/identity.ts';
import { FailedError, type Problem } from '../errors.ts';
import { backupOwner } from '../model/backup-label.ts';
import type { Blueprint } from '../model/blueprint.ts';
import type { Surroundings } from '../model/surroundings.ts';
import type { BackupsState, DeployedRelease, KeptVolume } from '../ports/cluster.ts';
import type { Ports } from '../ports/ports.ts';
import type { ClusterPin, KubeObject } from '../tools/kubectl.ts';
import type { EnvironmentHands } from './environment-hands.ts';
import type { Result, Verdict } from './verdict.ts';

export interface StatusRequest {
  readonly blueprint: Blueprint;
  readonly surroundings: Pick<Surroundings, 'kind'>;
  readonly hands: Pick<EnvironmentHands, 'cluster' | 'cloud' | 'run'>;
}

export interface ReleaseState {
  readonly stack: string;
  readonly release: string;
  readonly namespace: string;
  /** `absent` when it was never applied; else Helm's word. */
  readonly status: string;
  /** `traefik-41.6.0`; empty when absent. */
  readonly chart: string;
  /** As its chart says, else as the image that runs does; empty when neither. */
  readonly appVersion: string;
  readonly podsReady: number;
  readonly podsWanted: number;
  readonly healthy: boolean;
}

export interface HostState {
  readonly host: string;
  readonly owner: string;
  /** Addresses it leads to; empty when nothing answers. */
  readonly addresses: readonly string[];
  /** Why nobody could say. */
  readonly trouble?: string;
}

export interface StatusResult extends Result {
  /** `failed` when a question was not answered: see `troubles`. */
  readonly verdict: Verdict;
  readonly environment: string;
  readonly platform: string;
  readonly rootDomain: string;
  /** Absent before the first apply. */
  readonly cluster?: { readonly context: string } & NodesState;
  readonly releases: readonly ReleaseState[];
  /** Absent without cert-manager. */
  readonly certificates?: readonly CertificateState[];
  readonly hosts: readonly HostState[];
  /** Absent where this environment makes no backups. */
  readonly backups?: BackupsState;
  /** What apps that are gone have left on purpose. */
  readonly kept: readonly KeptVolume[];
  /** What could not be asked, each with what to do. */
  readonly troubles: readonly Problem[];
}

/** What does not answer is one of the answers. Throws FailedError when the cluster is another one than recorded. */
export async function status(ports: Ports, request: StatusRequest): Promise<StatusResult> {
  const { blueprint } = request;
  const about = {
    environment: blueprint.environment,
    platform: blueprint.platform,
    rootDomain: blueprint.rootDomain,
  };
  const troubles: Problem[] = [];
  const or = async <Value>(work: Promise<Value>, otherwise: Value): Promise<Value> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof FailedError) || error.code === ANOTHER_CLUSTER) throw error;
      troubles.push(...error.problems);
      return otherwise;
    }
  };
  const [inside, hosts] = await Promise.all([
    or<Inside>(insideCluster(ports, request), { releases: [], kept: [] }),
    or(hostStates(ports, request), []),
  ]);
  return { ...about, ...inside, hosts, troubles, verdict: troubles.length > 0 ? 'failed' : 'done' };
}

type Inside = Pick<StatusResult, 'cluster' | 'releases' | 'certificates' | 'backups' | 'kept'>;

async function insideCluster(ports: Ports, { blueprint, hands }: StatusRequest): Promise<Inside> {
  const handle = await hands.cluster.access();
  if (handle === undefined) return { releases: releaseStates(blueprint, [], []), kept: [] };
  const pin = await hands.cluster.pin();
  const wanted = extraKinds(blueprint);
  const [deployed, live] = await Promise.all([
    hands.cluster.releases(),
    liveObjects(hands, pin, Object.values(wanted)),
  ]);
  const all = (entry: keyof typeof wanted, kind: string): readonly KubeObject[] | undefined =>
    wanted[entry] === undefined ? undefined : live.filter((object) => object.kind === kind);
  const certificates = all('cert-manager', 'Certificate');
  const backups = all('velero', 'Backup');
  const now = ports.clock.now();
  return {
    cluster: { context: handle.context, ...nodesState(live.filter(({ kind }) => kind === 'Node')) },
    releases: releaseStates(blueprint, deployed, live),
    kept: keptVolumesIn(blueprint, live, deployed),
    ...(certificates === undefined ? {} : { certificates: certificates.map((one) => certificateState(one, now)) }),
    ...(backups === undefined ? {} : { backups: backupsState(backups, backupOwner(blueprint), now) }),
  };
}

/** Kinds that come with a system, of those that this environment installs. */
function extraKinds(blueprint: Blueprint): { readonly 'cert-manager'?: string; readonly velero?: string } {
  const entries = new Set(blueprint.stacks.flatMap((stack) => stack.releases.map((release) => release.entry)));
  return {
    ...(entries.has('cert-manager') && { 'cert-manager': 'certificates.cert-manager.io' }),
    ...(entries.has('velero') && { velero: 'backups.velero.io' }),
  };
}

/** One question for all of them: each process costs as much as its answer. */
async function liveObjects(
  { run }: StatusRequest['hands'],
  pin: ClusterPin,
  extras: readonly string[],
): Promise<readonly KubeObject[]> {
  const always = [...workloadKinds, 'nodes', ...keptKinds];
  const found = await objectsIfKnown(run, pin, [...always, ...extras]);
  if (found !== undefined) return found;
  // Until all of them are installed, the cluster does not know one of the kinds and answers none.
  const parts = await Promise.all(
    [always, ...extras.map((one) => [one])].map((kinds) => objectsIfKnown(run, pin, kinds)),
  );
  return parts.flatMap((part) => part ?? []);
}

function releaseStates(
  blueprint: Blueprint,
  deployed: readonly DeployedRelease[],
  live: readonly KubeObject[],
): readonly ReleaseState[] {
  return blueprint.stacks.flatMap((stack) =>
    stack.releases.map((release): ReleaseState => {
      const found = deployed.find((one) => one.release === release.name && one.namespace === release.namespace);
      const workloads = live.filter((one) => isWorkload(one) && belongsTo(release, one));
      const own = workloads.map(workloadState);
      return {
        stack: stack.name,
        release: release.name,
        namespace: release.namespace,
        status: found?.status ?? 'absent',
        chart: found?.chart ?? '',
        // Our own charts install more than one program, and say none.
        appVersion: found?.appVersion || workloads.flatMap((one) => workloadVersion(one) ?? [])[0] || '',
        podsReady: own.reduce((sum, { ready }) => sum + ready, 0),
        podsWanted: own.reduce((sum, { wanted }) => sum + wanted, 0),
        healthy: found?.status === 'deployed' && own.every(({ settled }) => settled),
      };
    }),
  );
}

/** From the real world, or from the simulated cloud's records: names of the sandbox are in no resolver. */
async function hostStates(
  ports: Ports,
  { blueprint, surroundings, hands }: StatusRequest,
): Promise<readonly HostState[]> {
  if (surroundings.kind === 'real') {
    return Promise.all(blueprint.hosts.map(({ name, owner }) => lookUp(ports, name, owner)));
  }
  const records = (await (await hands.cloud.api())?.records(blueprint.rootDomain)) ?? [];
  return blueprint.hosts.map(({ name, owner }) => ({
    host: name,
    owner,
    addresses: answers(records, name, blueprint.rootDomain),
  }));
}

async function lookUp({ network }: Ports, host: string, owner: string): Promise<HostState> {
  try {
    return { host, owner, addresses: await network.resolve(host) };
  } catch (error) {
    if (error instanceof FailedError) return { host, owner, addresses: [], trouble: error.message };
    throw error;
  }
}

/** What a resolver would say: the record of that very name, or the nearest wildcard. */
export function answers(
  records: readonly { readonly type: string; readonly name: string; readonly data: string }[],
  host: string,
  domain: string,
): readonly string[] {
  const relative = host === domain ? '@' : host.slice(0, -domain.length - 1);
  const addressesOf = (name: string) =>
    records
      .filter((record) => record.name === name && ['A', 'AAAA', 'CNAME'].includes(record.type))
      .map(({ data }) => data);
  const wildcard = relative.includes('.') ? `*.${relative.slice(relative.indexOf('.') + 1)}` : '*';
  const exact = addressesOf(relative);
  return exact.length > 0 || relative === '@' ? exact : addressesOf(wildcard);
}
