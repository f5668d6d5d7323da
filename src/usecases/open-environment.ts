import { buildBlueprint } from '../blueprint/build.ts';
import { registry } from '../blueprint/registry.ts';
import type { Blueprint } from '../model/blueprint.ts';
import { loadEnvironment, type LoadedEnvironment } from '../model/load.ts';
import { readEnvironmentFile, type Workspace } from '../model/workspace.ts';
import type { Ports } from '../ports/ports.ts';

/** Throws UserError with every problem of the file. */
export async function openEnvironment(
  ports: Pick<Ports, 'files'>,
  workspace: Workspace,
  name: string,
): Promise<LoadedEnvironment> {
  const { file, text } = await readEnvironmentFile(ports.files, workspace.root, name);
  return await loadEnvironment({ file, text, name, workspace: workspace.name, registry });
}

export function blueprintOf(workspace: Workspace, { environment, origins, name }: LoadedEnvironment): Blueprint {
  return buildBlueprint(environment, origins, registry, { workspace: workspace.name, environment: name });
}
