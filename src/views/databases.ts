/** Databases for people. */
import type { DatabaseFileResult, DatabaseListResult } from '../usecases/databases.ts';
import type { Style } from './style.ts';
import { columns, count } from './text.ts';

export function databaseListText({ databases }: DatabaseListResult, style: Style): string {
  if (databases.length === 0) return 'This environment has no database.';
  const rows = databases.map(({ engine, name, owner, bytes, connections, app }) => [
    `${engine}/${name}`,
    `of ${owner}`,
    `${Math.ceil(bytes / 1024 / 1024)} MiB`,
    count(connections, 'connection'),
    style.dim(app === undefined ? 'of no app' : `for ${app}`),
  ]);
  return columns(rows);
}

export function databaseDumpText({ database, file, bytes }: DatabaseFileResult): string {
  return `${database} is in ${file} (${bytes} bytes).`;
}

export function databaseRestoreText({ database, file }: DatabaseFileResult): string {
  return `${database} holds what ${file} has.`;
}
