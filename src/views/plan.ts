/** A plan for people: one table over all stacks, what takes something away first. */
import { adoptionName } from '../engine/adoption.ts';
import type { AttributeChange, ChangeAction, Counts, ResourceChange } from '../engine/changes.ts';
import type { ObjectChange } from '../ports/cluster.ts';
import {
  allChanges,
  totals,
  whySpared,
  type EnvironmentPlan,
  type FormerVolume,
  type StackPlan,
} from '../engine/stack-plan.ts';
import type { Problem } from '../errors.ts';
import type { Origin } from '../model/origin.ts';
import type { Style } from './style.ts';
import { columns, count } from './text.ts';

const order: readonly ChangeAction[] = ['replace', 'delete', 'update', 'import', 'create', 'forget'];

const signs: Readonly<Record<ChangeAction, string>> = {
  replace: '± replace',
  delete: '- destroy',
  update: '~ change',
  import: '> adopt',
  create: '+ create',
  forget: '. forget',
};

export function planText(plan: EnvironmentPlan, style: Style): string {
  const sections = [
    changesTable(allChanges(plan), style, plan.destroy),
    objectsTable(
      plan.stacks.flatMap((stack) => stack.objects),
      style,
    ),
    ...plan.stacks.flatMap((stack) =>
      stack.releases.map(
        ({ release, text }) =>
          `${style.bold(`Inside ${release}`)}\n${text === '' ? '  none of its objects changes' : text}`,
      ),
    ),
    unknownText(plan.stacks, style),
    sparedText(plan.stacks, style),
    formerText(plan.formerVolumes, style),
    ...plan.stacks.flatMap((stack) => (stack.problem ? [problemText(stack.problem, style)] : [])),
    adoptableText(plan.stacks, style),
    headline(plan, style),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** `agreed`: what is lost has been named already. */
export function changesTable(changes: readonly ResourceChange[], style: Style, agreed = false): string {
  const sorted = order.flatMap((action) => changes.filter((change) => change.action === action));
  const rows = sorted.map((change) => [
    coloured(change.action, style),
    change.title,
    style.dim(change.stack),
    style.dim(placeOf(change.origin)),
  ]);
  if (rows.length === 0) return '';
  const lines = columns(rows, '  ').split('\n');
  return sorted.flatMap((change, index) => [lines[index]!, ...details(change, style, agreed)]).join('\n');
}

function coloured(action: ChangeAction, style: Style): string {
  const colours = {
    replace: style.red,
    delete: style.red,
    update: style.yellow,
    import: style.cyan,
    create: style.green,
    forget: style.dim,
  };
  return colours[action](signs[action]);
}

/** `environments/prod.yaml:12`, or the default that it comes from. */
export function placeOf(origin: Origin | undefined): string {
  if (!origin) return '';
  switch (origin.kind) {
    case 'file':
      return `${origin.file}:${origin.line}`;
    case 'platform':
      return `default of ${origin.platform}`;
    case 'catalogue':
      return `default of ${origin.entry}`;
    case 'ffops':
      return 'default of ffops';
  }
}

const attributesShown = 8;

function details(change: ResourceChange, style: Style, agreed: boolean): readonly string[] {
  const indent = ' '.repeat(14);
  const lines: string[] = [];
  if (change.losesData) {
    const cure = agreed ? '' : `; wants --allow-data-loss ${change.losesData.name}`;
    lines.push(style.red(`${indent}loses ${change.losesData.what}${cure}`));
  }
  if (change.keepsData) {
    const { name, what } = change.keepsData;
    lines.push(style.green(`${indent}keeps ${what}; --allow-data-loss ${name} deletes it too`));
  }
  if (change.action === 'create') return lines;
  const worthTelling = change.attributes.filter(
    (attribute) => attribute.forcesReplacement || attribute.after !== '(known after apply)',
  );
  lines.push(
    ...worthTelling.slice(0, attributesShown).map((attribute) => style.dim(indent) + attributeLine(attribute, style)),
  );
  if (worthTelling.length > attributesShown)
    lines.push(style.dim(`${indent}and ${worthTelling.length - attributesShown} more`));
  return lines;
}

function attributeLine({ path, before, after, forcesReplacement }: AttributeChange, style: Style): string {
  const values =
    before.includes('\n') || after.includes('\n')
      ? `${count(changedLines(before, after), 'line')} changed`
      : `${short(before)} → ${short(after)}`;
  return `${path}  ${values}${forcesReplacement ? style.red('  (this replaces it)') : ''}`;
}

function changedLines(before: string, after: string): number {
  const old = new Set(before.split('\n'));
  const fresh = new Set(after.split('\n'));
  const added = [...fresh].filter((line) => !old.has(line)).length;
  const removed = [...old].filter((line) => !fresh.has(line)).length;
  return Math.max(added, removed, 1);
}

function short(value: string): string {
  if (value === '') return '(none)';
  return value.length > 60 ? `${value.slice(0, 57)}…` : value;
}

export function objectsTable(objects: readonly ObjectChange[], style: Style): string {
  if (objects.length === 0) return '';
  const rows = objects.map((object) => [
    coloured(object.action, style),
    object.kind === 'Namespace' ? `namespace ${object.name}` : `secret ${object.namespace}/${object.name}`,
    style.dim(object.stack),
    object.rolls.length > 0 ? `restarts ${object.rolls.join(', ')}` : '',
  ]);
  return `${style.bold('Namespaces and secrets, delivered by ffops itself')}\n${columns(rows, '  ')}`;
}

function unknownText(stacks: readonly StackPlan[], style: Style): string {
  const unknown = stacks.filter((stack) => stack.state === 'unknown');
  if (unknown.length === 0) return '';
  const blocks = unknown.map((stack) => {
    const rows = (stack.expected ?? []).map(({ title, origin }) => [
      style.cyan('? expected'),
      title,
      style.dim(stack.stack),
      style.dim(placeOf(origin)),
    ]);
    return [
      `${style.bold(stack.stack)}: known after ${stack.until}`,
      ...(rows.length > 0 ? [columns(rows, '  ')] : []),
    ].join('\n');
  });
  return blocks.join('\n');
}

function sparedText(stacks: readonly StackPlan[], style: Style): string {
  const rows = stacks.flatMap((stack) =>
    stack.spared.map((spared) => [style.green('= keep'), spared.name, style.dim(stack.stack), whySpared(spared)]),
  );
  return rows.length === 0 ? '' : columns(rows, '  ');
}

function formerText(volumes: readonly FormerVolume[], style: Style): string {
  const rows = volumes.map(({ name, data, ...of }) => [
    coloured('delete', style),
    of.of === 'former cluster' ? `volume ${name} of the former cluster` : `volume ${name} that ${of.kept.stack} left`,
    style.red(`loses ${data}`),
  ]);
  return rows.length === 0 ? '' : columns(rows, '  ');
}

function adoptableText(stacks: readonly StackPlan[], style: Style): string {
  const rows = stacks.flatMap((stack) =>
    stack.adoptable.map((found) => [
      style.yellow('! exists'),
      `${found.kind} ${found.name}`,
      style.dim(stack.stack),
      `to manage it from now on: --adopt ${adoptionName(found)}`,
    ]),
  );
  return rows.length === 0 ? '' : columns(rows, '  ');
}

export function problemText(problem: Problem, style: Style): string {
  return [
    `${style.red('Failed:')} ${problem.message}`,
    ...(problem.hints ?? []).map((hint) => `  ${style.cyan('→')} ${hint}`),
  ].join('\n');
}

function headline(plan: EnvironmentPlan, style: Style): string {
  const failed = plan.stacks.filter((stack) => stack.state === 'failed').length;
  const unknown = plan.stacks.filter((stack) => stack.state === 'unknown').length;
  const stopped = plan.stacks.filter((stack) => stack.state === 'stopped').length;
  const outputs = plan.stacks.filter((stack) => stack.outputs.length > 0 && stack.changes.length === 0).length;
  const objects = plan.stacks.reduce((sum, stack) => sum + stack.objects.length, 0);
  const parts = [
    ...countsText(totals(plan)),
    ...(plan.formerVolumes.length > 0 ? [`${count(plan.formerVolumes.length, 'volume')} to delete`] : []),
    ...(objects > 0 ? [`${objects} to deliver`] : []),
    ...(outputs > 0 ? [`new outputs in ${count(outputs, 'stack')}`] : []),
    ...(unknown > 0 ? [`${count(unknown, 'stack')} known later`] : []),
    ...(failed > 0 ? [`${count(failed, 'stack')} failed`] : []),
    ...(stopped > 0 ? [`${count(stopped, 'stack')} not planned`] : []),
  ];
  const what = parts.length === 0 ? (plan.destroy ? 'nothing to destroy' : 'no changes') : parts.join(', ');
  return style.bold(`${plan.environment}: ${what}, over ${count(plan.stacks.length, 'stack')}.`);
}

export function countsText(counts: Counts): readonly string[] {
  const words: readonly (readonly [keyof Counts, string])[] = [
    ['replace', 'to replace'],
    ['delete', 'to destroy'],
    ['update', 'to change'],
    ['import', 'to adopt'],
    ['create', 'to create'],
  ];
  return words.flatMap(([key, word]) => (counts[key] > 0 ? [`${counts[key]} ${word}`] : []));
}
