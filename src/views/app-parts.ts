/** What the commands of apps show alike: what comes or goes, and the lines of a file. */
import type { Parts } from '../usecases/app-change.ts';
import type { Style } from './style.ts';
import { columns } from './text.ts';

/** One line per thing, the kind in front. */
export function partsText(parts: Parts, sign: string, style: Style): string {
  const rows = [
    ...parts.hosts.map(({ name, purpose }) => ['host', name, purpose]),
    ...parts.databases.map(({ engine, name, user }) => ['database', name, `${engine}, user ${user}`]),
    ...parts.volumes.map(({ name, namespace, size }) => ['volume', name, `${size}, in ${namespace}`]),
    ...parts.buckets.map((name) => ['bucket', name, '']),
    ...parts.schedules.map((name) => ['backups', name, '']),
    ...parts.secrets.map(({ name, supply, description }) => [
      'secret',
      name,
      `${supply === 'asked' ? style.yellow('asked for') : supply}: ${description}`,
    ]),
    ...parts.releases.map(({ name, namespace }) => ['release', name, `in ${namespace}`]),
  ];
  return columns(
    rows.map(([kind = '', name = '', about = '']) => [`${sign} ${kind}`, style.bold(name), style.dim(about)]),
    '  ',
    style.width,
  );
}

export function diffText(file: string, diff: readonly string[], style: Style): string {
  const colour = (line: string): string => {
    if (line.startsWith('+')) return style.green(line);
    if (line.startsWith('-')) return style.red(line);
    return style.dim(line);
  };
  return [style.bold(file), ...diff.map((line) => `  ${colour(line)}`)].join('\n');
}
