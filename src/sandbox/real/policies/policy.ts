/** NetworkPolicies as the API has them, and what they mean for the pods that are there. Pure. */
import type { KubeObject } from '../../kubernetes/objects.ts';
import { selects, type Labels, type LabelSelector } from './selector.ts';

export interface NetworkPolicy extends KubeObject {
  readonly spec: {
    readonly podSelector?: LabelSelector;
    readonly policyTypes?: readonly ('Ingress' | 'Egress')[];
    readonly ingress?: readonly { readonly from?: readonly Peer[]; readonly ports?: readonly PolicyPort[] }[];
    readonly egress?: readonly { readonly to?: readonly Peer[]; readonly ports?: readonly PolicyPort[] }[];
  };
}

interface Peer {
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
  readonly ipBlock?: Block;
}

export interface Block {
  readonly cidr: string;
  readonly except?: readonly string[];
}

interface PolicyPort {
  readonly protocol?: Protocol;
  /** A number, or the name of a port of the pod that is called. */
  readonly port?: number | string;
  readonly endPort?: number;
}

export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/** A pod that has an address of its own. */
export interface PolicedPod {
  readonly namespace: string;
  readonly labels: Labels;
  readonly address: string;
  readonly ports: readonly NamedPort[];
}

export interface NamedPort {
  readonly name: string;
  readonly protocol: Protocol;
  readonly number: number;
}

export interface PolicedCluster {
  readonly pods: readonly PolicedPod[];
  /** The labels of each namespace. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  readonly policies: readonly NetworkPolicy[];
}

/** What may pass from or to one pod; a direction without a list is open. */
export interface Filter {
  readonly address: string;
  readonly ingress?: readonly Allowance[];
  readonly egress?: readonly Allowance[];
}

export interface Allowance {
  readonly peers: Peers;
  /** On the side that is called. Absent: all of them. */
  readonly ports?: readonly Ports[];
}

/** Addresses of pods, and ranges outside the cluster. */
export type Peers = 'anyone' | { readonly pods: readonly string[]; readonly blocks: readonly Block[] };

export interface Ports {
  readonly protocol: Protocol;
  /** Absent: all of the protocol. */
  readonly first?: number;
  readonly last?: number;
}

interface Rule {
  readonly peers: readonly Peer[];
  readonly ports: readonly PolicyPort[];
}

/** Of every pod that a policy selects. */
export function filtersOf(cluster: PolicedCluster): readonly Filter[] {
  return cluster.pods.flatMap((pod) => {
    const own = cluster.policies.filter(
      ({ metadata, spec }) => metadata.namespace === pod.namespace && selects(spec.podSelector ?? {}, pod.labels),
    );
    const into = own.filter((policy) => directions(policy).includes('Ingress'));
    const out = own.filter((policy) => directions(policy).includes('Egress'));
    if (into.length === 0 && out.length === 0) return [];
    const incoming = ({ spec }: NetworkPolicy): readonly Allowance[] =>
      (spec.ingress ?? []).flatMap(({ from = [], ports = [] }) =>
        ingressAllowances({ peers: from, ports }, pod, cluster),
      );
    const outgoing = ({ spec }: NetworkPolicy): readonly Allowance[] =>
      (spec.egress ?? []).flatMap(({ to = [], ports = [] }) => egressAllowances({ peers: to, ports }, pod, cluster));
    return [
      {
        address: pod.address,
        ...(into.length > 0 && { ingress: into.flatMap(incoming) }),
        ...(out.length > 0 && { egress: out.flatMap(outgoing) }),
      },
    ];
  });
}

function directions({ spec }: NetworkPolicy): readonly ('Ingress' | 'Egress')[] {
  return spec.policyTypes ?? (spec.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress']);
}

function ingressAllowances(rule: Rule, pod: PolicedPod, cluster: PolicedCluster): readonly Allowance[] {
  const peers = peersOf(rule.peers, pod.namespace, cluster);
  if (rule.ports.length === 0) return [{ peers }];
  const ports = rule.ports.flatMap((port) => numbered(port, pod) ?? []);
  return ports.length === 0 ? [] : [{ peers, ports }];
}

/** A port's name means another number in each pod that is called, and nothing outside the cluster. */
function egressAllowances(rule: Rule, { namespace }: PolicedPod, cluster: PolicedCluster): readonly Allowance[] {
  const peers = peersOf(rule.peers, namespace, cluster);
  if (rule.ports.length === 0) return [{ peers }];
  const called = cluster.pods.filter(({ address }) => peers === 'anyone' || peers.pods.includes(address));
  const ports = rule.ports.filter(({ port }) => typeof port !== 'string').flatMap((port) => numbered(port) ?? []);
  const byName = rule.ports
    .filter(({ port }) => typeof port === 'string')
    .flatMap((port) =>
      called.flatMap((pod): readonly Allowance[] => {
        const found = numbered(port, pod);
        return found === undefined ? [] : [{ peers: { pods: [pod.address], blocks: [] }, ports: [found] }];
      }),
    );
  return [...(ports.length === 0 ? [] : [{ peers, ports }]), ...byName];
}

function peersOf(peers: readonly Peer[], namespace: string, { pods, namespaces }: PolicedCluster): Peers {
  if (peers.length === 0) return 'anyone';
  const isMeant = (pod: PolicedPod): boolean =>
    peers.some(
      ({ ipBlock, namespaceSelector, podSelector }) =>
        ipBlock === undefined &&
        (namespaceSelector === undefined
          ? pod.namespace === namespace
          : selects(namespaceSelector, namespaces.get(pod.namespace))) &&
        selects(podSelector ?? {}, pod.labels),
    );
  return {
    pods: pods.filter(isMeant).map(({ address }) => address),
    blocks: peers.flatMap(({ ipBlock }) => ipBlock ?? []),
  };
}

/** Undefined when the pod has no port of that name. */
function numbered({ protocol = 'TCP', port, endPort }: PolicyPort, pod?: PolicedPod): Ports | undefined {
  if (port === undefined) return { protocol };
  const first =
    typeof port === 'number'
      ? port
      : pod?.ports.find(({ name, protocol: spoken }) => name === port && spoken === protocol)?.number;
  return first === undefined ? undefined : { protocol, first, last: endPort ?? first };
}
