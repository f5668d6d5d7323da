/** Names of what this platform makes in the cloud. */
import { bucketName } from '../../model/bucket-name.ts';
import type { EnvironmentContext } from '../../model/registry.ts';

/** The pool inside the cluster itself. */
export const SYSTEM_POOL = 'system';

export function projectName({ workspace, environment }: EnvironmentContext): string {
  return `${workspace}-${environment}`;
}

export function stateBucket(context: EnvironmentContext): string {
  return bucketName(context, 'state');
}

export function backupsBucket(context: EnvironmentContext): string {
  return bucketName(context, 'backups');
}

/** What a DNS record says; hosts come with a dot at the end or without. */
export function recordName(type: string, name: string, value: string): string {
  return `${type} ${name} ${type === 'MX' ? value.replace(/\.$/, '') : value}`;
}

/** What the control panel files a project under. */
export function projectPurpose(environment: string): 'Production' | 'Staging' | 'Development' {
  if (environment.startsWith('prod')) return 'Production';
  return environment.startsWith('stag') ? 'Staging' : 'Development';
}
