import { registry } from '../blueprint/registry.ts';
import type { Catalogue } from '../model/plugs.ts';
import type { Workspace } from '../model/workspace.ts';
import type { Ports } from '../ports/ports.ts';
import { ownEntries } from './own-entries.ts';

/** Every platform and entry that environments of this workspace may name: those of ffops, and the workspace's own. */
export async function catalogueOf(
  { files }: Pick<Ports, 'files'>,
  { root }: Pick<Workspace, 'root'>,
): Promise<Catalogue> {
  const own = await ownEntries(files, root, new Set(registry.entries.keys()));
  if (own.length === 0) return registry;
  const { platforms, entries } = registry;
  return { platforms, entries: new Map([...entries, ...own.map((entry) => [entry.id, entry] as const)]) };
}
