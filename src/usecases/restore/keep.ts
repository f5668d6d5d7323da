/** The present, backed up before it is replaced. */
import { idOf } from '../../backups/manifest.ts';
import type { RestoreJournal } from '../../backups/restore-journal.ts';
import { unreadable, volumesIn } from '../../backups/volumes.ts';
import { servers } from '../../catalogue/databases.ts';
import { objects } from '../../cluster/ask.ts';
import { FailedError } from '../../errors.ts';
import { backUp } from '../backup-create.ts';
import { targetsOf, type RestoreDeps, type Step } from './scene.ts';

/** `namespace/claim` of the volumes that are going to be filled anew and cannot be backed up before. */
export async function lostClaims(deps: RestoreDeps, journal: RestoreJournal): Promise<readonly string[]> {
  if (journal.objects === undefined) return [];
  const replaced = await volumesIn(deps, journal.objects.backup, targetsOf(journal));
  return (await unreadable(deps, replaced)).map(({ namespace, name }) => `${namespace}/${name}`);
}

/** What is there is kept; after a loss that may be nothing. */
export const keep: Step = async ({ deps, journal, emit }) => {
  if (!journal.keep) return undefined;
  const { what } = journal.asked;
  const live = await objects(deps.run, await deps.pin(), ['pods', 'namespaces']);
  const namespaces = targetsOf(journal).filter((name) =>
    live.some(({ kind, metadata }) => kind === 'Namespace' && metadata.name === name),
  );
  const engines = journal.dumps
    .map(({ engine }) => engine)
    .filter((engine) => live.some(({ kind, metadata }) => kind === 'Pod' && metadata.name === servers[engine].pod));
  if (namespaces.length + engines.length === 0) return undefined;
  const parts = await backUp(deps, { name: `before-${what}`, namespaces, engines }, idOf(deps.clock.now()), emit);
  if (deps.interruption.requested || parts.some(({ state }) => state === 'left')) return 'left';
  const bad = parts.find(({ state }) => state === 'failed' || state === 'partial');
  if (bad === undefined) return undefined;
  throw new FailedError('backup.presentNotKept', {
    message: [`The present could not be backed up (${bad.part}):`, ...bad.errors].join('\n'),
    hints: [`When it may be lost: \`--abandon --no-keep --allow-data-loss ${what}\`.`],
  });
};
