import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Surroundings } from '../model/surroundings.ts';
import type { Workspace } from '../model/workspace.ts';
import type { Ports } from '../ports/ports.ts';

/** The real world: working files in `.ffops`, and every tool left to its own endpoints. */
export function realSurroundings(
  ports: Pick<Ports, 'variables'>,
  workspace: Workspace,
  environment: string,
): Surroundings {
  return {
    kind: 'real',
    podsRun: true,
    root: join(workspace.root, '.ffops'),
    secretsFile: join(workspace.root, 'secrets', `${environment}.sops.yaml`),
    ageKeyFile: ageKeyFile(ports.variables, workspace.name),
    variables: {},
    tofuVariables: {},
  };
}

/** Outside every workspace, so that it is never committed: SOPS_AGE_KEY_FILE, or one identity per workspace. */
export function ageKeyFile(variables: Readonly<Record<string, string | undefined>>, workspace: string): string {
  const named = variables['SOPS_AGE_KEY_FILE'];
  if (named) return named;
  const home = variables['HOME'] ?? homedir();
  return join(variables['XDG_CONFIG_HOME'] || join(home, '.config'), 'ffops', 'age', `${workspace}.txt`);
}
