/** Hands the backups' use cases what they work with. */
import type { RestoreDeps } from '../usecases/backup-restore.ts';
import type { Context } from './context.ts';

export async function openBackups(context: Context): Promise<RestoreDeps> {
  const hands = await context.hands();
  const [blueprint, surroundings, environment] = await Promise.all([
    context.blueprint(),
    hands.surroundings(),
    hands.environment(),
  ]);
  const { clock, files, network, terminal } = context.ports;
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
    pin: () => cluster.pin(),
  };
}
