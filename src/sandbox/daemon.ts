/**
 * The sandbox's own process: it holds the simulated cloud, plays the outside world in every cluster, and keeps the
 * programs beside it running. Started by launcher.ts with the workspace, the programs' paths and, where nodes are real,
 * what those need, as arguments.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { startControl } from './control.ts';
import { sandboxLayout } from './layout.ts';
import { identify } from './processes/proc.ts';
import { Sandbox } from './sandbox.ts';
import { realNodeKit } from './real/kit.ts';
import { sandboxPrograms, type DaemonFile } from './status.ts';

const [workspace, programs, real] = process.argv.slice(2);
if (workspace === undefined || programs === undefined) throw new Error('usage: daemon WORKSPACE PROGRAMS [NODES]');

const layout = sandboxLayout(workspace);
mkdirSync(layout.runtime, { recursive: true, mode: 0o700 });
process.chdir(layout.runtime);
const kit = real === undefined ? undefined : realNodeKit.parse(JSON.parse(real));
writeFileSync(layout.nodesFile, kit === undefined ? 'simulated' : 'real', { mode: 0o600 });
if (kit !== undefined)
  writeFileSync(layout.imagesFile, kit.upstream === undefined ? 'rebuilt' : 'upstream', { mode: 0o600 });

const sandbox = await Sandbox.start({
  layout,
  programs: sandboxPrograms.parse(JSON.parse(programs)),
  real: kit,
  log,
});
let stopping: Promise<void> | undefined;
const key = randomBytes(32).toString('hex');
const control = await startControl({ key, sandbox, stop: () => void stop() });
announce(control.url);
log(`listening at ${control.url}`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
// The terminal it was started from may close: the sandbox stays.
process.on('SIGHUP', () => undefined);

try {
  await sandbox.resume();
  log('ready');
} catch (error) {
  log(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

function stop(): Promise<void> {
  return (stopping ??= (async () => {
    log('stopping');
    await sandbox.stop();
    await control.close();
    rmSync(layout.daemonFile, { force: true });
    process.exit(0);
  })());
}

/** Whole or not at all: whoever finds the file can rely on it. */
function announce(controlUrl: string): void {
  const { pid } = process;
  const file: DaemonFile = { pid, startedAt: identify(pid)?.startedAt ?? '', controlUrl, key };
  writeFileSync(`${layout.daemonFile}.new`, JSON.stringify(file), { mode: 0o600 });
  renameSync(`${layout.daemonFile}.new`, layout.daemonFile);
}

function log(message: string): void {
  process.stderr.write(`${new Date().toISOString()} ${message}\n`);
}
