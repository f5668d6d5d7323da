/** Secrets for people: names and what to do about them, never a value. */
import type { SecretFinding } from '../secrets/check.ts';
import type {
  SecretEditResult,
  SecretGenerateResult,
  SecretSetResult,
  SecretsInitResult,
} from '../usecases/secrets.ts';
import type { RotateResult } from '../usecases/secrets-rotate.ts';
import type { ListedSecret, SecretListResult } from '../usecases/secrets-list.ts';
import { problemText } from './plan.ts';
import type { Style } from './style.ts';
import { columns, count, widthOf, wrap } from './text.ts';

export function secretsInitText(result: SecretsInitResult, style: Style, width?: number): string {
  const lines = [
    result.createdIdentity
      ? `Made an age identity: ${result.ageKeyFile}\n${style.yellow('Keep a copy of it in a safe place: without it, nobody can open the secrets.')}`
      : `Uses the age identity in ${result.ageKeyFile}`,
    `Its recipient is ${result.recipient}`,
    ...(result.createdConfig ? ['Wrote .sops.yaml: commit it, and add the recipients of your colleagues.'] : []),
    result.generated.length === 0
      ? 'Every value that can be made up has one.'
      : `Generated ${count(result.generated.length, 'value')} in ${result.file}: ${result.generated.join(', ')}`,
  ];
  if (result.missing.length > 0) lines.push('', style.bold('Still to do'), findingsText(result.missing, style, width));
  return lines.join('\n');
}

/** `width` is the screen's: descriptions are cut there, and left out where hardly any of them would stay. */
export function secretListText(
  { file, fileChangedAt, secrets }: SecretListResult,
  style: Style,
  width = Number.POSITIVE_INFINITY,
): string {
  const colours = { set: style.green, missing: style.red, unused: style.dim };
  const rows = secrets.map((secret) => [
    secret.name,
    colours[secret.state](secret.state),
    secret.kind,
    ageText(secret),
    secret.usedBy.join(', '),
  ]);
  if (rows.length === 0) return 'This environment needs no secrets.';
  const head = fileChangedAt === undefined ? file : `${file}, written ${fileChangedAt}`;
  const titles = ['name', '', 'kind', 'age', 'used by'].map((title) => style.dim(title));
  const table = [titles, ...rows];
  const room = width - Math.max(...columns(table).split('\n').map(widthOf)) - 2;
  const described = rows.map((row, index) => [...row, style.dim(cut(descriptionOf(secrets[index]!), room))]);
  return `${style.dim(head)}\n${columns(room < LEAST_ROOM ? table : [titles, ...described])}`;
}

const LEAST_ROOM = 20;

function descriptionOf({ description, neverRotates }: ListedSecret): string {
  return neverRotates === undefined ? description : `Never rotated. ${description}`;
}

function cut(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, Math.max(0, room - 1))}…`;
}

function ageText({ ageDays, uncommitted }: ListedSecret): string {
  if (uncommitted) return 'new';
  if (ageDays === undefined) return '';
  return ageDays === 0 ? 'today' : count(ageDays, 'day');
}

export function secretSetText({ name, file, wanted }: SecretSetResult, style: Style): string {
  const unread = style.yellow(
    '\nNothing in this environment reads it yet; `ffops secrets list` shows the names that are.',
  );
  return `Set ${name} in ${file}.${wanted ? '' : unread}`;
}

export function secretRotateText(result: RotateResult, style: Style): string {
  const { names, file, outcome, stacks, restarts, problem } = result;
  const apply = `\`ffops apply ${stacks.map((stack) => `--stack ${stack}`).join(' ')} --only\``;
  const words: Readonly<Record<RotateResult['outcome'], string>> = {
    rotated: style.green(`${names.join(', ')}: a new value in ${file}, in use.`),
    'put back': style.red(`${names.join(', ')}: the value before is still the one in use; ${file} has it.`),
    unfinished: style.yellow(`${names.join(', ')}: stopped half-way. ${file} has the new value; ${apply} finishes.`),
    'half put back': style.red(
      `${names.join(', ')}: ${file} has the value before, but the cluster may still have the new one. ${apply} puts it back.`,
    ),
  };
  return [
    ...(problem === undefined ? [] : [problemText(problem, style)]),
    words[outcome],
    ...(outcome === 'rotated' && restarts.length > 0 ? [style.dim(`Restarted: ${restarts.join(', ')}.`)] : []),
    ...(outcome === 'rotated' ? [style.dim(`Commit ${file}.`)] : []),
  ].join('\n');
}

export function secretGenerateText({ file, generated }: SecretGenerateResult): string {
  if (generated.length === 0) return 'Nothing to do: every value that can be made up has one.';
  return `Generated ${count(generated.length, 'value')} in ${file}:\n${generated.map((name) => `  ${name}`).join('\n')}`;
}

export function secretEditText({ file, changed }: SecretEditResult): string {
  return changed ? `Changed ${file}.` : `${file} is as it was.`;
}

const words: Readonly<Record<SecretFinding['problem'], string>> = {
  missing: 'has no value',
  empty: 'is empty',
  misshapen: 'does not look right',
  unused: 'is not needed',
  unscoped: 'is not a key of its own',
};

export function findingsText(
  findings: readonly SecretFinding[],
  style: Style,
  width = Number.POSITIVE_INFINITY,
): string {
  return findings
    .map(({ name, problem, description, cures }) =>
      [
        wrap(`${style.bold(name)} ${words[problem]} ${style.dim(`(${description})`)}`, width, '  '),
        ...cures.map((cure) => wrap(cure, width, '    ')),
      ].join('\n'),
    )
    .join('\n');
}
