import type { OnProgress } from '../toolchain/toolchain.ts';
import type { Steps } from '../ports/steps.ts';
import type { ToolchainInstallation, ToolchainList } from '../usecases/toolchain.ts';
import type { Style } from './style.ts';
import { columns, count } from './text.ts';

export function toolchainListText({ tools, providers, charts }: ToolchainList, style: Style): string {
  const rows = tools.map(({ name, pinned, neededFor, found, notes }) => [
    found ? style.green('✓') : style.red('✗'),
    style.bold(name),
    found?.version ?? pinned,
    [found ? found.reason : style.red('not installed'), ...notes.map((note) => style.yellow(note))].join('; '),
    style.dim(`for ${neededFor}`),
  ]);
  const chartRows = charts.map(({ name, pinned, found }) => [
    found ? style.green('✓') : style.red('✗'),
    style.bold(name),
    pinned,
    found ? found.reason : 'fetched when a release needs it',
  ]);
  const versions = Object.entries(providers.versions).map(([name, version]) => ['', style.bold(name), version]);
  const missing = tools.filter(({ found }) => !found).map(({ name }) => name);
  return [
    style.bold('Tools'),
    columns(rows),
    '',
    `${style.bold('Providers')}  ${providers.kind}: ${providers.reason}`,
    columns(versions),
    '',
    style.bold('Charts'),
    columns(chartRows),
    ...(missing.length > 0
      ? [
          '',
          `Get what is missing: ffops toolchain install ${missing.length === tools.length ? '' : missing.join(' ')}`.trimEnd(),
        ]
      : []),
  ].join('\n');
}

export function toolchainInstallText({ tools, providers, charts }: ToolchainInstallation, style: Style): string {
  const parts = [
    ...(tools.length > 0 ? [count(tools.length, 'tool')] : []),
    ...(providers ? [`${providers.kind} providers (${providers.reason})`] : []),
    ...(charts.length > 0 ? [count(charts.length, 'chart')] : []),
  ];
  return `${style.green('✓')} Ready: ${parts.join(', ')}.`;
}

/** A step for everything that is missing; what is there already is not worth a line. */
export function showInstallation(steps: Steps): (missing: readonly string[]) => OnProgress {
  return (missing) => {
    const begun = new Set<string>();
    if (missing.length > 0) steps.announce(missing.map((id) => ({ id, title: id })));
    return ({ tool, step, detail }) => {
      if (!missing.includes(tool)) return;
      if (!begun.has(tool)) steps.start(tool);
      begun.add(tool);
      if (step === 'ready') steps.end(tool, 'done', detail);
      else if (step === 'failed') steps.end(tool, 'failed', detail);
      else steps.note(tool, `${step} ${detail}`);
    };
  };
}
