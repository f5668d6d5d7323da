/** What a careful colleague would mention before an apply. */
import { parseStatus, status } from '../tools/git.ts';
import type { Engine } from './engine.ts';

export async function safeguards(engine: Engine, rendered: readonly string[]): Promise<readonly string[]> {
  const { target, ports } = engine;
  const found: string[] = [];
  if (target.surroundings.kind === 'real') {
    found.push(...(await gitWorries(engine)));
    if (target.blueprint.environment === 'prod' && ports.terminal.interactive)
      found.push('This is prod, and you are doing it by hand.');
  }
  if (rendered.length > 0 && rendered.length <= 3)
    found.push(`Written anew, as they differed from the environment: ${rendered.join(', ')}.`);
  else if (rendered.length > 0)
    found.push(`${rendered.length} rendered files differed from the environment and were written anew.`);
  return found;
}

/** A workspace that is in no repository, or a machine without git, is no worry. */
async function gitWorries(engine: Engine): Promise<readonly string[]> {
  const { target, ports } = engine;
  const program = await target.tool('git').catch(() => undefined);
  if (program === undefined) return [];
  const outcome = await ports.runner.run({ program, ...status(target.workspace) });
  if (outcome.exitCode !== 0) return [];
  const { dirty, behind } = parseStatus(outcome.stdout);
  return [
    ...(dirty.length > 0
      ? [
          `${dirty.length === 1 ? '1 file is' : `${dirty.length} files are`} not committed: ${dirty.slice(0, 3).join(', ')}${dirty.length > 3 ? ', …' : ''}.`,
        ]
      : []),
    ...(behind > 0 ? [`Your branch is ${behind} ${behind === 1 ? 'commit' : 'commits'} behind its upstream.`] : []),
  ];
}
