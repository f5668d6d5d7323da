/** What is in the databases, from their dumps. */
import { restoreDump } from '../../backups/dump-work.ts';
import { CANNOT_RUN, podsRun } from '../../backups/hands.ts';
import { numbersOf } from '../../backups/choice.ts';
import type { DumpManifest } from '../../backups/manifest.ts';
import type { BackupStore } from '../../backups/store.ts';
import type { Engine } from '../../backups/subject.ts';
import type { DatabaseCheck } from '../../backups/verify.ts';
import { stopWorkloads } from '../../backups/workloads.ts';
import { FailedError } from '../../errors.ts';
import type { Step } from './scene.ts';

export const dumps: Step = async ({ deps, store, journal, emit }) => {
  const counted: DatabaseCheck[] = [];
  const notes = [...journal.notes];
  // The objects that came back say again that they are to run.
  await stopWorkloads(
    deps,
    journal.stopped.filter(({ kind }) => kind === 'cronjob'),
  );
  for (const { engine, id, databases } of journal.dumps) {
    if (!podsRun(deps)) {
      notes.push(`${engine}: ${CANNOT_RUN}`);
      continue;
    }
    const manifest = await manifestOf(store, engine, id);
    const wish = {
      manifest,
      databases: numbersOf(manifest, databases),
      name: `${engine}-restore-${journal.id.toLowerCase()}`,
      trial: false,
    };
    const end = await restoreDump(deps, wish, (text) => emit({ kind: 'note', part: 'dumps', text }));
    if (end.kind === 'left') return 'left';
    if (end.kind === 'done') counted.push(...end.checks);
  }
  return { ...journal, counted, notes };
};

/** It was fit when it was chosen, and may have gone since. */
async function manifestOf(store: BackupStore, engine: Engine, id: string): Promise<DumpManifest> {
  const found = (await store.dumps(engine)).find((one) => one.id === id);
  if (found?.manifest !== undefined && found.trouble === undefined) return found.manifest;
  throw new FailedError('backup.unfitDump', {
    message: `The dump ${id} of ${engine} cannot be restored any more: ${found?.trouble ?? 'it is gone'}.`,
    hints: ['Begin anew with another one: `--abandon --from ID`; `ffops backup list` shows them.'],
  });
}

/** Roles that were missing came back without one; the others may have another since. */
export const passwords: Step = async ({ deps, journal }) => {
  for (const { engine } of journal.dumps) {
    const provisioner = deps.blueprint.provisioners.find((one) => one.engine === engine);
    if (provisioner !== undefined) await deps.cluster.provisionDatabases(provisioner);
  }
  return undefined;
};
