/** Names of workspaces and environments: folders, files, and part of the names of buckets and clusters. */
export function isEnvironmentName(name: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(name);
}

/** Folders of `.ffops` and of the sandbox: an environment of that name would lie in them, and go when they go. */
const TAKEN = new Set(['sandbox', 'charts', 'providers', 'runtime', 'secrets']);

export function isTakenByFfops(name: string): boolean {
  return TAKEN.has(name);
}

/** `<workspace>-<environment>-<purpose>` must fit in the 63 characters of a bucket, a cluster or a label. */
const MAX_TOGETHER = 50;

export function fitTogether(workspace: string, environment: string): boolean {
  return workspace.length + environment.length <= MAX_TOGETHER;
}

/** An app names a namespace (`apps-<id>`), a stack and releases. */
export function isAppName(name: string): boolean {
  return isEnvironmentName(name);
}
