/** doctl: argv and the shape of what it prints. The token travels by environment, its files stay in the workspace. */
import { z } from 'zod';
import type { Secret } from '../model/secret.ts';
import type { ToolCall } from './call.ts';

export interface DoctlAccess {
  readonly token: Secret;
  /** doctl's configuration and caches, instead of the user's. */
  readonly folder: string;
  /** DIGITALOCEAN_API_URL and the like. */
  readonly variables: Readonly<Record<string, string | Secret>>;
}

function doctl(access: DoctlAccess, args: readonly string[]): ToolCall {
  return {
    args: [...args, '--config', `${access.folder}/config.yaml`, '--interactive=false'],
    env: {
      ...access.variables,
      DIGITALOCEAN_ACCESS_TOKEN: access.token,
      // macOS takes its configuration folder from HOME, Linux from XDG_CONFIG_HOME.
      HOME: access.folder,
      XDG_CONFIG_HOME: access.folder,
    },
  };
}

export function listClusters(access: DoctlAccess): ToolCall {
  return doctl(access, ['kubernetes', 'cluster', 'list', '--output', 'json']);
}

/** Prints a kubeconfig whose token ends by itself. */
export function showKubeconfig(access: DoctlAccess, clusterId: string, expirySeconds: number): ToolCall {
  return doctl(access, [
    'kubernetes',
    'cluster',
    'kubeconfig',
    'show',
    clusterId,
    '--expiry-seconds',
    String(expirySeconds),
  ]);
}

const clusterSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  status: z.looseObject({ state: z.string() }),
});
export type DoksCluster = z.infer<typeof clusterSchema>;

export function parseClusters(stdout: string): readonly DoksCluster[] {
  return z.array(clusterSchema).nullable().parse(JSON.parse(stdout)) ?? [];
}

const errorSchema = z.object({ errors: z.array(z.object({ detail: z.string() })) });

/** With JSON output doctl prints its errors as JSON on stdout; undefined when it is something else. */
export function parseErrors(stdout: string): string | undefined {
  if (!stdout.trimStart().startsWith('{')) return undefined;
  const parsed = errorSchema.safeParse(JSON.parse(stdout));
  return parsed.success ? parsed.data.errors.map((error) => error.detail).join('; ') : undefined;
}
