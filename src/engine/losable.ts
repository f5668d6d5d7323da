/** The names that `--allow-data-loss` understands. */
import { UserError, type Problem } from '../errors.ts';
import type { Engine } from './engine.ts';
import { lastApplied } from './applied.ts';
import { keptInCluster, readKept } from './kept.ts';

/**
 * Throws UserError for a name that nothing bears, and for one that this command loses nothing of: a slip of the pen must
 * not look like a wish that was heard. A claim that ffops did not make is named `namespace/claim`, and only the cluster
 * knows it.
 */
export async function refuseUnknownNames(
  engine: Pick<Engine, 'ports' | 'layout' | 'target' | 'retired'>,
  names: readonly string[],
  command: 'apply' | 'destroy',
): Promise<void> {
  const asked = names.filter((name) => !name.includes('/'));
  if (asked.length === 0) return;
  const held = await heldNames(engine);
  const kept = await keptNames(engine);
  const known = [...new Set([...held, ...kept.keys()])].sort();
  const problems = asked.flatMap((name): readonly Problem[] => {
    if (held.has(name)) return [];
    const cure = kept.get(name);
    if (cure !== undefined) return command === 'destroy' ? [] : [notByApply(name, cure)];
    const message = `--allow-data-loss ${name}: nothing here is called that.`;
    return [
      { message, hints: [known.length > 0 ? `What holds data: ${known.join(', ')}.` : 'Nothing here holds data.'] },
    ];
  });
  if (problems.length > 0) throw new UserError('data-loss.unknown', problems);
}

function notByApply(name: string, cure: string): Problem {
  return {
    message: `--allow-data-loss ${name}: an apply loses nothing of that name; its app has gone, and this is what it left.`,
    hints: [cure],
  };
}

/** What the environment holds, and what it held when it was last applied. */
async function heldNames({
  ports,
  layout,
  target,
  retired,
}: Pick<Engine, 'ports' | 'layout' | 'target' | 'retired'>): Promise<ReadonlySet<string>> {
  const current = target.blueprint.stacks;
  const before = await Promise.all(current.map((stack) => lastApplied(ports.files, layout.stack(stack.name))));
  const stacks = [...current, ...retired, ...before.filter((stack) => stack !== undefined)];
  const parts = stacks.flatMap((stack) => [...stack.resources, ...stack.releases]);
  return new Set(parts.flatMap(({ holdsData }) => holdsData?.name ?? []));
}

/** What those that have gone left, each with how it is deleted. */
async function keptNames(engine: Pick<Engine, 'ports' | 'layout' | 'target'>): Promise<ReadonlyMap<string, string>> {
  const remembered = (await readKept(engine)).flatMap(({ data, reason }): [string, string][] =>
    data === undefined ? [] : [[data, reason]],
  );
  const inCluster = (await keptInCluster(engine)).map(({ data: { name }, deletedBy }): [string, string] => [
    name,
    `\`${deletedBy}\` deletes it.`,
  ]);
  return new Map([...remembered, ...inCluster]);
}
