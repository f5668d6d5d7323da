import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { programFile } from '../../installed.ts';
import { sandboxLayout, type SandboxLayout } from '../layout.ts';
import { MARK } from '../processes/proc.ts';
import { sweep } from '../processes/sweep.ts';
import { removeLeftGroups } from '../real/control-groups.ts';
import type { SandboxPrograms, SandboxStatus } from '../status.ts';
import { askStatus, findDaemon } from './daemon-client.ts';
import { withLock } from './lock.ts';
import type { LaunchOptions, Say, StartReport } from './options.ts';

const READY_WITHIN_MS = 90_000;
const ASK_EVERY_MS = 50;
const LOG_LINES_SHOWN = 12;
/** For another start or stop that is under way. */
const PATIENCE_MS = 120_000;
const SWEEP_GRACE_MS = 3_000;
/** The way to registries; whoever asks none is not told. */
const PROXY = /^(https?|no)_proxy$/i;

/** Resolves when the sandbox is ready; a running one is left alone. Throws, with nothing left running, when it does not become ready. */
export async function startSandbox(options: LaunchOptions, say: Say): Promise<StartReport> {
  if (process.platform !== 'linux') {
    throw new Error('The sandbox runs on Linux only, WSL included: it finds its processes through /proc.');
  }
  const { programs } = options;
  if (programs === undefined) throw new Error('The programs of the sandbox are not known.');
  const layout = sandboxLayout(realpathSync(options.workspace));
  return withLock(layout.lockFile, PATIENCE_MS, async () => {
    const daemon = findDaemon(layout.daemonFile);
    const answer = daemon === undefined ? undefined : await askStatus(daemon).catch(() => undefined);
    if (answer?.ready === true) return { alreadyRunning: true, leftovers: 0, status: answer };

    // Whatever a crash has left is ended first: two servers must never share one state.
    const leftovers = await sweep(layout.runtime, SWEEP_GRACE_MS);
    await removeLeftGroups(layout.clusters);
    if (leftovers.length > 0) say(`ended ${String(leftovers.length)} processes of a sandbox that had crashed`);
    removeEphemeral(layout);
    say('starting the sandbox');
    const interrupted = new AbortController();
    const interrupt = (): void => interrupted.abort();
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    try {
      const status = await launch(layout, options, programs, interrupted.signal);
      return { alreadyRunning: false, leftovers: leftovers.length, status };
    } catch (error) {
      await sweep(layout.runtime, SWEEP_GRACE_MS);
      await removeLeftGroups(layout.clusters);
      removeEphemeral(layout);
      throw error;
    }
  });
}

async function launch(
  layout: SandboxLayout,
  { workspace, real }: LaunchOptions,
  programs: SandboxPrograms,
  interrupted: AbortSignal,
): Promise<SandboxStatus> {
  mkdirSync(layout.logs, { recursive: true, mode: 0o700 });
  const logFile = join(layout.logs, 'daemon.log');
  const log = openSync(logFile, 'a', 0o600);
  const args = [
    realpathSync(workspace),
    JSON.stringify(programs),
    ...(real === undefined ? [] : [JSON.stringify(real)]),
  ];
  const child = spawn(process.execPath, [programFile('sandbox/daemon'), ...args], {
    cwd: layout.runtime,
    env: {
      PATH: process.env['PATH'] ?? '',
      [MARK]: layout.runtime,
      ...(real?.upstream === undefined
        ? {}
        : Object.fromEntries(Object.entries(process.env).filter(([name]) => PROXY.test(name)))),
    },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  child.unref();
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline) {
    if (interrupted.aborted) throw new Error('The start was interrupted.');
    if (child.exitCode !== null || child.signalCode !== null) break;
    const daemon = findDaemon(layout.daemonFile);
    const status = daemon === undefined ? undefined : await askStatus(daemon).catch(() => undefined);
    if (status?.trouble !== undefined) throw new Error(`The sandbox did not start: ${status.trouble}.`);
    if (status?.ready === true) return status;
    await sleep(ASK_EVERY_MS);
  }
  const tail = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN);
  throw new Error(`The sandbox did not start. Its last words were:\n${tail.join('\n')}`);
}

/** What a new life must not find: everything else of the runtime folder is state. */
export function removeEphemeral(layout: SandboxLayout): void {
  for (const path of [layout.daemonFile, join(layout.runtime, 'egress.sock'), join(layout.runtime, 'tmp')]) {
    rmSync(path, { recursive: true, force: true });
  }
}
