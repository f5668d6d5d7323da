/** What Velero says went wrong, for people. */
import { resultLines, type VeleroBackup, type VeleroRestore } from '../cluster/velero.ts';
import type { BackupStore } from './store.ts';

/** Its own words, or that it left none. */
export async function errorsOf(
  store: BackupStore,
  of: 'backup' | 'restore',
  work: VeleroBackup | VeleroRestore,
): Promise<readonly string[]> {
  if (work.reasons.length > 0) return work.reasons;
  const results = await store.results(of, work.name);
  const lines = results === undefined ? [] : resultLines(results, 'errors');
  return lines.length > 0 ? lines : [`Velero counts ${work.errors} errors, and wrote none of them down`];
}
