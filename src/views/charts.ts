import type { ChartsResult } from '../usecases/charts.ts';
import type { Style } from './style.ts';
import { columns, count } from './text.ts';

const NEXT: Readonly<Record<ChartsResult['how'], string>> = {
  lock: 'Keep ffops.lock.yaml in version control.',
  update: 'See what that means: ffops plan.',
  vendor: 'Keep vendor/charts and ffops.lock.yaml in version control: real environments then need no chart repository.',
};

export function chartsText({ how, charts, removed }: ChartsResult, style: Style): string {
  if (charts.length === 0) return 'No environment of this workspace installs a chart of another project.\n';
  const rows = charts.map(({ name, version, digest, change, before, environments, file, trouble }) => [
    trouble === undefined ? style.green('✓') : style.red('✗'),
    style.bold(name),
    before === undefined ? version : `${before} → ${version}`,
    digest === undefined ? style.red('no digest') : style.dim(digest.slice(0, 'sha256:'.length + 12)),
    file ?? (change === 'none' ? '' : change),
    style.dim(environments.join(', ')),
  ]);
  const troubles = charts.flatMap(({ trouble }) =>
    trouble === undefined
      ? []
      : ['', `${style.red('Error:')} ${trouble.message}`, ...trouble.hints.map((hint) => `  ${hint}`)],
  );
  const failed = charts.filter(({ trouble }) => trouble !== undefined).length;
  return [
    columns(rows),
    ...removed.map((name) => `${style.dim('removed')} ${name}`),
    ...troubles,
    '',
    failed === 0 ? NEXT[how] : `${count(failed, 'chart')} of ${charts.length} could not be had.`,
    '',
  ].join('\n');
}
