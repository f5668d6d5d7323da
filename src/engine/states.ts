/** Which states this environment has, and a mark of each that changes whenever it is written. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Engine } from './engine.ts';

const ending = '.tfstate';

/** By stack; asks no tool, so that it costs next to nothing. */
export async function stateVersions({
  ports: { files },
  target,
  layout,
}: Pick<Engine, 'ports' | 'target' | 'layout'>): Promise<ReadonlyMap<string, string>> {
  if (target.blueprint.state.kind === 's3') {
    const objects = (await target.cloud.stateObjects()).filter(({ name }) => name.endsWith(ending));
    return new Map(objects.map(({ name, version }) => [name.slice(0, -ending.length), version]));
  }
  const names = (await files.list(layout.states)).filter((name) => name.endsWith(ending));
  const versions = names.map(async (name) => {
    const content = (await files.readBytes(join(layout.states, name))) ?? '';
    return [name.slice(0, -ending.length), createHash('sha256').update(content).digest('hex')] as const;
  });
  return new Map(await Promise.all(versions));
}
