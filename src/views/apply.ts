/** How an apply ended, and where it arrived. */
import type { StackResult } from '../engine/apply.ts';
import type { DatabaseChange, Leftover, ProvisionedDatabase } from '../ports/cluster.ts';
import type { Arrival } from '../engine/arrival.ts';
import type { ApplyResult, ShowPlan } from '../usecases/apply.ts';
import { planText, problemText } from './plan.ts';
import type { EngineEvent } from '../engine/engine.ts';
import type { Steps } from '../ports/steps.ts';
import type { Terminal } from '../ports/terminal.ts';
import { showProgress } from './engine-progress.ts';
import type { Style } from './style.ts';
import { columns, count } from './text.ts';

/** Before the question: the plan, and what a colleague would mention. */
function shownPlanText({ plan, worries }: ShowPlan, style: Style): string {
  return [planText(plan, style), ...worries.map((worry) => `${style.yellow('!')} ${worry}\n`)].join('');
}

export function applyText(result: ApplyResult, style: Style, width?: number): string {
  const early = endedEarlyText(result, style);
  if (early !== undefined) return early;
  return [
    resultsText(result.stacks, style),
    databasesText(result.databases, style),
    keptText(result.kept, style),
    result.arrival ? arrivalText(result.arrival, style, width) : '',
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** Of a run that ended before its first stack. */
export function endedEarlyText(
  { plan, stacks, verdict }: Pick<ApplyResult, 'plan' | 'stacks' | 'verdict'>,
  style: Style,
  done = 'applied',
): string | undefined {
  if (plan.stacks.some(({ state }) => state === 'failed'))
    return `${style.red(`Nothing was ${done}: the plan failed.`)}\n`;
  if (verdict === 'interrupted' && stacks.length === 0)
    return `${style.yellow(`Nothing was ${done}: interrupted while planning.`)} Run the same command again.\n`;
  return undefined;
}

export function resultsText(results: readonly StackResult[], style: Style, done = 'applied'): string {
  if (results.length === 0) return '';
  const problems = results.flatMap((result) =>
    result.problem && result.outcome === 'failed' ? [problemText(result.problem, style)] : [],
  );
  const unfinished = results.filter(({ outcome }) => outcome !== 'applied' && outcome !== 'unchanged');
  const rows = unfinished.map((result) => [
    style.yellow(words[result.outcome]),
    result.stack,
    style.dim(result.because ? `${result.because} failed` : result.title),
  ]);
  const applied = results.filter(({ outcome }) => outcome === 'applied').length;
  const summary = style.bold(
    `${count(applied, 'stack')} ${done}, ${results.length - applied - unfinished.length} unchanged${unfinished.length > 0 ? `, ${unfinished.length} left` : ''}.`,
  );
  const again = unfinished.length > 0 ? ['Run the same command again: it goes on where this one stopped.'] : [];
  return `${[...problems, ...(rows.length > 0 ? [columns(rows, '  ')] : []), summary, ...again].join('\n')}\n`;
}

/** Left on purpose, each with the reason; many of a kind for one reason are a number. */
export function keptText(kept: readonly Leftover[], style: Style): string {
  if (kept.length === 0) return '';
  const alike = Map.groupBy(kept, ({ kind, reason }) => `${kind}/${reason}`);
  const rows = [...alike.values()].map((group) => {
    const { kind, name, reason } = group[0]!;
    return [style.green(group.length > 1 ? count(group.length, kind) : `${kind} ${name}`), style.dim(reason)];
  });
  return `${style.bold('Still there, on purpose')}\n${columns(rows, '  ')}\n`;
}

const words: Readonly<Record<StackResult['outcome'], string>> = {
  applied: 'applied',
  unchanged: 'unchanged',
  failed: 'failed',
  skipped: 'skipped',
  interrupted: 'interrupted',
  'not-started': 'not started',
};

const changes: Readonly<Record<DatabaseChange, string>> = {
  'role-created': 'role made',
  'login-allowed': 'role allowed to log in',
  'password-changed': 'password changed',
  'database-created': 'database made',
  'owner-changed': 'database given to its role',
  'rights-granted': 'rights granted',
};

/** What was missing. That nothing was is said in a line, that nobody can tell too. */
export function databasesText(databases: readonly ProvisionedDatabase[], style: Style): string {
  const rows = databases.flatMap(({ owner, engine, did }) =>
    typeof did === 'string' || did.length === 0
      ? []
      : [[owner, style.dim(engine), did.map((change) => changes[change]).join(', ')]],
  );
  const about = (fits: (did: ProvisionedDatabase['did']) => boolean, what: string): readonly string[] => {
    const owners = databases.filter(({ did }) => fits(did)).map(({ owner }) => owner);
    return owners.length === 0 ? [] : [`Databases of ${owners.join(', ')}: ${what}`];
  };
  const lines = [
    ...(rows.length > 0 ? [style.bold('Databases'), columns(rows, '  ')] : []),
    ...about((did) => did.length === 0, 'nothing was missing.'),
    ...about((did) => did === 'nothing-ran', 'not made here; the sandbox runs no process.'),
    ...about((did) => did === 'unheard', 'made, or there before: the log of the Job could not be read.'),
  ];
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function arrivalText({ places, next }: Arrival, style: Style, width?: number): string {
  const rows = places.map(({ url, purpose, login }) => [
    style.cyan(url),
    purpose,
    login ? `log in as ${login.user}; the password: ${login.passwordFrom}` : '',
  ]);
  return [
    ...(rows.length > 0 ? [style.bold('What is there now'), columns(rows, '  ', width), ''] : []),
    style.bold('Next'),
    ...next.map((command) => `  ${command}`),
    '',
  ].join('\n');
}

/** Progress, and each plan on stderr before the question about it: stdout is for the answer. */
export function showPlans(
  steps: Steps,
  terminal: Terminal,
  style: Style,
): (event: EngineEvent | ShowPlan) => Promise<void> {
  const progress = showProgress(steps, style);
  return async (event) => {
    if (event.kind === 'planned') terminal.err(shownPlanText(event, style));
    else await progress(event);
  };
}
