/** The names that `--allow-data-loss` understands. */
import { UserError } from '../errors.ts';
import type { Engine } from './engine.ts';
import { lastApplied } from './applied.ts';
import { keptInCluster, readKept } from './kept.ts';

/**
 * Throws UserError for a name that nothing bears: a slip of the pen must not look like a wish that was heard. A claim
 * that ffops did not make is named `namespace/claim`, and only the cluster knows it.
 */
export async function refuseUnknownNames(
  engine: Pick<Engine, 'ports' | 'layout' | 'target' | 'retired'>,
  names: readonly string[],
): Promise<void> {
  if (names.length === 0) return;
  const known = await losableNames(engine);
  const unknown = names.filter((name) => !known.includes(name) && !name.includes('/'));
  if (unknown.length === 0) return;
  throw new UserError(
    'data-loss.unknown',
    unknown.map((name) => ({
      message: `--allow-data-loss ${name}: nothing here is called that.`,
      hints: [known.length > 0 ? `What holds data: ${known.join(', ')}.` : 'Nothing here holds data.'],
    })),
  );
}

/** What the environment holds, what it held when it was last applied, and what destroys have left. */
async function losableNames({
  ports,
  layout,
  target,
  retired,
}: Pick<Engine, 'ports' | 'layout' | 'target' | 'retired'>): Promise<readonly string[]> {
  const current = target.blueprint.stacks;
  const before = await Promise.all(current.map((stack) => lastApplied(ports.files, layout.stack(stack.name))));
  const stacks = [...current, ...retired, ...before.filter((stack) => stack !== undefined)];
  const held = stacks
    .flatMap((stack) => [...stack.resources, ...stack.releases])
    .flatMap(({ holdsData }) => holdsData?.name ?? []);
  const kept = (await readKept({ ports, layout })).flatMap(({ data }) => data ?? []);
  const inCluster = (await keptInCluster({ target })).map(({ data }) => data.name);
  return [...new Set([...held, ...kept, ...inCluster])].sort();
}
