/** Objects and files of namespaces, by Velero. */
import { errorsOf } from '../../backups/explain.ts';
import { volumesIn } from '../../backups/volumes.ts';
import { restoreManifest } from '../../cluster/velero.ts';
import { askVelero, awaitRestore } from '../../cluster/velero-work.ts';
import { FailedError } from '../../errors.ts';
import { toolFailed } from '../../tools/call.ts';
import { deleteObject } from '../../tools/kubectl.ts';
import { notReady } from './not-ready.ts';
import { isCopy, serverReleases, targetsOf, type RestoreDeps, type Scene, type Step } from './scene.ts';

/** Backups hold none that ffops can write. */
export const secrets: Step = async ({ deps, journal }) => {
  if (isCopy(journal)) return undefined;
  const targets = targetsOf(journal);
  for (const stack of deps.blueprint.stacks) {
    if (stack.releases.some(({ namespace }) => targets.includes(namespace))) await deps.cluster.deliver(stack);
  }
  return undefined;
};

/** Velero leaves a volume that is there as it is, with whatever came later: only a new one is filled. */
export const clear: Step = async ({ deps, journal }) => {
  if (journal.objects === undefined || isCopy(journal)) return undefined;
  const targets = targetsOf(journal);
  const held = await volumesIn(deps, journal.objects.backup, targets);
  for (const { namespace, name } of held) {
    const call = deleteObject(await deps.pin(), { kind: 'persistentvolumeclaim', namespace, name }, 180);
    const outcome = await deps.run('kubectl', call);
    if (outcome.exitCode !== 0)
      throw toolFailed('backup.notCleared', `The volume ${namespace}/${name} could not be emptied`, outcome);
  }
  const { volumes } = deps.blueprint;
  const left = volumes.filter((one) => one.fileBackup && targets.includes(one.namespace) && !held.includes(one));
  const notes = left.map(
    ({ namespace, name }) => `${namespace}/${name}: the backup has no files of it, so it stays as it is`,
  );
  return { ...journal, notes: [...journal.notes, ...notes] };
};

/** Where the databases run, before their content; the apps only after it. */
export const servers: Step = async (scene) => {
  const homes = homesOf(scene.deps);
  const ended = await restoreObjects(scene, 'servers', ([from]) => homes.has(from));
  if (ended === 'left') return ended;
  const releases = serverReleases(scene.deps);
  for (const { engine } of scene.journal.dumps) {
    const server = releases.find(({ entry }) => entry === engine);
    const trouble = server === undefined ? undefined : await scene.deps.cluster.waitUntilReady(server);
    if (trouble !== undefined) throw notReady(engine, trouble.lines);
  }
  return undefined;
};

export const objects: Step = async (scene) => {
  const homes = homesOf(scene.deps);
  return await restoreObjects(scene, 'objects', ([from]) => !homes.has(from));
};

function homesOf(deps: RestoreDeps): ReadonlySet<string> {
  return new Set(serverReleases(deps).map(({ namespace }) => namespace));
}

async function restoreObjects(
  { deps, store, journal, emit }: Scene,
  part: string,
  belongs: (pair: readonly [string, string]) => boolean,
): Promise<'left' | undefined> {
  const pairs = journal.objects?.namespaces.filter(belongs) ?? [];
  if (journal.objects === undefined || pairs.length === 0) return undefined;
  const name = `${part}-${journal.id.toLowerCase()}`;
  const { backup } = journal.objects;
  const pin = await deps.pin();
  const manifest = restoreManifest({ name, backup, namespaces: new Map(pairs), leftOut: [] });
  await askVelero(deps, pin, manifest, `The restore ${name}`);
  const restore = await awaitRestore(deps, pin, name, (text) => emit({ kind: 'note', part, text }));
  if (restore === undefined) return 'left';
  if (restore.phase === 'Completed') return undefined;
  throw new FailedError('backup.restoreFailed', {
    message: [
      `Velero calls the restore of ${backup} ${restore.phase}:`,
      ...(await errorsOf(store, 'restore', restore)),
    ].join('\n'),
    hints: ['Repair what it names, then begin anew: `--abandon`. What stands still meanwhile is started at its end.'],
  });
}
