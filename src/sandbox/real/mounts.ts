import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';

/** A namespace of mounts, for as long as it is not closed: the file of a process is closed with it at the latest. */
export interface Mounts {
  /** For `nsenter --mount`. */
  readonly path: string;
  close(): void;
}

/** What is mounted in there is seen there alone. It waits until its namespace is held. */
const SCRIPT = 'mount --make-rshared / && mount --bind "$1" "$2" && echo made && exec cat >/dev/null';

/**
 * Mounts as they are, and one folder in another's place. Held by an open file: bound to a path, a kernel may take a namespace
 * for a loop.
 */
export async function makeMounts(folder: string, place: string): Promise<Mounts> {
  const child = spawn('unshare', ['--mount', '--propagation=private', 'sh', '-c', SCRIPT, 'sh', folder, place], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const made = await Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false)]);
  if (!made) throw new Error(`${place} cannot be shown as ${folder}; see the log`);
  const held = openSync(`/proc/${String(child.pid)}/ns/mnt`, 'r');
  child.stdin.end();
  await ended;
  return { path: `/proc/${String(process.pid)}/fd/${String(held)}`, close: () => closeSync(held) };
}
