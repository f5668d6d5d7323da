/** Backups for people. */
import type { BackupCreateResult, BackupEvent } from '../usecases/backup-create.ts';
import type { BackupLine, BackupListResult } from '../usecases/backup-list.ts';
import type { RestoreResult } from '../usecases/backup-restore.ts';
import type { BackupScheduleResult, ScheduleLine } from '../usecases/backup-schedule.ts';
import type { Steps } from '../ports/steps.ts';
import type { Style } from './style.ts';
import { columns, count } from './text.ts';

/** Parts as they begin, what they are doing, how they ended. */
export function showBackup(steps: Steps): (event: BackupEvent) => void {
  const known = new Set<string>();
  return (event) => {
    if (event.kind === 'part') {
      known.add(event.part);
      steps.announce([{ id: event.part, title: event.part }]);
      steps.start(event.part);
    } else if (event.kind === 'ended') steps.end(event.part, event.how, event.text);
    else if (known.has(event.part)) steps.note(event.part, event.text);
    else steps.say(event.text);
  };
}

export function backupListText({ own, backups, troubles }: BackupListResult, style: Style): string {
  const colours: Readonly<Record<BackupLine['state'], (text: string) => string>> = {
    complete: style.green,
    partial: style.red,
    failed: style.red,
    running: style.yellow,
  };
  const header = ['ID', 'AGE', 'SIZE', 'EXPIRES', 'STATE'].map((word) => style.dim(word));
  const rows = backups.map((one) => [
    one.id,
    age(one.ageHours),
    one.bytes === undefined ? '' : one.bytes === 'none' ? 'bytes: none' : size(one.bytes),
    one.expires?.slice(0, 10) ?? 'stays',
    colours[one.state](one.state),
  ]);
  const [top = '', ...lines] = columns([header, ...rows], '  ').split('\n');
  const groups = new Map<string, string[]>();
  for (const [index, one] of backups.entries()) {
    const title = titleOf(one, own, style);
    const troubles = one.trouble === undefined ? [] : [`    ${one.trouble}`];
    groups.set(title, [...(groups.get(title) ?? []), lines[index] ?? '', ...troubles]);
  }
  return [
    ...(backups.length === 0 ? ['There is no backup yet: `ffops backup create` makes one.'] : [top]),
    ...[...groups].flatMap(([title, own]) => [title, ...own]),
    ...troubles.flatMap(({ message, hints = [] }) => [style.red(message), ...hints.map((hint) => `  ${hint}`)]),
  ].join('\n');
}

/** What such backups hold, where they lie, and whose they are when that is not a matter of course. */
function titleOf({ kind, what, where, of }: BackupLine, own: string, style: Style): string {
  const whose =
    of === own || (of === undefined && kind === 'dump')
      ? []
      : [of === undefined ? 'nobody has written on it whose it is' : `of ${of}: restored with --of ${of} only`];
  const place = `${where.slice(0, where.lastIndexOf('/'))}/ID`;
  return [style.bold(what), `  ${style.dim(place)}`, ...whose.map((line) => `  ${style.yellow(line)}`)].join('\n');
}

export function backupCreateText({ parts }: BackupCreateResult, style: Style): string {
  return parts
    .flatMap(({ part, id, state, bytes, errors }) => [
      `${part} ${state === 'complete' ? style.green('complete') : state === 'notRun' ? style.yellow('not run') : style.red(state)} ${id}${bytes === undefined ? '' : bytes === 'none' ? ' (bytes: none)' : ` (${size(bytes)})`}`,
      ...errors.map((line) => `  ${line}`),
    ])
    .join('\n');
}

export function restoreText(result: RestoreResult, style: Style): string {
  const { objects, databases, notes, next, verdict } = result;
  return [
    ...(objects === undefined
      ? []
      : [
          `${objects.backup}: ${count(objects.expected, 'object')} expected, ${objects.missing.length} missing`,
          ...objects.missing.map((one) => `  ${one}`),
        ]),
    ...databases.flatMap(({ database, tables, rows, differences }) => [
      `${database}: ${count(tables, 'table')}, ${count(rows, 'row')}${differences.length === 0 ? style.green(' as they were') : ''}`,
      ...differences.map((line) => style.red(`  ${line}`)),
    ]),
    ...notes,
    ...(result.bytes === 'none' ? ['bytes: none'] : []),
    next !== undefined
      ? style.yellow(`Stands before: ${next}. The same command goes on from here.`)
      : verdict === 'done'
        ? style.green(`${result.what} is restored.`)
        : style.red(`${result.what} is restored, and not as it was.`),
  ].join('\n');
}

export function scheduleText({ schedules }: BackupScheduleResult, style: Style): string {
  if (schedules.length === 0)
    return 'Nothing is backed up by itself: `backups.enabled` is off, or there is nothing to back up.';
  const rows = schedules.map((one) => [
    one.name,
    one.cron,
    `${one.retentionDays} days`,
    one.state === 'asRendered' ? style.green('in force') : style.yellow(one.state),
    one.lastRun === undefined ? 'never ran' : `ran ${minute(one.lastRun)}${wentWell(one) ? ', and well' : ''}`,
  ]);
  const lines = columns(rows).split('\n');
  return schedules
    .flatMap((one, index) => [
      lines[index],
      style.dim(`  ${one.namespaces.join(', ')}`),
      ...(one.lastGood === undefined || wentWell(one) ? [] : [style.red(`  well last ${minute(one.lastGood)}`)]),
    ])
    .join('\n');
}

/** Its end, which is what Kubernetes keeps of it, comes after its beginning. */
function wentWell({ lastRun, lastGood }: ScheduleLine): boolean {
  return lastRun !== undefined && lastGood !== undefined && lastGood >= lastRun;
}

/** `2026-11-28 03:00`, in UTC as the schedules are. */
function minute(moment: string): string {
  return moment.slice(0, 16).replace('T', ' ');
}

function age(hours: number): string {
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

function size(bytes: number): string {
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  return `${Math.round((bytes / 1024 ** power) * 10) / 10} ${units[power]}`;
}
