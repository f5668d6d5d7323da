/** `ffops app remove`: out of the environment file. What holds data stays in the cluster until somebody deletes it by name. */
import type { BlueprintDifference } from '../blueprint/difference.ts';
import { UserError } from '../errors.ts';
import type { Blueprint } from '../model/blueprint.ts';
import { dropDatabase } from '../model/drop-database.ts';
import { withoutApp } from '../model/edit-environment.ts';
import type { Ports } from '../ports/ports.ts';
import { prepareChange, renderAgain, type FileChange, type RenderHands } from './app-change.ts';
import { appOf, isAdded, openSource, type AppPlace } from './apps.ts';
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
  readonly buckets: readonly UndecidedBucket[];
}

/** Outlives the app, and its next apply. */
export interface KeptThing {
  readonly kind: 'volume' | 'database' | 'secret';
  readonly name: string;
  /** Takes it away for good. */
  readonly deletedBy: string;
}

/** The next apply refuses to take it away, and goes on once one of these was done. */
export interface UndecidedBucket {
  readonly name: string;
  /** Takes it away for good; clouds refuse as long as something is in it. */
  readonly deletedBy: string;
  /** Leaves it to the person: it is in the account, and no longer ffops'. */
  readonly leftBy: string;
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
  const entry = appOf(source.catalogue, id);
  if (!isAdded(source, id)) {
    throw new UserError('app.absent', {
      message: `\`${id}\` is not in ${source.file}.`,
      hints: ['See what is: ffops app list.'],
    });
  }
  const before = blueprintOf(workspace, source);
  const change = await prepareChange(ports, request, source, withoutApp(source, id));
  const { file, diff, difference } = change;
  const kept = [...keptOf(before, change.blueprint, environment), ...keptSecrets(difference, environment)];
  const buckets = bucketsOf(before, environment, difference);
  const removal: AppRemoval = { id, title: entry.title, file, diff, difference, kept, buckets };
  if (request.dryRun) return { verdict: 'done', ...removal, written: false };
  if (ports.terminal.interactive && !request.yes) {
    show(removal);
    if (!(await ports.terminal.confirm(`Write ${file}?`, { initial: true })))
      return { verdict: 'refused', ...removal, written: false };
  }
  await change.write();
  await renderAgain(ports, request, request.hands, change.blueprint);
  return { verdict: 'done', ...removal, written: true };
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

function bucketsOf(
  { stacks }: Blueprint,
  environment: string,
  { removed }: BlueprintDifference,
): readonly UndecidedBucket[] {
  return removed.buckets.flatMap((name) =>
    stacks.flatMap((stack) =>
      stack.resources
        .filter(({ holdsData }) => holdsData?.name === name)
        .map(({ address }) => ({
          name,
          deletedBy: `ffops apply -e ${environment} --stack ${stack.name} --allow-data-loss ${name}`,
          leftBy: `ffops tofu ${stack.name} -e ${environment} -- state rm '${address}'`,
        })),
    ),
  );
}

/** What the app encrypted with them may come back with its volume. */
function keptSecrets({ removed }: BlueprintDifference, environment: string): readonly KeptThing[] {
  return removed.secrets.map(({ name }) => ({
    kind: 'secret',
    name,
    deletedBy: `ffops secrets edit -e ${environment}`,
  }));
}
