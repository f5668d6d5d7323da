import { existsSync, realpathSync } from 'node:fs';
import { sandboxLayout } from '../layout.ts';
import { markedProcesses } from '../processes/proc.ts';
import { askStatus, findDaemon } from './daemon-client.ts';
import type { LaunchOptions, StateReport } from './options.ts';

/** Changes nothing. */
export async function sandboxState({ workspace }: LaunchOptions): Promise<StateReport> {
  const layout = sandboxLayout(realpathSync(workspace));
  const daemon = findDaemon(layout.daemonFile);
  if (daemon !== undefined) return { status: await askStatus(daemon), leftovers: 0, kept: false };
  return { leftovers: markedProcesses(layout.runtime).length, kept: existsSync(layout.keysFile) };
}
