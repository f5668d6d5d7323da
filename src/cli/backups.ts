/** Hands the backups' use cases what they work with. */
import { boolean } from '@oclif/core/flags';
import { takeRunLock } from '../engine/run-lock.ts';
import { layoutOf } from '../engine/layout.ts';
import type { RestoreDeps } from '../usecases/backup-restore.ts';
import type { Context } from './context.ts';

export const takeOverFlag = {
  'take-over': boolean({ description: 'although another run holds the cluster: you know that it is gone' }),
};

export async function openBackups(context: Context): Promise<RestoreDeps> {
  const hands = await context.hands();
  const [blueprint, surroundings, environment, workspace] = await Promise.all([
    context.blueprint(),
    hands.surroundings(),
    hands.environment(),
    context.workspace(),
  ]);
  const { clock, files, network, terminal } = context.ports;
  const { operator } = hands;
  const { run, secrets, cluster, folder } = environment;
  return {
    clock,
    files,
    network,
    // Read when it is asked: it is made with the first program.
    get interruption() {
      return context.ports.interruption;
    },
    terminal,
    run,
    secrets,
    cluster,
    folder,
    blueprint,
    surroundings,
    operator,
    pin: () => cluster.pin(),
    alone: async (command, work) => {
      const { lock } = layoutOf({ workspace: workspace.root, surroundings, blueprint });
      const mine = await takeRunLock(context.ports, lock, operator, command);
      try {
        return await work();
      } finally {
        await mine.release();
      }
    },
  };
}
