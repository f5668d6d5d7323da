import type { OnProgress, ResolvedTool } from '../toolchain/toolchain.ts';
import type { Steps } from '../ports/steps.ts';
import type { ToolchainInstallation, ToolchainList } from '../usecases/toolchain.ts';
import type { Style } from './style.ts';
import { columns, count, wrap } from './text.ts';

/** What fits everywhere: lists are pasted into tickets and read over slow lines. */
const WIDTH = 80;

const originWords: Readonly<Record<ResolvedTool['origin'], string>> = {
  path: 'on PATH',
  release: 'release',
  build: 'built',
};

export function toolchainListText(list: ToolchainList, style: Style): string {
  const { tools, charts } = list;
  const mark = (found: object | undefined): string => (found ? style.green('✓') : style.red('✗'));
  const toolRows = tools.map(({ name, pinned, neededFor, found }) => [
    mark(found),
    style.bold(name),
    found?.version ?? pinned,
    found ? originWords[found.origin] : style.red('missing'),
    style.dim(neededFor),
  ]);
  const chartRows = charts.map(({ name, pinned, found }) => [
    mark(found),
    style.bold(name),
    pinned,
    found ? 'packed from its source' : 'packed when a release needs it',
  ]);
  const missing = tools.filter(({ found }) => !found).map(({ name }) => name);
  const some = missing.length === tools.length ? '' : ` ${missing.join(' ')}`;
  const sections = [
    [style.bold('Tools'), columns(toolRows)],
    reasons(tools, style),
    [style.bold('Providers'), ...providerLines(list, style)],
    [style.bold('Charts'), columns(chartRows)],
    missing.length > 0 ? [wrap(`Get what is missing: ffops toolchain install${some}`, WIDTH)] : [],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

/** Each reason once, with the tools that it holds for. */
function reasons(tools: ToolchainList['tools'], style: Style): readonly string[] {
  const byReason = Map.groupBy(
    tools.filter(({ found }) => found),
    ({ found }) => found!.reason,
  );
  const lines = [
    ...[...byReason].map(([reason, those]) => `${those.map(({ name }) => name).join(', ')}: ${reason}.`),
    ...tools.flatMap(({ name, notes }) => notes.map((note) => `${name}: ${note}.`)),
  ];
  return lines.length === 0 ? [] : [style.bold('Why'), ...lines.map((line) => wrap(line, WIDTH, '  '))];
}

function providerLines({ providers, sandboxProviders }: ToolchainList, style: Style): readonly string[] {
  const rows = Object.entries(providers.versions).map(([name, version]) => [
    ' ',
    style.bold(name),
    version,
    sandboxProviders.kind === 'released' ? '' : `${sandboxProviders.versions[name]} in the sandbox`,
  ]);
  const why =
    sandboxProviders.kind === 'released'
      ? 'The current releases, for real environments and the sandbox.'
      : `Real environments use the current releases. The sandbox uses what can be built here: ${sandboxProviders.reason}.`;
  return [columns(rows), wrap(why, WIDTH, '  ')];
}

export function toolchainInstallText({ tools, sandboxProviders, charts }: ToolchainInstallation, style: Style): string {
  const parts = [
    ...(tools.length > 0 ? [count(tools.length, 'tool')] : []),
    ...(sandboxProviders ? [`${sandboxProviders.kind} providers for sandboxes (${sandboxProviders.reason})`] : []),
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
