import { readFileSync } from 'node:fs';
import { isAlive } from '../processes/proc.ts';
import { daemonFile, sandboxStatus, type DaemonFile, type SandboxStatus } from '../status.ts';

const TIMEOUT_MS = 5_000;

/** Undefined when no daemon runs, or what once ran is gone. */
export function findDaemon(file: string): DaemonFile | undefined {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const daemon = daemonFile.parse(JSON.parse(content));
  return isAlive(daemon) ? daemon : undefined;
}

/** Throws when the daemon does not answer in time. */
export async function askStatus(daemon: DaemonFile): Promise<SandboxStatus> {
  return sandboxStatus.parse(await (await ask(daemon, 'GET', '/status')).json());
}

/** Throws when the daemon does not answer in time. */
export async function askToStop(daemon: DaemonFile): Promise<void> {
  await ask(daemon, 'POST', '/stop');
}

async function ask(daemon: DaemonFile, method: string, path: string): Promise<Response> {
  const headers = { authorization: `Bearer ${daemon.key}` };
  const response = await fetch(daemon.controlUrl + path, { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`the sandbox's daemon answers ${String(response.status)}`);
  return response;
}
