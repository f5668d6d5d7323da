/** Names of workspaces and environments: folders, files, and part of the names of buckets and clusters. */
export function isEnvironmentName(name: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(name);
}
