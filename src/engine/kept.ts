/** Volumes that were left on purpose: by the cluster while there is one, remembered here when it is gone. */
import { z } from 'zod';
import { FailedError, UserError } from '../errors.ts';
import type { KeptVolume, Leftover } from '../ports/cluster.ts';
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

/**
 * What stays in a cluster that stands, of releases that are gone. One that does not answer tells nothing here; what has to
 * go through it says so itself.
 */
export async function keptInCluster({ target }: Pick<Engine, 'target'>): Promise<readonly KeptVolume[]> {
  if (target.blueprint.cluster === undefined) return [];
  try {
    return (await target.cluster.access()) ? await target.cluster.keptVolumes() : [];
  } catch (error) {
    if (error instanceof FailedError) return [];
    throw error;
  }
}

/** Those that still exist, and whose data may be lost now. While there is a cluster, they go through it. */
export async function keptVolumesToLose(
  engine: Pick<Engine, 'ports' | 'layout' | 'target'>,
  inCluster: readonly KeptVolume[],
  loseData: ReadonlySet<string>,
): Promise<readonly FormerVolume[]> {
  const former = inCluster
    .filter(({ data }) => loseData.has(data.name))
    .map((kept): FormerVolume => ({
      name: kept.volume ?? `${kept.namespace}/${kept.claim}`,
      data: kept.data.what,
      of: 'former release',
      kept,
    }));
  const named = (await readKept(engine)).filter(
    ({ kind, data }) => kind === 'volume' && data !== undefined && loseData.has(data),
  );
  if (named.length === 0 || (await engine.target.cluster.access())) return former;
  const inventory = await engine.target.cloud.inventory();
  return named.flatMap(({ name, data }) =>
    inventory
      .filter((item) => item.kind === 'volume' && item.name === name)
      .map(({ id }): FormerVolume => ({ id, name, data: data!, of: 'former cluster' })),
  );
}
