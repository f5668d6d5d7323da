import { buildBlueprint } from '../blueprint/build.ts';
import { registry } from '../blueprint/registry.ts';
import { UserError } from '../errors.ts';
import { refuseSharedClaims } from '../model/claims.ts';
import type { Blueprint } from '../model/blueprint.ts';
import { loadEnvironment, type LoadedEnvironment } from '../model/load.ts';
import { listEnvironments, readEnvironmentFile, type Workspace } from '../model/workspace.ts';
import type { Ports } from '../ports/ports.ts';

/** Throws UserError with every problem of the file, and when another environment has what this one claims. */
export async function openEnvironment(
  ports: Pick<Ports, 'files'>,
  workspace: Workspace,
  name: string,
): Promise<LoadedEnvironment> {
  const environment = await load(ports, workspace, name);
  refuseSharedClaims(environment, await readableEnvironments(ports, workspace));
  return environment;
}

/** Every environment of the workspace, but those that are broken: their own commands say why. */
export async function readableEnvironments(
  ports: Pick<Ports, 'files'>,
  workspace: Workspace,
): Promise<readonly LoadedEnvironment[]> {
  const names = await listEnvironments(ports.files, workspace.root);
  const loaded = await Promise.all(
    names.map((name) =>
      load(ports, workspace, name).catch((error: unknown) => {
        if (error instanceof UserError) return undefined;
        throw error;
      }),
    ),
  );
  return loaded.filter((environment) => environment !== undefined);
}

async function load(ports: Pick<Ports, 'files'>, workspace: Workspace, name: string): Promise<LoadedEnvironment> {
  const { file, text } = await readEnvironmentFile(ports.files, workspace.root, name);
  return await loadEnvironment({ file, text, name, workspace: workspace.name, registry });
}

export function blueprintOf(workspace: Workspace, { environment, origins, name }: LoadedEnvironment): Blueprint {
  return buildBlueprint(environment, origins, registry, { workspace: workspace.name, environment: name });
}
