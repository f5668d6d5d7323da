/** Workloads that stand still while what they work with is replaced. */
import { z } from 'zod';
import { objects } from '../cluster/ask.ts';
import { FailedError } from '../errors.ts';
import { toolFailed } from '../tools/call.ts';
import { scale, suspend } from '../tools/kubectl.ts';
import type { BackupDeps } from './hands.ts';
import type { StoppedWorkload } from './restore-journal.ts';

const POLL_MS = 1000;
const GONE_WITHIN_MS = 300_000;

const KINDS = ['deployments.apps', 'statefulsets.apps', 'cronjobs.batch'];

const wantedSchema = z.looseObject({
  spec: z.looseObject({ replicas: z.number().default(1), suspend: z.boolean().default(false) }).prefault({}),
});

/** Those that are meant, with how many pods each wants now; a CronJob that is not suspended counts for one. */
export async function runningWorkloads(
  deps: BackupDeps,
  isMeant: (workload: Omit<StoppedWorkload, 'replicas'>) => boolean,
): Promise<readonly StoppedWorkload[]> {
  const all = await objects(deps.run, await deps.pin(), KINDS);
  return all
    .map((object): StoppedWorkload => {
      const { replicas, suspend: suspended } = wantedSchema.parse(object).spec;
      return {
        kind: object.kind.toLowerCase(),
        namespace: object.metadata.namespace ?? '',
        name: object.metadata.name,
        replicas: suspended ? 0 : replicas,
      };
    })
    .filter((workload) => workload.replicas > 0 && isMeant(workload));
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

const stateSchema = z.looseObject({
  status: z.looseObject({ replicas: z.number().default(0), active: z.array(z.unknown()).default([]) }).prefault({}),
});

async function stillRunning(deps: BackupDeps, workloads: readonly StoppedWorkload[]): Promise<readonly string[]> {
  const all = await objects(deps.run, await deps.pin(), KINDS);
  return workloads
    .filter(({ kind, namespace, name }) => {
      const found = all.find(
        (object) =>
          object.kind.toLowerCase() === kind &&
          object.metadata.namespace === namespace &&
          object.metadata.name === name,
      );
      if (found === undefined) return false;
      const { replicas, active } = stateSchema.parse(found).status;
      return replicas + active.length > 0;
    })
    .map(({ namespace, name }) => `${namespace}/${name}`);
}

export async function startWorkloads(deps: BackupDeps, workloads: readonly StoppedWorkload[]): Promise<void> {
  await scaleAll(deps, workloads);
}

async function scaleAll(deps: BackupDeps, workloads: readonly StoppedWorkload[]): Promise<void> {
  const pin = await deps.pin();
  for (const workload of workloads) {
    const call = workload.kind === 'cronjob' ? suspend(pin, workload, workload.replicas === 0) : scale(pin, workload);
    const outcome = await deps.run('kubectl', call);
    if (outcome.exitCode === 0 || /NotFound|not found/.test(outcome.stderr)) continue;
    throw toolFailed(
      'backup.notScaled',
      `${workload.namespace}/${workload.name} could not be ${workload.replicas === 0 ? 'stopped' : 'started'}`,
      outcome,
    );
  }
}
