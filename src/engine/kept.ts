/** Volumes that a destroy left on purpose, remembered: their cluster is gone, and with it whose they were. */
import { z } from 'zod';
import type { CloudItem, Leftover } from './contracts.ts';
import type { Engine } from './engine.ts';

const keptSchema = z.array(
  z.object({ kind: z.string(), name: z.string(), reason: z.string(), data: z.string().exactOptional() }),
);

export async function readKept(engine: Pick<Engine, 'ports' | 'layout'>): Promise<readonly Leftover[]> {
  const text = await engine.ports.files.read(engine.layout.kept);
  return text === undefined ? [] : keptSchema.parse(JSON.parse(text));
}

export async function rememberKept(engine: Pick<Engine, 'ports' | 'layout'>, kept: readonly Leftover[]): Promise<void> {
  const names = new Set(kept.map(({ name }) => name));
  const before = (await readKept(engine)).filter(({ name }) => !names.has(name));
  await engine.ports.files.write(engine.layout.kept, `${JSON.stringify([...before, ...kept], null, 2)}\n`);
}

/** Those that still exist, and whose data may be lost now. While there is a cluster, they go through it. */
export async function keptVolumesToLose(
  engine: Pick<Engine, 'ports' | 'layout' | 'target'>,
  loseData: ReadonlySet<string>,
): Promise<readonly (CloudItem & { readonly data: string })[]> {
  const named = (await readKept(engine)).filter(
    ({ kind, data }) => kind === 'volume' && data !== undefined && loseData.has(data),
  );
  if (named.length === 0 || (await engine.target.cluster.access())) return [];
  const inventory = await engine.target.cloud.inventory();
  return named.flatMap(({ name, data }) =>
    inventory.filter((item) => item.kind === 'volume' && item.name === name).map((item) => ({ ...item, data: data! })),
  );
}
