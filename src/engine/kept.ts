/** Volumes that a destroy left on purpose, remembered: their cluster is gone, and with it whose they were. */
import { z } from 'zod';
import { UserError } from '../errors.ts';
import type { Leftover } from '../ports/cluster.ts';
import type { Engine } from './engine.ts';
import type { FormerVolume } from './stack-plan.ts';

const keptSchema = z.array(
  z.object({ kind: z.string(), name: z.string(), reason: z.string(), data: z.string().exactOptional() }),
);

export async function readKept(engine: Pick<Engine, 'ports' | 'layout'>): Promise<readonly Leftover[]> {
  const text = await engine.ports.files.read(engine.layout.kept);
  if (text === undefined) return [];
  try {
    return keptSchema.parse(JSON.parse(text));
  } catch {
    throw new UserError('kept.damaged', {
      message: `${engine.layout.kept} is damaged: it lists the volumes that destroys left.`,
      hints: ["Take it back from a backup, or remove it: those volumes are then listed as nobody's."],
    });
  }
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
): Promise<readonly FormerVolume[]> {
  const named = (await readKept(engine)).filter(
    ({ kind, data }) => kind === 'volume' && data !== undefined && loseData.has(data),
  );
  if (named.length === 0 || (await engine.target.cluster.access())) return [];
  const inventory = await engine.target.cloud.inventory();
  return named.flatMap(({ name, data }) =>
    inventory
      .filter((item) => item.kind === 'volume' && item.name === name)
      .map(({ id }) => ({ id, name, data: data! })),
  );
}
