import { UserError } from '../errors.ts';
import { readDocument, type MapNode } from '../model/document.ts';
import {
  chosenEnvironment,
  listEnvironments,
  readEnvironmentFile,
  type EnvironmentChoice,
  type Workspace,
} from '../model/workspace.ts';
import type { Ports } from '../ports/ports.ts';

export interface EnvironmentListResult {
  readonly environments: readonly ListedEnvironment[];
  /** The one that commands without `--env` mean, and who says so. */
  readonly chosen?: EnvironmentChoice;
}

export interface ListedEnvironment {
  readonly name: string;
  readonly file: string;
  readonly chosen: boolean;
  /** As the file says; absent when it says nothing readable. */
  readonly platform?: string;
  readonly rootDomain?: string;
  /** False when the file is no valid YAML; `ffops env show` says why. */
  readonly readable: boolean;
}

/** What the files say of themselves, without resolving anything: quick, and never refused by one broken file. */
export async function listAllEnvironments(
  ports: Pick<Ports, 'files' | 'variables'>,
  workspace: Workspace,
  flag: string | undefined,
): Promise<EnvironmentListResult> {
  const chosen = await chosenEnvironment(ports.files, workspace, flag, ports.variables);
  const names = await listEnvironments(ports.files, workspace.root);
  const environments = await Promise.all(
    names.map(async (name) => ({
      name,
      chosen: name === chosen?.name,
      ...(await firstGlance(ports, workspace, name)),
    })),
  );
  return { environments, ...(chosen && { chosen }) };
}

async function firstGlance(ports: Pick<Ports, 'files'>, workspace: Workspace, name: string) {
  const { file, text } = await readEnvironmentFile(ports.files, workspace.root, name);
  try {
    const { root } = readDocument(file, text, 'environment');
    return { file, readable: true, ...textOption(root, 'platform'), ...textOption(root, 'rootDomain') };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { file, readable: false };
  }
}

function textOption<K extends string>(root: MapNode, key: K): { readonly [key in K]?: string } {
  const node = root.entries.get(key)?.value;
  return (node?.kind === 'scalar' && typeof node.value === 'string' ? { [key]: node.value } : {}) as {
    readonly [key in K]?: string;
  };
}
