/** What is there now and what takes its place, shown before anybody agrees to it. */
import type { RestoreJournal } from '../../backups/restore-journal.ts';
import { objects } from '../../cluster/ask.ts';
import { ConsentError } from '../../errors.ts';
import { backupOwner } from '../../model/backup-label.ts';
import type { EmitBackup } from '../backup-create.ts';
import { lostClaims } from './keep.ts';
import type { RestoreDeps, RestoreRequest } from './scene.ts';

export async function consent(
  deps: RestoreDeps,
  request: RestoreRequest,
  journal: RestoreJournal,
  emit: EmitBackup,
): Promise<void> {
  for (const line of await changes(deps, journal)) emit({ kind: 'note', part: 'restore', text: line });
  if (request.to !== undefined) return;
  const { what } = request;
  const mayLose = request.loseData.includes(what);
  if (!journal.keep && !mayLose) {
    throw new ConsentError('consent.data-loss', {
      message: `Without a backup of the present, this would lose what ${what} holds now.`,
      hints: [`When that is what you want: --allow-data-loss ${what}`, 'Or leave --no-keep out.'],
    });
  }
  const lost = mayLose ? [] : await lostClaims(deps, journal);
  if (lost.length > 0) {
    throw new ConsentError('consent.data-loss', {
      message: `No pod has ${lost.join(', ')} open, so what is in there now cannot be backed up before it is replaced.`,
      hints: [
        'Scale up what works with it (`ffops apply`), then it can.',
        `When it may be lost: --allow-data-loss ${what}`,
      ],
    });
  }
  if (request.yes) return;
  if (!deps.terminal.interactive) {
    throw new ConsentError('consent.nobody', {
      message: 'Nobody is here to agree to this.',
      hints: ['To agree beforehand: -y'],
    });
  }
  const typed = await deps.terminal.input(`Type "${what}" to replace it`);
  if (typed.trim() !== what) {
    throw new ConsentError('consent.refused', { message: `Nothing was changed: "${typed}" is not "${what}".` });
  }
}

async function changes(deps: RestoreDeps, journal: RestoreJournal): Promise<readonly string[]> {
  const { of } = journal.asked;
  const foreign = of !== undefined && of !== backupOwner(deps.blueprint);
  const lines = foreign
    ? [`This brings what ${of} had, names of hosts included, into ${deps.blueprint.environment}.`]
    : [];
  for (const [from, to] of journal.objects?.namespaces ?? []) {
    const found = await objects(
      deps.run,
      await deps.pin(),
      ['deployments.apps', 'statefulsets.apps', 'persistentvolumeclaims'],
      { namespace: to },
    );
    const names = found.map((one) => `${shortKinds[one.kind] ?? one.kind} ${one.metadata.name}`);
    lines.push(
      `${to} has ${names.length === 0 ? 'nothing now' : names.join(', ')}; it becomes ${from} of ${journal.objects?.backup}`,
    );
  }
  for (const { engine, id, databases } of journal.dumps) {
    const what = databases?.map((name) => `${engine}/${name}`).join(', ') ?? `every database of ${engine}`;
    lines.push(`${what} becomes as the dump ${id || '(none can be made here)'} has it`);
  }
  return lines;
}

const shortKinds: Readonly<Record<string, string>> = {
  Deployment: 'deployment',
  StatefulSet: 'statefulset',
  PersistentVolumeClaim: 'volume',
};
