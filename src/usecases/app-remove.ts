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
}

/** Outlives the app, and its next apply. */
export interface KeptThing {
  readonly kind: 'volume' | 'database' | 'secret';
  readonly name: string;
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
  const kept = [...keptOf(before, environment, id), ...keptSecrets(difference, environment)];
  const removal: AppRemoval = { id, title: entry.title, file, diff, difference, kept };
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

function keptOf(blueprint: Blueprint, environment: string, id: string): readonly KeptThing[] {
  const kube = `ffops kube -e ${environment} --`;
  return [
    ...blueprint.volumes
      .filter(({ owner }) => owner === id)
      .map(({ name, namespace }): KeptThing => ({
        kind: 'volume',
        name,
        deletedBy: `${kube} delete persistentvolumeclaim ${name} --namespace ${namespace}`,
      })),
    ...blueprint.databases
      .filter(({ owner }) => owner === id)
      .map((database): KeptThing => ({
        kind: 'database',
        name: database.name,
        deletedBy: dropDatabase(environment, database),
      })),
  ];
}

/** What the app encrypted with them may come back with its volume. */
function keptSecrets({ removed }: BlueprintDifference, environment: string): readonly KeptThing[] {
  return removed.secrets.map(({ name }) => ({
    kind: 'secret',
    name,
    deletedBy: `ffops secrets edit -e ${environment}`,
  }));
}
