import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../processes/wait.ts';
import type { NodeSpec } from '../digitalocean/contracts.ts';
import type { KubeClient } from './client.ts';
import type { Condition, KubeObject } from './objects.ts';

export interface Node extends KubeObject {
  readonly spec?: { readonly unschedulable?: boolean };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly nodeInfo?: { readonly kubeletVersion: string };
  };
}

interface Pod extends KubeObject {
  readonly spec: { readonly nodeName?: string };
}

interface List<T> {
  readonly items: readonly T[];
}

const READY_WITHIN_MS = 60_000;
const DRAIN_WITHIN_MS = 15_000;
const ASK_EVERY_MS = 50;
/** What the kubelet and the system keep of a node: about what DOKS keeps of a small one. */
const RESERVED_CPU_MILLIS = 100;
const RESERVED_MEMORY_SHARE = 0.25;
const PODS_PER_NODE = 110;

/** The cluster's nodes become exactly these. Resolves when every one is Ready and the others are gone. */
export async function reconcileNodes(
  client: KubeClient,
  wanted: readonly NodeSpec[],
  kind: 'played' | 'real',
): Promise<void> {
  const { items } = await client.get<List<Node>>('/api/v1/nodes');
  const names = new Set(wanted.map(({ name }) => name));
  await announceNodes(client, wanted);
  if (kind === 'played') await Promise.all(wanted.map((spec) => playNode(client, spec)));
  await allReady(client, names);
  await Promise.all(items.filter(({ metadata }) => !names.has(metadata.name)).map((node) => removeNode(client, node)));
}

/** Their objects, with the labels and taints of their pools: a kubelet that finds one says the rest itself. */
export async function announceNodes(client: KubeClient, wanted: readonly NodeSpec[]): Promise<void> {
  await Promise.all(wanted.map((spec) => client.patch(`/api/v1/nodes/${spec.name}`, 'apply', nodeObject(spec))));
}

async function playNode(client: KubeClient, spec: NodeSpec): Promise<void> {
  await client.patch(`/api/v1/nodes/${spec.name}/status`, 'merge', { status: nodeStatus(spec) });
}

function nodeObject(spec: NodeSpec): object {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: spec.name,
      labels: {
        'kubernetes.io/hostname': spec.name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        ...spec.labels,
      },
    },
    spec: { providerID: spec.providerId, ...(spec.taints.length === 0 ? {} : { taints: spec.taints }) },
  };
}

export function nodeStatus(spec: NodeSpec): object {
  const capacity = {
    cpu: String(spec.vcpus),
    memory: `${String(spec.memoryMiB)}Mi`,
    'ephemeral-storage': `${String(spec.diskGiB)}Gi`,
    pods: String(PODS_PER_NODE),
  };
  return {
    capacity,
    allocatable: {
      ...capacity,
      cpu: `${String(spec.vcpus * 1000 - RESERVED_CPU_MILLIS)}m`,
      memory: `${String(Math.floor(spec.memoryMiB * (1 - RESERVED_MEMORY_SHARE)))}Mi`,
    },
    // The API server dials the internal address for logs and exec, so it is the one where kwok answers.
    addresses: [
      { type: 'Hostname', address: spec.name },
      { type: 'InternalIP', address: '127.0.0.1' },
      { type: 'ExternalIP', address: spec.publicAddress },
    ],
    nodeInfo: {
      kubeletVersion: spec.kubeletVersion,
      kubeProxyVersion: spec.kubeletVersion,
      containerRuntimeVersion: 'kwok://sandbox',
      architecture: 'amd64',
      operatingSystem: 'linux',
      osImage: 'ffops sandbox',
      kernelVersion: '',
      machineID: '',
      systemUUID: '',
      bootID: '',
    },
  };
}

async function allReady(client: KubeClient, names: ReadonlySet<string>): Promise<void> {
  await waitFor(`not all of these nodes become Ready: ${[...names].join(', ')}`, READY_WITHIN_MS, async () => {
    const { items } = await client.get<List<Node>>('/api/v1/nodes');
    const ready = new Set(items.filter(isReady).map(({ metadata }) => metadata.name));
    return [...names].every((name) => ready.has(name)) ? true : undefined;
  });
}

function isReady(node: Node): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

/** As DOKS does: no new pods, the old ones are moved, then the node goes. */
async function removeNode(client: KubeClient, node: Node): Promise<void> {
  const { name } = node.metadata;
  const path = `/api/v1/nodes/${name}`;
  await client.patch(path, 'merge', { spec: { unschedulable: true } });
  const podsPath = `/api/v1/pods?fieldSelector=spec.nodeName=${name}`;
  const remove = async (pods: readonly Pod[], options: object): Promise<void> => {
    const paths = pods.map((pod) => `/api/v1/namespaces/${pod.metadata.namespace ?? ''}/pods/${pod.metadata.name}`);
    await Promise.all(paths.map((pod) => client.remove(pod, options)));
  };
  const movable = (await client.get<List<Pod>>(podsPath)).items.filter((pod) => !ownedByDaemonSet(pod));
  await remove(movable, {});
  const deadline = Date.now() + DRAIN_WITHIN_MS;
  while ((await client.get<List<Pod>>(podsPath)).items.some((pod) => !ownedByDaemonSet(pod)) && Date.now() < deadline) {
    await sleep(ASK_EVERY_MS);
  }
  await client.remove(path);
  await remove((await client.get<List<Pod>>(podsPath)).items, { gracePeriodSeconds: 0 });
}

function ownedByDaemonSet(pod: Pod): boolean {
  return pod.metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet') ?? false;
}
