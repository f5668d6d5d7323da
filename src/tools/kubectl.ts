/** kubectl: argv and the shape of what it prints. Every call is pinned to one kubeconfig and one context. */
import { delimiter, join } from 'node:path';
import { z } from 'zod';
import type { ClusterService } from '../model/blueprint.ts';
import type { Secret } from '../model/secret.ts';
import type { ToolCall } from './call.ts';

/** Where a run of kubectl or helm goes, whatever the user's own kubeconfig says. */
export interface ClusterPin {
  readonly kubeconfig: string;
  readonly context: string;
  /** Discovery is remembered here rather than in the user's home. */
  readonly cacheFolder: string;
}

/** The API server answers in milliseconds or it is in trouble. */
const requestTimeout = '20s';

export function pinned(pin: ClusterPin, args: readonly string[]): ToolCall {
  return {
    args: ['--kubeconfig', pin.kubeconfig, '--context', pin.context, ...args],
    env: { KUBECACHEDIR: pin.cacheFolder },
  };
}

export interface Selection {
  /** Absent: all namespaces, which also finds what belongs to none. */
  readonly namespace?: string;
  readonly labels?: string;
  readonly fields?: string;
  readonly managedFields?: boolean;
}

export function getObjects(pin: ClusterPin, kinds: readonly string[], selection: Selection = {}): ToolCall {
  return pinned(pin, [
    'get',
    kinds.join(','),
    ...(selection.namespace === undefined ? ['--all-namespaces'] : ['--namespace', selection.namespace]),
    ...(selection.labels === undefined ? [] : ['--selector', selection.labels]),
    ...(selection.fields === undefined ? [] : ['--field-selector', selection.fields]),
    ...(selection.managedFields === true ? ['--show-managed-fields'] : []),
    '--output',
    'json',
    '--ignore-not-found',
    '--request-timeout',
    requestTimeout,
  ]);
}

export function getNamespace(pin: ClusterPin, name: string): ToolCall {
  return pinned(pin, ['get', 'namespace', name, '--output', 'json', '--request-timeout', requestTimeout]);
}

/** Manifests travel through stdin only: they may hold secret values. They are made by code, and some are but a part. */
export function applyManifests(pin: ClusterPin, manifests: string | Secret, fieldManager: string): ToolCall {
  return {
    ...pinned(pin, [
      'apply',
      '--server-side',
      '--force-conflicts',
      '--validate=false',
      '--field-manager',
      fieldManager,
      '--output',
      'name',
      '--filename',
      '-',
    ]),
    stdin: manifests,
    finishes: true,
  };
}

/** Fails with `AlreadyExists` when somebody else was first. */
export function createManifest(pin: ClusterPin, manifest: string): ToolCall {
  return { ...pinned(pin, ['create', '--output', 'json', '--filename', '-']), stdin: manifest, finishes: true };
}

/** Fails with `Conflict` when the object is another one by now than its resourceVersion says. */
export function replaceManifest(pin: ClusterPin, manifest: string): ToolCall {
  return { ...pinned(pin, ['replace', '--output', 'json', '--filename', '-']), stdin: manifest, finishes: true };
}

export interface ObjectName {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

export function deleteObject(pin: ClusterPin, object: ObjectName, timeoutSeconds?: number): ToolCall {
  const call = pinned(pin, [
    'delete',
    object.kind,
    object.name,
    ...(object.namespace === undefined ? [] : ['--namespace', object.namespace]),
    '--ignore-not-found',
    ...(timeoutSeconds === undefined ? ['--wait=false'] : ['--wait=true', '--timeout', `${timeoutSeconds}s`]),
    '--output',
    'name',
  ]);
  return { ...call, finishes: true };
}

export function scale(pin: ClusterPin, workload: ObjectName & { readonly replicas: number }): ToolCall {
  const call = pinned(pin, [
    'scale',
    `${workload.kind}/${workload.name}`,
    ...(workload.namespace === undefined ? [] : ['--namespace', workload.namespace]),
    '--replicas',
    String(workload.replicas),
  ]);
  return { ...call, finishes: true };
}

export function suspend(pin: ClusterPin, { namespace, name }: ObjectName, suspended: boolean): ToolCall {
  const patch = JSON.stringify({ spec: { suspend: suspended } });
  const where = namespace === undefined ? [] : ['--namespace', namespace];
  return {
    ...pinned(pin, ['patch', 'cronjob.batch', name, ...where, '--type', 'merge', '--patch', patch]),
    finishes: true,
  };
}

/** A program in a container; with a terminal when `interactive`, else what comes in by stdin goes to it. */
export function execute(
  pin: ClusterPin,
  pod: { readonly namespace: string; readonly name: string; readonly container: string },
  program: readonly string[],
  interactive: boolean,
): ToolCall {
  const terminal = interactive ? ['--stdin', '--tty'] : ['--stdin'];
  const where = [pod.name, '--namespace', pod.namespace, '--container', pod.container];
  return { ...pinned(pin, ['exec', ...terminal, ...where, '--', ...program]), ...(interactive && { interactive }) };
}

/** Listens at a port of this machine that nobody else has, and says which, until it is told to stop. */
export function portForward(pin: ClusterPin, { namespace, name, port }: ClusterService): ToolCall {
  const where = ['--namespace', namespace, '--address', '127.0.0.1'];
  return pinned(pin, ['port-forward', ...where, `service/${name}`, `:${port}`]);
}

/** Its word that it listens: the port, or undefined for another line. */
export function forwardedPort(line: string): string | undefined {
  return /^Forwarding from 127\.0\.0\.1:(\d+) ->/.exec(line)?.[1];
}

/** What `config view` reads, from the first to the last. */
export function kubeconfigFiles(variables: Readonly<Record<string, string | undefined>>): readonly string[] {
  return variables['KUBECONFIG']?.split(delimiter) ?? [join(variables['HOME'] ?? '', '.kube', 'config')];
}

/** One context of the user's kubeconfig with everything it needs in itself; the user's file is only read. */
export function viewContext(context: string): ToolCall {
  return {
    args: ['config', 'view', '--minify', '--flatten', '--raw', '--context', context, '--output', 'json'],
  };
}

/** Dials the kubelet behind the API server. */
export function podLogs(
  pin: ClusterPin,
  pod: { readonly namespace: string; readonly name: string; readonly container?: string },
  lines: number,
  previous: boolean,
): ToolCall {
  return pinned(pin, [
    'logs',
    pod.name,
    '--namespace',
    pod.namespace,
    ...(pod.container === undefined ? ['--all-containers'] : ['--container', pod.container]),
    '--tail',
    String(lines),
    ...(previous ? ['--previous'] : []),
    '--request-timeout',
    requestTimeout,
  ]);
}

/** Every pod of a workload, each line with the pod it comes from. Dials the kubelet behind the API server. */
export function workloadLogs(
  pin: ClusterPin,
  workload: { readonly namespace: string; readonly name: string },
  options: { readonly lines: number; readonly since?: string | undefined; readonly follow: boolean },
): ToolCall {
  return pinned(pin, [
    'logs',
    workload.name,
    '--namespace',
    workload.namespace,
    '--all-containers',
    '--all-pods',
    '--prefix',
    '--tail',
    String(options.lines),
    ...(options.since === undefined ? [] : ['--since', options.since]),
    ...(options.follow ? ['--follow', '--max-log-requests', '50'] : []),
  ]);
}

const metadataSchema = z.looseObject({
  name: z.string(),
  namespace: z.string().optional(),
  uid: z.string().default(''),
  creationTimestamp: z.string().default(''),
  deletionTimestamp: z.string().optional(),
  generation: z.number().optional(),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
  managedFields: z.array(z.looseObject({ manager: z.string().default(''), time: z.string().optional() })).default([]),
});

const objectSchema = z.looseObject({
  kind: z.string(),
  apiVersion: z.string().default(''),
  metadata: metadataSchema,
});

/** An object of the cluster: what they all share is checked, the rest is read where it is needed. */
export type KubeObject = z.infer<typeof objectSchema>;

const listSchema = z.union([z.looseObject({ kind: z.literal('List'), items: z.array(objectSchema) }), objectSchema]);

/** Whatever `get --output json` printed, as a list; nothing found prints nothing. Throws on anything else. */
export function parseObjects(stdout: string): readonly KubeObject[] {
  if (stdout.trim() === '') return [];
  const parsed = listSchema.parse(JSON.parse(stdout));
  return 'items' in parsed ? (parsed.items as readonly KubeObject[]) : [parsed];
}
