/** Where an environment's secrets lie and what opens them. */
import { dirname, join, resolve } from 'node:path';
import type { Surroundings } from '../model/surroundings.ts';

export interface SecretsPlace {
  /** For people: as they would type it from the workspace. */
  readonly title: string;
  /** What commands need to mean these secrets: `-e prod`, or `-e prod --sandbox`. */
  readonly flags: string;
  readonly secretsFile: string;
  readonly ageKeyFile: string;
  /** `.sops.yaml`: who can open the files of the folder beside it. */
  readonly configFile: string;
  /** The sandbox's own; undefined for the real ones, whose owner's keys may lie in their usual places. */
  readonly home: string | undefined;
}

/** Secrets lie one folder below `.sops.yaml`, in the workspace and in the sandbox alike. */
export function placeOf(surroundings: Surroundings, workspace: string, environment: string): SecretsPlace {
  const secretsFile = resolve(workspace, surroundings.secretsFile);
  return {
    title: surroundings.secretsFile.startsWith(`${workspace}/`)
      ? surroundings.secretsFile.slice(workspace.length + 1)
      : surroundings.secretsFile,
    flags: `-e ${environment}${surroundings.kind === 'sandbox' ? ' --sandbox' : ''}`,
    secretsFile,
    ageKeyFile: resolve(workspace, surroundings.ageKeyFile),
    configFile: join(dirname(dirname(secretsFile)), '.sops.yaml'),
    home: surroundings.kind === 'sandbox' ? join(dirname(secretsFile), 'home') : undefined,
  };
}
