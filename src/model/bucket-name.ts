import type { EnvironmentContext } from './registry.ts';

/** Names of buckets are shared by all customers of a cloud, so they say whose they are. */
export function bucketName({ workspace, environment }: EnvironmentContext, purpose: string): string {
  return `${workspace}-${environment}-${purpose}`;
}
