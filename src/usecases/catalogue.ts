import { registry } from '../blueprint/registry.ts';
import type { Catalogue } from '../model/plugs.ts';
import type { Workspace } from '../model/workspace.ts';
import type { Ports } from '../ports/ports.ts';

/** Every platform and entry that environments of this workspace may name. */
export async function catalogueOf(_ports: Pick<Ports, 'files'>, _workspace: Workspace): Promise<Catalogue> {
  return registry;
}
