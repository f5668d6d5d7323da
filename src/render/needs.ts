/** What has to be on the machine before an environment can be rendered. */
import type { Blueprint } from '../model/blueprint.ts';

/** Names of the upstream charts that its releases use, sorted. */
export function upstreamCharts(blueprint: Blueprint): readonly string[] {
  const releases = blueprint.stacks.flatMap((stack) => stack.releases);
  const names = releases.filter(({ chart }) => chart.kind === 'upstream').map(({ chart }) => chart.name);
  return [...new Set(names)].sort();
}
