import {
  currentEnvironmentFile,
  selectEnvironment,
  type EnvironmentChoice,
  type Workspace,
} from '../model/workspace.ts';
import type { Ports } from '../ports/ports.ts';

export interface EnvironmentUseResult {
  readonly name: string;
  /** Set when a variable still decides otherwise in this shell. */
  readonly overriddenBy?: EnvironmentChoice;
}

/** Throws UserError when there is no such environment. */
export async function useEnvironment(
  ports: Pick<Ports, 'files' | 'variables'>,
  workspace: Workspace,
  name: string,
): Promise<EnvironmentUseResult> {
  await selectEnvironment(ports.files, workspace, name, {});
  await ports.files.write(currentEnvironmentFile(workspace.root), `${name}\n`);
  const now = await selectEnvironment(ports.files, workspace, undefined, ports.variables).catch(() => undefined);
  return { name, ...(now !== undefined && now.name !== name && { overriddenBy: now }) };
}
