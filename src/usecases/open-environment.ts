import { buildBlueprint } from '../blueprint/build.ts';
import { UserError } from '../errors.ts';
import { refuseSharedClaims } from '../model/claims.ts';
import type { Blueprint } from '../model/blueprint.ts';
import { loadEnvironment, type LoadedEnvironment } from '../model/load.ts';
import { listEnvironments, readEnvironmentFile, type Workspace } from '../model/workspace.ts';
import type { Catalogue } from '../model/plugs.ts';
import type { Ports } from '../ports/ports.ts';
import { catalogueOf } from './catalogue.ts';

export interface OpenedEnvironment extends LoadedEnvironment {
  /** What it was loaded with, and what its blueprint is made of. */
  readonly catalogue: Catalogue;
}

/** Throws UserError with every problem of the file, and when another environment has what this one claims. */
export async function openEnvironment(
  ports: Pick<Ports, 'files'>,
  workspace: Workspace,
  name: string,
): Promise<OpenedEnvironment> {
  const environment = await load(ports, workspace, name);
  refuseSharedClaims(environment, await readableEnvironments(ports, workspace, name));
  return environment;
}

/** Every environment of the workspace but `except`, and but those that are broken: their own commands say why. */
export async function readableEnvironments(
  ports: Pick<Ports, 'files'>,
  workspace: Workspace,
  except?: string,
): Promise<readonly OpenedEnvironment[]> {
  const names = (await listEnvironments(ports.files, workspace.root)).filter((name) => name !== except);
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

async function load(ports: Pick<Ports, 'files'>, workspace: Workspace, name: string): Promise<OpenedEnvironment> {
  const { file, text } = await readEnvironmentFile(ports.files, workspace.root, name);
  return await openText(await catalogueOf(ports, workspace), workspace, { name, file, text });
}

/** What an environment would be if its file held this text. Throws UserError with every problem of it. */
export async function openText(
  catalogue: Catalogue,
  workspace: Workspace,
  { name, file, text }: { readonly name: string; readonly file: string; readonly text: string },
): Promise<OpenedEnvironment> {
  const loaded = await loadEnvironment({ file, text, name, workspace: workspace.name, registry: catalogue });
  return { ...loaded, catalogue };
}

export function blueprintOf(
  workspace: Workspace,
  { environment, origins, name, catalogue }: OpenedEnvironment,
): Blueprint {
  return buildBlueprint(environment, origins, catalogue, { workspace: workspace.name, environment: name });
}
