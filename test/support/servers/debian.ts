/**
 * Programs of Debian in a folder of their own: nothing is installed on this machine, no service starts, and no right to
 * do so is needed.
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const WITHIN = { timeout: 300_000, maxBuffer: 64 * 1024 * 1024 };

/** Unpacks packages, and what they need that this machine lacks. Rejects with apt's words where that cannot be. */
export async function unpackDebian(packages: readonly string[], root: string): Promise<void> {
  const scratch = `${root}.apt`;
  const archives = join(scratch, 'archives');
  await mkdir(join(archives, 'partial'), { recursive: true });
  await mkdir(join(scratch, 'lists', 'partial'), { recursive: true });
  const options = {
    'Dir::State::lists': join(scratch, 'lists'),
    'Dir::Cache': scratch,
    'Dir::Cache::archives': archives,
    'Debug::NoLocking': '1',
    'APT::Sandbox::User': '',
    'Acquire::Retries': '2',
    'Acquire::http::Timeout': '20',
  };
  const apt = (...args: string[]) =>
    run(
      'apt-get',
      ['-qq', ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]), ...args],
      {
        ...WITHIN,
      },
    );
  try {
    await apt('update');
    // `--reinstall` fetches what is named although the machine may have it.
    await apt('install', '--yes', '--download-only', '--reinstall', '--no-install-recommends', ...packages);
    await mkdir(root, { recursive: true });
    for (const archive of await readdir(archives))
      if (archive.endsWith('.deb')) await run('dpkg-deb', ['--extract', join(archives, archive), root], WITHIN);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
