/**
 * An app of our own making, described once: what runs, what it keeps, who reaches it, and where it may go. Everything
 * else about it — that nobody is root, that what is not allowed is refused, how much it may ask for — is the same for all
 * of them, and said here and in the chart `web-app`.
 */
import type { Json, JsonObject, KubernetesSecret, Release, StackVariable } from '../model/blueprint.ts';
import type { Contribution, EntryRequest } from '../model/plugs.ts';
import { ingressOf, ingressPods } from './ingress.ts';
import { sized, type Resources } from './sizes.ts';
import { PROMETHEUS_CRDS } from './prometheus-crds/entry.ts';

const METRICS_NAMESPACE = 'metrics';

export interface WebApp {
  readonly components: readonly Component[];
  readonly volumes?: readonly AppVolume[];
  /** Short texts that components mount, by name. */
  readonly files?: Readonly<Record<string, string>>;
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
  readonly gate?: Step & { readonly ready: readonly string[]; readonly resources: Resources };
  readonly health?: Health;
  readonly resources: Resources;
  readonly graceSeconds?: number;
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

/** A container beside the component's own, with its mounts and variables and some of its own. */
export interface Step {
  readonly name: string;
  readonly image?: string;
  readonly command: readonly string[];
  readonly variables?: readonly Variable[];
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

/** The namespace admits only what Kubernetes calls restricted: not root, no privilege, nothing of the machine. */
const RESTRICTED = { 'pod-security.kubernetes.io/enforce': 'restricted' } as const;

export function webApp(request: EntryRequest, id: string, app: WebApp): Contribution {
  const { environment, origins, namespace, stack } = request;
  const origin = origins.of(`apps.${id}`);
  const needs = app.needs ?? [];
  const secret = Object.assign({}, app.secret, ...needs.map((need) => need.secret ?? {})) as KubernetesSecret['data'];
  const own: Contribution = {
    releases: [releaseOf(request, id, app, secret)],
    hosts: app.hosts.map(({ name, purpose, login }) => ({
      name,
      owner: id,
      purpose,
      origin,
      ...(login === undefined ? {} : { login }),
    })),
    kubernetesSecrets: [{ namespace, name: id, stack, origin, data: secret }],
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
  void environment;
  return together(...needs.map((need) => need.brings ?? {}), own);
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
    namespaceLabels: Object.assign({}, ...parts.map((part) => part.namespaceLabels ?? {})) as Record<string, string>,
  };
}
