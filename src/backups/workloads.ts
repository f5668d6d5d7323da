/** Workloads that stand still while what they work with is replaced. */
import { z } from 'zod';
import { objects } from '../cluster/ask.ts';
import { FailedError } from '../errors.ts';
import { toolFailed } from '../tools/call.ts';
import { scale } from '../tools/kubectl.ts';
import type { BackupDeps } from './hands.ts';
import type { StoppedWorkload } from './restore-journal.ts';

const POLL_MS = 1000;
const GONE_WITHIN_MS = 300_000;

const replicasSchema = z.looseObject({ spec: z.looseObject({ replicas: z.number().default(1) }).prefault({}) });

/** Those of these namespaces, with how many pods each wants now; `spared` are called `namespace/name`. */
export async function runningWorkloads(
  deps: BackupDeps,
  namespaces: readonly string[],
  spared: ReadonlySet<string>,
): Promise<readonly StoppedWorkload[]> {
  const all = await objects(deps.run, await deps.pin(), ['deployments.apps', 'statefulsets.apps']);
  return all
    .map((object) => ({
      kind: object.kind.toLowerCase(),
      namespace: object.metadata.namespace ?? '',
      name: object.metadata.name,
      replicas: replicasSchema.parse(object).spec.replicas,
    }))
    .filter(
      ({ namespace, name, replicas }) =>
        namespaces.includes(namespace) && replicas > 0 && !spared.has(`${namespace}/${name}`),
    );
}

/** Returns once none of their pods is left. Quiet about those that are gone. */
export async function stopWorkloads(deps: BackupDeps, workloads: readonly StoppedWorkload[]): Promise<void> {
  await scaleAll(
    deps,
    workloads.map((one) => ({ ...one, replicas: 0 })),
  );
  const deadline = deps.clock.now().getTime() + GONE_WITHIN_MS;
  for (;;) {
    const left = await stillRunning(deps, workloads);
    if (left.length === 0 || deps.interruption.requested) return;
    if (deps.clock.now().getTime() > deadline) {
      throw new FailedError('backup.notStopped', {
        message: `${left.join(', ')} did not stop within five minutes.`,
        hints: ['Run this again: it goes on from here.'],
      });
    }
    await deps.clock.sleep(POLL_MS, deps.interruption);
  }
}

const stateSchema = z.looseObject({ status: z.looseObject({ replicas: z.number().default(0) }).prefault({}) });

async function stillRunning(deps: BackupDeps, workloads: readonly StoppedWorkload[]): Promise<readonly string[]> {
  const all = await objects(deps.run, await deps.pin(), ['deployments.apps', 'statefulsets.apps']);
  return workloads
    .filter(({ kind, namespace, name }) => {
      const found = all.find(
        (object) =>
          object.kind.toLowerCase() === kind &&
          object.metadata.namespace === namespace &&
          object.metadata.name === name,
      );
      return found !== undefined && stateSchema.parse(found).status.replicas > 0;
    })
    .map(({ namespace, name }) => `${namespace}/${name}`);
}

export async function startWorkloads(deps: BackupDeps, workloads: readonly StoppedWorkload[]): Promise<void> {
  await scaleAll(deps, workloads);
}

async function scaleAll(deps: BackupDeps, workloads: readonly StoppedWorkload[]): Promise<void> {
  const pin = await deps.pin();
  for (const workload of workloads) {
    const outcome = await deps.run('kubectl', scale(pin, workload));
    if (outcome.exitCode === 0 || /NotFound|not found/.test(outcome.stderr)) continue;
    throw toolFailed('backup.notScaled', `${workload.namespace}/${workload.name} could not be scaled`, outcome);
  }
}
