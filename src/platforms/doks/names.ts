/** Names of what this platform makes in the cloud. */
import type { EnvironmentContext } from '../../model/registry.ts';

export function projectName({ workspace, environment }: EnvironmentContext): string {
  return `${workspace}-${environment}`;
}

export function stateBucket({ workspace, environment }: EnvironmentContext): string {
  return `${workspace}-${environment}-state`;
}

/** What the control panel files a project under. */
export function projectPurpose(environment: string): 'Production' | 'Staging' | 'Development' {
  if (/^prod/.test(environment)) return 'Production';
  return /^stag/.test(environment) ? 'Staging' : 'Development';
}
