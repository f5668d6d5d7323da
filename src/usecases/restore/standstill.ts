/** What works with what is replaced stands still meanwhile. */
import { writeRestoreJournal } from '../../backups/restore-journal.ts';
import { runningWorkloads, startWorkloads, stopWorkloads } from '../../backups/workloads.ts';
import { DATABASES_NAMESPACE } from '../../catalogue/databases.ts';
import { jobsOf } from '../../catalogue/dumps/entry.ts';
import { notReady } from './not-ready.ts';
import { isCopy, journalPath, serverReleases, targetsOf, type RestoreDeps, type Scene, type Step } from './scene.ts';

export const stop: Step = async ({ deps, journal }) => {
  if (isCopy(journal)) return undefined;
  const namespaces = [...targetsOf(journal), ...clientNamespaces(deps, journal)];
  // They are what restores databases.
  const spared = new Set(serverReleases(deps).map(({ namespace, name }) => `${namespace}/${name}`));
  // A dump of what is half filled would pass for a whole one.
  const dumping = new Set(journal.dumps.map(({ engine }) => jobsOf(engine).dump));
  const running = await runningWorkloads(deps, ({ kind, namespace, name }) =>
    kind === 'cronjob' && namespace === DATABASES_NAMESPACE
      ? dumping.has(name)
      : namespaces.includes(namespace) && !spared.has(`${namespace}/${name}`),
  );
  // A second try finds some of them stopped already: what was written down first counts.
  const known = new Set(journal.stopped.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`));
  const stopped = [
    ...journal.stopped,
    ...running.filter(({ kind, namespace, name }) => !known.has(`${kind} ${namespace}/${name}`)),
  ];
  await writeRestoreJournal(deps.files, journalPath(deps), { ...journal, stopped });
  await stopWorkloads(deps, stopped);
  return deps.interruption.requested ? 'left' : { ...journal, stopped };
};

export const start: Step = async ({ deps, journal }) => {
  await startWorkloads(deps, journal.stopped);
  if (isCopy(journal)) return undefined;
  const touched = new Set([...targetsOf(journal), ...journal.stopped.map(({ namespace }) => namespace)]);
  for (const release of deps.blueprint.stacks
    .flatMap((stack) => stack.releases)
    .filter(({ namespace }) => touched.has(namespace))) {
    const trouble = await deps.cluster.waitUntilReady(release);
    if (trouble !== undefined) throw notReady(trouble.release, trouble.lines);
  }
  return undefined;
};

/** Where the apps live whose databases are replaced. */
function clientNamespaces({ blueprint }: RestoreDeps, { dumps }: Scene['journal']): readonly string[] {
  const owners = blueprint.databases
    .filter(({ engine, name }) => dumps.some((one) => one.engine === engine && (one.databases?.includes(name) ?? true)))
    .map(({ owner }) => owner);
  return blueprint.stacks
    .flatMap(({ releases }) => releases)
    .filter(({ entry }) => owners.includes(entry))
    .map(({ namespace }) => namespace);
}
