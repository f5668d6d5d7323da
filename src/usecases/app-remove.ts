/** `ffops app remove`: out of the environment file. What holds data stays until somebody deletes it by name. */
import type { BlueprintDifference } from '../blueprint/difference.ts';
import type { Blueprint } from '../model/blueprint.ts';
import { dropDatabase } from '../model/drop-database.ts';
import { withBuckets, withoutApp } from '../model/edit-environment.ts';
import type { Ports } from '../ports/ports.ts';
import {
  agreed,
  prepareChange,
  renderAgain,
  type FileChange,
  type PreparedChange,
  type RenderHands,
} from './app-change.ts';
import { addedApp, openSource, type AppPlace, type EnvironmentSource } from './apps.ts';
import { blueprintOf } from './open-environment.ts';
import type { Result } from './verdict.ts';

export interface AppRemoveRequest extends AppPlace {
  readonly id: string;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly hands: RenderHands;
}

export interface AppRemoval extends FileChange {
  readonly id: string;
  readonly title: string;
  readonly kept: readonly KeptThing[];
}

/** Outlives the app, and its next apply. */
export interface KeptThing {
  readonly kind: 'volume' | 'database' | 'bucket' | 'secret';
  readonly name: string;
  /** What has to be done before, in words. */
  readonly first?: string;
  /** Takes it away for good. */
  readonly deletedBy: string;
}

export interface AppRemoveResult extends Result, AppRemoval {
  /** False with `--dry-run`, and when the question was answered with no. */
  readonly written: boolean;
}

export async function removeApp(
  ports: Pick<Ports, 'files' | 'terminal'>,
  request: AppRemoveRequest,
  show: (removal: AppRemoval) => void,
): Promise<AppRemoveResult> {
  const { id, workspace, environment } = request;
  const source = await openSource(ports, request);
  const { title } = addedApp(source, id);
  const before = blueprintOf(workspace, source);
  const change = await withoutLoss(ports, request, source);
  const { file, diff, difference } = change;
  const kept = [
    ...keptOf(before, change.blueprint, environment),
    ...keptBuckets(before, change.blueprint, environment),
    ...keptSecrets(difference, environment),
  ];
  const removal: AppRemoval = { id, title, file, diff, difference, kept };
  if (request.dryRun) return { verdict: 'done', ...removal, written: false };
  if (!(await agreed(ports.terminal, request, `Write ${file}?`, () => show(removal))))
    return { verdict: 'refused', ...removal, written: false };
  await change.write();
  await renderAgain(ports, request, request.hands, change.blueprint);
  return { verdict: 'done', ...removal, written: true };
}

/** A bucket is what the file says, so that what becomes of the app's must be said there: it is the environment's own from now on. */
async function withoutLoss(
  ports: Pick<Ports, 'files'>,
  request: AppRemoveRequest,
  source: EnvironmentSource,
): Promise<PreparedChange> {
  const text = withoutApp(source, request.id);
  const change = await prepareChange(ports, request, source, text);
  const { buckets } = change.difference.removed;
  if (buckets.length === 0) return change;
  return await prepareChange(ports, request, source, withBuckets({ file: source.file, text }, buckets));
}

/** The app's own, and those of a server that nobody else needs. */
function keptOf(before: Blueprint, after: Blueprint, environment: string): readonly KeptThing[] {
  const stays = (stack: string): boolean => after.stacks.some(({ name }) => name === stack);
  const volumes = before.volumes
    .filter(({ name, namespace }) => !after.volumes.some((one) => one.name === name && one.namespace === namespace))
    .flatMap(({ name, namespace, release: user }) =>
      before.stacks
        .filter(({ releases }) => releases.some((one) => one.name === user && one.namespace === namespace))
        .map((stack): KeptThing => {
          const data = stack.releases.find((one) => one.name === user)?.holdsData?.name ?? name;
          const deletedBy = stays(stack.name)
            ? `ffops kube -e ${environment} -- delete persistentvolumeclaim ${name} --namespace ${namespace}`
            : `ffops destroy -e ${environment} --stack ${stack.name} --allow-data-loss ${data}`;
          return { kind: 'volume', name, deletedBy };
        }),
    );
  // Without their server they are in its volume.
  const databases = before.databases
    .filter(({ owner, engine }) => {
      const isGone = !after.databases.some((one) => one.owner === owner);
      return isGone && after.provisioners.some((one) => one.engine === engine);
    })
    .map((database): KeptThing => ({
      kind: 'database',
      name: database.name,
      deletedBy: dropDatabase(environment, database),
    }));
  return [...volumes, ...databases];
}

/** Passed on to the environment itself. */
function keptBuckets(before: Blueprint, after: Blueprint, environment: string): readonly KeptThing[] {
  return before.buckets
    .filter(({ name, purpose }) => after.buckets.some((one) => one.name === name && one.purpose !== purpose))
    .map(({ name, stack }) => ({
      kind: 'bucket',
      name,
      first: 'Empty it, and take it out of `objectStorage.buckets`.',
      deletedBy: `ffops apply -e ${environment} --stack ${stack} --allow-data-loss ${name}`,
    }));
}

/** What the app encrypted with them may come back with its volume. */
function keptSecrets({ removed }: BlueprintDifference, environment: string): readonly KeptThing[] {
  return removed.secrets.map(({ name }) => ({
    kind: 'secret',
    name,
    deletedBy: `ffops secrets edit -e ${environment}`,
  }));
}
