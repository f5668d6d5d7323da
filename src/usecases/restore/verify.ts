/** Whether all of it is back. Databases were counted as they came. */
import { missingObjects } from '../../backups/missing-objects.ts';
import { wantedObjects } from '../../backups/verify.ts';
import { FailedError } from '../../errors.ts';
import type { Step } from './scene.ts';

export const verify: Step = async ({ deps, store, journal, findings }) => {
  if (journal.objects === undefined) return undefined;
  const { backup, namespaces } = journal.objects;
  const list = await store.resourceList(backup);
  if (list === undefined) {
    throw new FailedError('backup.noList', {
      message: `Velero left no list of what ${backup} holds, so nobody can say whether all of it is back.`,
    });
  }
  const wanted = wantedObjects(list, new Map(namespaces));
  findings.objects = { backup, expected: wanted.length, missing: await missingObjects(deps, wanted) };
  return undefined;
};
