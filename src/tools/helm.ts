/** helm: argv and the shape of what it prints. Every call is pinned to one kubeconfig and one context. */
import { z } from 'zod';
import type { ToolCall } from './call.ts';
import type { ClusterPin } from './kubectl.ts';

function pinned(pin: ClusterPin, args: readonly string[]): ToolCall {
  return {
    args: [...args, '--kubeconfig', pin.kubeconfig, '--kube-context', pin.context],
    env: helmFolders(pin.cacheFolder),
  };
}

/** Helm keeps plugins, repositories and caches in the user's home unless told otherwise. */
function helmFolders(cacheFolder: string): Record<string, string> {
  return {
    KUBECACHEDIR: cacheFolder,
    HELM_CACHE_HOME: `${cacheFolder}/helm`,
    HELM_CONFIG_HOME: `${cacheFolder}/helm`,
    HELM_DATA_HOME: `${cacheFolder}/helm`,
  };
}

/** Every release of the cluster, whatever its status. */
export function listReleases(pin: ClusterPin): ToolCall {
  return pinned(pin, ['list', '--all-namespaces', '--all', '--max', '0', '--output', 'json']);
}

export function history(pin: ClusterPin, release: string, namespace: string): ToolCall {
  return pinned(pin, ['history', release, '--namespace', namespace, '--max', '20', '--output', 'json']);
}

export function deployedManifest(pin: ClusterPin, release: string, namespace: string): ToolCall {
  return pinned(pin, ['get', 'manifest', release, '--namespace', namespace]);
}

/**
 * What an upgrade would install, rendered against the cluster's own capabilities and with its lookups; changes nothing.
 * Values come by stdin: they are what OpenTofu worked out.
 */
export function rehearseUpgrade(
  pin: ClusterPin,
  release: { readonly name: string; readonly namespace: string; readonly chart: string },
  values: string,
  folder: string,
): ToolCall {
  return {
    ...pinned(pin, [
      'upgrade',
      release.name,
      release.chart,
      '--namespace',
      release.namespace,
      '--dry-run=server',
      '--reset-values',
      '--no-hooks',
      '--values',
      '-',
      '--output',
      'json',
    ]),
    stdin: values,
    cwd: folder,
  };
}

/** What a chart would install, hooks and tests included; asks no cluster. */
export function template(
  release: { readonly name: string; readonly namespace: string; readonly chart: string },
  values: string,
  cacheFolder: string,
): ToolCall {
  const capabilities = RENDERED_FOR.flatMap((api) => ['--api-versions', api]);
  const { name, namespace, chart } = release;
  return {
    args: ['template', name, chart, '--namespace', namespace, '--include-crds', ...capabilities, '--values', '-'],
    env: helmFolders(cacheFolder),
    stdin: values,
  };
}

/** Charts refuse to make objects of kinds that they do not see; ours see to it that these come first. */
const RENDERED_FOR = ['monitoring.coreos.com/v1'];

const rehearsedSchema = z.object({ manifest: z.string() });

export function parseRehearsed(stdout: string): string {
  return rehearsedSchema.parse(JSON.parse(stdout)).manifest;
}

export function rollback(pin: ClusterPin, release: string, namespace: string, revision: number): ToolCall {
  const call = pinned(pin, [
    'rollback',
    release,
    String(revision),
    '--namespace',
    namespace,
    '--no-hooks',
    '--history-max',
    '5',
  ]);
  return { ...call, finishes: true };
}

export function uninstall(pin: ClusterPin, release: string, namespace: string): ToolCall {
  const call = pinned(pin, ['uninstall', release, '--namespace', namespace, '--no-hooks', '--wait', '--timeout', '2m']);
  return { ...call, finishes: true };
}

const releaseSchema = z.object({
  name: z.string(),
  namespace: z.string(),
  /** Helm prints it as text. */
  revision: z.coerce.number(),
  updated: z.string(),
  status: z.string(),
  chart: z.string(),
  app_version: z.string().default(''),
});
export type HelmRelease = z.infer<typeof releaseSchema>;

export function parseReleases(stdout: string): readonly HelmRelease[] {
  return z.array(releaseSchema).parse(JSON.parse(stdout));
}

const revisionSchema = z.object({ revision: z.number(), status: z.string(), updated: z.string(), chart: z.string() });
export type HelmRevision = z.infer<typeof revisionSchema>;

/** Oldest first, as Helm prints them. */
export function parseHistory(stdout: string): readonly HelmRevision[] {
  return z.array(revisionSchema).parse(JSON.parse(stdout));
}
