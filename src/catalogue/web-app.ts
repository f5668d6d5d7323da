/**
 * An app of our own making, described once: what runs, what it keeps, who reaches it, and where it may go. Everything
 * else about it — that nobody is root, that what is not allowed is refused, how much it may ask for — is the same for all
 * of them, and said here and in the chart `web-app`.
 */
import type { JsonObject, KubernetesSecret, Release } from '../model/blueprint.ts';
import { BACKUP_OF, backupOwner } from '../model/backup-label.ts';
import type { Environment } from '../model/environment.ts';
import type { Contribution, EntryRequest } from '../model/plugs.ts';
import { ingressFor, ingressPods } from './ingress.ts';
import { PROMETHEUS_CRDS } from './prometheus-crds/entry.ts';
import { resourcesOf, sized, type Resources } from './sizes.ts';
import { RESTRICTED } from './pod-security.ts';

const METRICS_NAMESPACE = 'metrics';

export interface WebApp {
  readonly components: readonly Component[];
  readonly volumes?: readonly AppVolume[];
  /** Short texts that components mount, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** What stands in files as `@NAME@`: the module variable that takes its place. */
  readonly inserts?: Readonly<Record<string, string>>;
  readonly hosts: readonly AppHost[];
  /** The Secret of the app's name: keys, and what they are made of. */
  readonly secret: KubernetesSecret['data'];
  /** What it talks to besides DNS. */
  readonly needs?: readonly Need[];
  /** On the internet alone: never the cluster, never the machines beside it. */
  readonly internetPorts?: readonly number[];
  readonly monitors?: readonly Monitor[];
  /** A backup of this app alone. */
  readonly schedule?: { readonly namespace: string; readonly cron: string; readonly retentionDays: number };
  readonly timeoutSeconds: number;
  /** What taking the release away leaves behind, in words. */
  readonly keeps?: string;
}

/** One Deployment. */
export interface Component {
  readonly name: string;
  readonly image: string;
  /** User and group of the image's own program. */
  readonly user: number;
  readonly group: number;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly replicas?: number;
  readonly port?: number;
  readonly settings: readonly Settings[];
  readonly mounts?: readonly Mount[];
  readonly setUp?: readonly Step[];
  readonly beside?: readonly Beside[];
  readonly health?: Health;
  readonly resources: Resources;
  readonly graceSeconds?: number;
  /** Why the old pod must be gone before a new one comes; volumes are a reason of their own. */
  readonly alone?: string;
  /** Why files of the image must be writable; without a reason they are not. */
  readonly writableRoot?: string;
}

/** Variables, and the option or the reason that they come from. */
export interface Settings {
  readonly from: string;
  readonly variables: readonly Variable[];
}

export type Variable =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly secret: string; readonly key: string }
  /** A module variable: what differs in the sandbox. */
  | { readonly name: string; readonly module: string };

export type Mount =
  | { readonly path: string; readonly volume: string; readonly subPath?: string }
  | { readonly path: string; readonly file: string }
  | { readonly path: string; readonly secret: string; readonly key?: string }
  | { readonly path: string; readonly empty: string };

/** Runs to its end before the component starts, with the component's mounts and variables and some of its own. */
export interface Step {
  readonly name: string;
  readonly image?: string;
  readonly command: readonly string[];
  readonly variables?: readonly Variable[];
}

/** Runs as long as the component, with nothing of it but the network. */
export interface Beside {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly variables: readonly Variable[];
  readonly mounts?: readonly Mount[];
  /** Nothing is sent to the pod before this succeeds. */
  readonly ready?: readonly string[];
  readonly resources: Resources;
  /** As that of a component. */
  readonly writableRoot?: string;
}

export type Health =
  | { readonly path: string; readonly ready?: string; readonly startSeconds: number }
  | { readonly command: readonly string[]; readonly startSeconds: number };

export interface AppVolume {
  readonly name: string;
  readonly size: string;
  readonly option: string;
  /** Whether its files go into backups; a cache does not. */
  readonly fileBackup: boolean;
}

export interface AppHost {
  readonly name: string;
  readonly component: string;
  readonly purpose: string;
  /** Below which it answers; the whole host when absent. */
  readonly paths?: readonly string[];
  /** Below which it answers nobody from outside. */
  readonly closed?: readonly string[];
  readonly login?: { readonly user: string; readonly secret: string };
}

/**
 * What an app uses of others: a database, a cache, a bucket, a mail server. What it brings to the blueprint, where its
 * pods must get to, and the Secrets that its containers read.
 */
export interface Need {
  readonly brings?: Partial<Contribution>;
  readonly pods?: readonly { readonly namespace: string; readonly labels: JsonObject; readonly port: number }[];
  /** Ports of hosts that may lie in the cluster or outside of it. */
  readonly ports?: readonly number[];
  /** Keys for the Secret of the app's name. */
  readonly secret?: KubernetesSecret['data'];
  /** Secrets of names of their own that containers read, `namespace/name`. */
  readonly reads?: readonly string[];
  /** Releases of the app's stack that come before it. */
  readonly after?: readonly string[];
}

export interface Monitor {
  readonly component: string;
  readonly path: string;
  /** Keys of the app's Secret with a name and a password. */
  readonly user?: { readonly name: string; readonly password: string };
}

export function webApp(request: EntryRequest, id: string, app: WebApp): Contribution {
  const { origins, namespace, stack } = request;
  const origin = origins.of(`apps.${id}`);
  const needs = app.needs ?? [];
  const secret = Object.assign({}, app.secret, ...needs.map((need) => need.secret ?? {})) as KubernetesSecret['data'];
  const hasSecret = Object.keys(secret).length > 0;
  const own: Contribution = {
    releases: [releaseOf(request, id, app, hasSecret ? [`${namespace}/${id}`] : [])],
    hosts: app.hosts.map(({ name, purpose, login }) => ({
      name,
      owner: id,
      purpose,
      origin,
      ...(login === undefined ? {} : { login }),
    })),
    kubernetesSecrets: hasSecret ? [{ namespace, name: id, stack, origin, data: secret }] : [],
    namespaceLabels: RESTRICTED,
    volumes: (app.volumes ?? []).map(({ name, size, fileBackup }) => ({
      name,
      namespace,
      release: id,
      size,
      owner: id,
      fileBackup,
    })),
    schedules:
      app.schedule === undefined
        ? []
        : [
            {
              name: id,
              cron: app.schedule.cron,
              namespaces: [namespace],
              retentionDays: app.schedule.retentionDays,
            },
          ],
  };
  return together(...needs.map((need) => need.brings ?? {}), own);
}

function releaseOf(request: EntryRequest, id: string, app: WebApp, reads: readonly string[]): Release {
  const { origins, namespace } = request;
  const needs = app.needs ?? [];
  return {
    name: id,
    namespace,
    entry: id,
    chart: { kind: 'first-party', name: 'web-app' },
    values: 'web-app',
    context: contextOf(request, id, app),
    variables: needs.flatMap(({ brings }) => (brings?.variables ?? []).map(({ name }) => name)),
    timeoutSeconds: app.timeoutSeconds,
    after: [PROMETHEUS_CRDS, ...needs.flatMap(({ after }) => after ?? [])],
    reads: [...reads, ...needs.flatMap((need) => need.reads ?? [])],
    origin: origins.of(`apps.${id}`),
    ...(app.keeps === undefined ? {} : { holdsData: { name: id, what: app.keeps } }),
    workloads: true,
  };
}

/** What the template reads: everything is there, what is not meant is null or empty. */
function contextOf({ environment, context, offer }: EntryRequest, id: string, app: WebApp): JsonObject {
  const needs = app.needs ?? [];
  const volumes = app.volumes ?? [];
  const internet = app.internetPorts ?? [];
  const anywhere = [...new Set(needs.flatMap(({ ports }) => ports ?? []))].sort((one, other) => one - other);
  const pods = needs.flatMap((need) => need.pods ?? []);
  const monitors = environment.metrics.enabled ? (app.monitors ?? []) : [];
  return {
    components: app.components.map((component) => componentContext(environment, component)),
    hasVolumes: volumes.length > 0,
    volumes: volumes.map(({ name, size, option }) => ({ name, size, option })),
    storageClass: offer.storageClass ?? null,
    hasFiles: Object.keys(app.files ?? {}).length > 0,
    files: Object.entries(app.files ?? {}).map(([name, text]) => ({ name, text })),
    hasInserts: Object.keys(app.inserts ?? {}).length > 0,
    inserts: Object.entries(app.inserts ?? {}).map(([name, module]) => ({ name, module })),
    ingress: ingressFor(environment),
    hosts: app.hosts.map(({ name, component, paths, closed }) => ({
      name,
      component,
      paths: paths ?? ['/'],
      closed: closed ?? null,
    })),
    ingressPods: ingressPods(environment),
    metricsNamespace: monitors.length > 0 ? METRICS_NAMESPACE : null,
    hasPods: pods.length > 0,
    pods: pods.map(({ namespace, labels, port }) => ({ namespace, labels, port })),
    hasInternet: internet.length > 0,
    internet,
    hasAnywhere: anywhere.length > 0,
    anywhere,
    hasMonitors: monitors.length > 0,
    monitors: monitors.map(({ component, path, user }) => ({
      component,
      path,
      user: user === undefined ? null : { secret: id, ...user },
    })),
    quota: quotaOf(environment, app),
    defaults: DEFAULTS,
    schedule:
      app.schedule === undefined
        ? null
        : {
            namespace: app.schedule.namespace,
            cron: app.schedule.cron,
            ttl: `${app.schedule.retentionDays * 24}h0m0s`,
            labels: { [BACKUP_OF]: backupOwner(context) },
          },
  };
}

function componentContext(environment: Environment, component: Component): JsonObject {
  const { setUp = [], beside = [], mounts = [], health } = component;
  const mountsVolume = mounts.some((mount) => 'volume' in mount);
  return {
    name: component.name,
    image: component.image,
    user: component.user,
    group: component.group,
    replicas: component.replicas ?? 1,
    // A block volume is attached to one node at a time.
    recreate: mountsVolume || component.alone !== undefined,
    alone: component.alone ?? null,
    writableRoot: component.writableRoot !== undefined,
    whyWritable: component.writableRoot ?? null,
    command: component.command ?? null,
    args: component.args ?? null,
    port: component.port ?? null,
    hasSettings: component.settings.some(({ variables }) => variables.length > 0),
    settings: component.settings
      .filter(({ variables }) => variables.length > 0)
      .map(({ from, variables }) => ({ from, variables: variables.map(variableContext) })),
    hasMounts: mounts.length > 0,
    mounts: mounts.map((mount) => ({ ...mount })),
    hasSetUp: setUp.length > 0,
    setUp: setUp.map((step) => stepContext(step, component)),
    hasBeside: beside.length > 0,
    beside: beside.map((one) => ({
      name: one.name,
      image: one.image ?? component.image,
      command: one.command ?? null,
      ready: one.ready ?? null,
      variables: one.variables.map(variableContext),
      hasMounts: (one.mounts ?? []).length > 0,
      mounts: (one.mounts ?? []).map((mount) => ({ ...mount })),
      writableRoot: one.writableRoot !== undefined,
      resources: resourcesOf(environment, one.resources),
    })),
    health: health === undefined ? null : { ...health },
    graceSeconds: component.graceSeconds ?? 30,
    resources: resourcesOf(environment, component.resources),
  };
}

function stepContext({ name, image, command, variables = [] }: Step, component: Component): JsonObject {
  return {
    name,
    image: image ?? component.image,
    command,
    hasVariables: variables.length > 0,
    variables: variables.map(variableContext),
  };
}

function variableContext(variable: Variable): JsonObject {
  return {
    name: variable.name,
    value: 'value' in variable ? variable.value : null,
    secret: 'secret' in variable ? variable.secret : null,
    key: 'secret' in variable ? variable.key : null,
    module: 'module' in variable ? variable.module : null,
  };
}

/** A container that says nothing, such as one that a restore puts in. */
const DEFAULTS = { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '256Mi' } } as const;
/** Beside the app's own: its cache, and what restores and jobs need for a while. */
const ROOM = { cpu: 500, memory: 512, memoryLimit: 2048, pods: 10 } as const;

/** Twice what is asked for: while a new version comes up, the old one is still there. */
function quotaOf(environment: Environment, { components, volumes = [] }: WebApp): JsonObject {
  const all = components.flatMap((component) =>
    [component.resources, ...(component.beside ?? []).map(({ resources }) => resources)].map((resources) => ({
      ...sized(environment, resources),
      replicas: component.replicas ?? 1,
    })),
  );
  const twice = (key: keyof Resources): number => 2 * all.reduce((sum, one) => sum + one[key] * one.replicas, 0);
  return {
    'requests.cpu': `${twice('cpu') + ROOM.cpu}m`,
    'requests.memory': `${twice('memory') + ROOM.memory}Mi`,
    'limits.memory': `${twice('memoryLimit') + ROOM.memoryLimit}Mi`,
    pods: String(2 * components.reduce((sum, { replicas = 1 }) => sum + replicas, 0) + ROOM.pods),
    persistentvolumeclaims: String(volumes.length + 2),
    'services.loadbalancers': '0',
    'services.nodeports': '0',
  };
}

/** Every list one after the other. */
export function together(...parts: readonly Partial<Contribution>[]): Contribution {
  const all = <K extends Exclude<keyof Contribution, 'namespaceLabels'>>(key: K) =>
    parts.flatMap((part) => (part[key] ?? []) as readonly unknown[]) as unknown as NonNullable<Contribution[K]>;
  return {
    releases: all('releases'),
    variables: all('variables'),
    hosts: all('hosts'),
    databases: all('databases'),
    secrets: all('secrets'),
    kubernetesSecrets: all('kubernetesSecrets'),
    volumes: all('volumes'),
    buckets: all('buckets'),
    schedules: all('schedules'),
    provisioners: all('provisioners'),
    wafExclusions: all('wafExclusions'),
    namespaceLabels: Object.assign({}, ...parts.map((part) => part.namespaceLabels ?? {})) as Record<string, string>,
  };
}
