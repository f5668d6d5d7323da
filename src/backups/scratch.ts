/** A namespace that a drill restores into: made for it, shut off, and gone afterwards. */
import { objects } from '../cluster/ask.ts';
import { managedByLabel, manager, ownLabelPrefix } from '../cluster/names.ts';
import { FailedError } from '../errors.ts';
import { toolFailed } from '../tools/call.ts';
import { applyManifests, deleteObject } from '../tools/kubectl.ts';
import type { BackupDeps } from './hands.ts';
import { JOB_MANAGER } from './jobs.ts';

const label = `${ownLabelPrefix}drill`;
const GONE_WITHIN_SECONDS = 180;

/**
 * A copy of an app would go to work, on the very databases of the original: nothing gets out of here, and nothing in. What a
 * drill left that was killed is taken away first. Throws FailedError when somebody else has a namespace of this name.
 */
export async function openScratch(deps: BackupDeps, name: string): Promise<void> {
  const found = await objects(deps.run, await deps.pin(), ['namespaces'], { fields: `metadata.name=${name}` });
  if (found.some(({ metadata }) => metadata.labels[label] === undefined)) {
    throw new FailedError('backup.scratchTaken', {
      message: `There is a namespace ${name} that no drill made: nothing is restored into it.`,
      hints: [`Rename or remove it; drills need the name: \`ffops kube -- get all -n ${name}\`.`],
    });
  }
  if (found.length > 0) {
    const left = await closeScratch(deps, name);
    if (left !== undefined) throw new FailedError('backup.noScratch', { message: left });
  }
  const items = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { [managedByLabel]: manager, [label]: 'yes' } } },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'drill', namespace: name },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    },
  ];
  const manifests = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const outcome = await deps.run('kubectl', applyManifests(await deps.pin(), manifests, JOB_MANAGER));
  if (outcome.exitCode !== 0)
    throw toolFailed('backup.noScratch', `The scratch namespace ${name} was refused`, outcome);
}

/** Returns what to say when it would not go. */
export async function closeScratch(deps: BackupDeps, name: string): Promise<string | undefined> {
  const call = deleteObject(await deps.pin(), { kind: 'namespace', name }, GONE_WITHIN_SECONDS);
  const outcome = await deps.run('kubectl', call);
  return outcome.exitCode === 0 ? undefined : `the scratch namespace ${name} is still there: it takes its time to go`;
}
