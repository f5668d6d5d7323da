import { existsSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { sandboxLayout, type SandboxLayout } from '../layout.ts';
import { isAlive, markedProcesses } from '../processes/proc.ts';
import { sweep } from '../processes/sweep.ts';
import { removeLeftGroups } from '../real/control-groups.ts';
import { askToStop, findDaemon } from './daemon-client.ts';
import { withLock } from './lock.ts';
import type { LaunchOptions, Say, StopReport } from './options.ts';
import { removeEphemeral } from './start.ts';

const STOPPED_WITHIN_MS = 20_000;
/** For another start or stop that is under way. */
const PATIENCE_MS = 120_000;
const SWEEP_GRACE_MS = 3_000;
const ASK_EVERY_MS = 50;

/** Afterwards no process of the sandbox is left, and no file, unless its state was to be kept. */
export async function stopSandbox(options: LaunchOptions, say: Say): Promise<StopReport> {
  const layout = sandboxLayout(realpathSync(options.workspace));
  if (!existsSync(layout.root)) return { wasRunning: false, endedProcesses: 0, removed: [], kept: [] };
  return withLock(layout.lockFile, PATIENCE_MS, async () => {
    const endedProcesses = markedProcesses(layout.runtime).length;
    const wasRunning = await endDaemon(layout, say);
    await sweep(layout.runtime, SWEEP_GRACE_MS);
    await removeLeftGroups(layout.clusters);
    if (options.keep) {
      removeEphemeral(layout);
      return { wasRunning, endedProcesses, removed: [], kept: [layout.root] };
    }
    // The lock goes with everything else, as the last step of whoever holds it. Not synchronously: several at once are faster.
    await rm(layout.root, { recursive: true, force: true });
    return { wasRunning, endedProcesses, removed: [layout.root], kept: [] };
  });
}

/** Asked kindly: the parts end in the right order and nothing is cut short. */
async function endDaemon(layout: SandboxLayout, say: Say): Promise<boolean> {
  const daemon = findDaemon(layout.daemonFile);
  if (daemon === undefined) return false;
  say('stopping the sandbox');
  await askToStop(daemon).catch(() => say('its daemon does not answer, so it is ended'));
  const deadline = Date.now() + STOPPED_WITHIN_MS;
  while (isAlive(daemon) && Date.now() < deadline) await sleep(ASK_EVERY_MS);
  return true;
}
