import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Debian packages as files: apt finds, downloads and checks them, in folders of its own, and installs nothing. */
export interface Debian {
  /** These packages and all that they need, whatever this machine has: for an image. Returns the folder. */
  whole(packages: readonly string[]): Promise<string>;
  /** What of these packages and their needs this machine lacks: to be run here. Returns the folder. */
  missing(packages: readonly string[]): Promise<string>;
}

const OUTPUT_LIMIT = 64 * 2 ** 20;
/** Without these nothing of a distribution can run. */
const BASE = [
  'base-files',
  'base-passwd',
  'bash',
  'coreutils',
  'dash',
  'libc-bin',
  'sed',
  'grep',
  'gzip',
  'findutils',
  'mawk',
];
/** Where the distribution merged /bin into /usr/bin, packages still bring files for either. */
const MERGED = ['bin', 'sbin', 'lib', 'lib64'];

export async function openDebian(folder: string, say: (line: string) => void): Promise<Debian> {
  const state = join(folder, 'apt');
  for (const name of ['lists/partial', 'archives/partial', 'none/partial'])
    mkdirSync(join(state, name), { recursive: true });
  const empty = join(state, 'status');
  writeFileSync(empty, '');

  const apt = (status: string, args: readonly string[]): Promise<{ readonly stdout: string }> =>
    run(
      'apt-get',
      [
        ...['-q', '-y', '--no-install-recommends'],
        ...option('Dir::State', state),
        ...option('Dir::State::lists', join(state, 'lists')),
        ...option('Dir::State::status', status),
        ...option('Dir::Cache', state),
        ...option('Dir::Cache::archives', join(state, 'archives')),
        // Apt would give up root's rights for a user who cannot enter these folders.
        ...option('APT::Sandbox::User', 'root'),
        ...args,
      ],
      { maxBuffer: OUTPUT_LIMIT, env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' } },
    );

  say('asking the Debian mirror what it has');
  await apt('/var/lib/dpkg/status', ['update']);

  async function unpacked(status: string, packages: readonly string[], isWhole: boolean): Promise<string> {
    const { stdout } = await apt(status, [
      // Apt names only what it would have to download.
      ...option('Dir::Cache::archives', join(state, 'none')),
      ...['install', '--print-uris', ...packages],
    ]);
    const files = [...stdout.matchAll(/^'[^']+' (\S+\.deb) /gm)].map(([, file = '']) => file).sort();
    const key = createHash('sha256')
      .update([isWhole ? SETTLED_AS : '', ...files].join('\n'))
      .digest('hex')
      .slice(0, 12);
    const target = join(folder, 'unpacked', key);
    if (existsSync(target)) return target;
    if (files.length === 0) throw new Error(`apt has nothing to bring for ${packages.join(', ')}`);
    say(`downloading ${String(files.length)} Debian packages`);
    await apt(status, ['install', '--download-only', ...packages]);
    const fresh = `${target}.${String(process.pid)}`;
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh, { recursive: true });
    if (isWhole) {
      for (const name of MERGED) {
        mkdirSync(join(fresh, 'usr', name), { recursive: true });
        symlinkSync(`usr/${name}`, join(fresh, name));
      }
    }
    for (const file of files) {
      await run('sh', ['-c', UNPACK, 'sh', join(state, 'archives', file), fresh]);
    }
    if (isWhole) await settle(fresh);
    renameSync(fresh, target);
    return target;
  }

  return {
    whole: (packages) => unpacked(empty, [...BASE, ...packages], true),
    missing: (packages) => unpacked('/var/lib/dpkg/status', packages, false),
  };
}

const UNPACK = 'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"';

/** Raise it when `settle` changes. */
const SETTLED_AS = '2';
const RUNTIME = { 'var/run': '/run', 'var/lock': '/run/lock' };
const AUTHORITIES =
  'cd "$1" && [ ! -d usr/share/ca-certificates ] || find usr/share/ca-certificates -name "*.crt" | sort | xargs cat >etc/ssl/certs/ca-certificates.crt';

/** What the packages' own scripts would have done and every program relies on. They are never run here. */
async function settle(root: string): Promise<void> {
  const masters = join(root, 'usr/share/base-passwd');
  await run('cp', [join(masters, 'passwd.master'), join(root, 'etc/passwd')]);
  await run('cp', [join(masters, 'group.master'), join(root, 'etc/group')]);
  if (!existsSync(join(root, 'usr/bin/awk'))) symlinkSync('mawk', join(root, 'usr/bin/awk'));
  if (!existsSync(join(root, 'usr/bin/sh'))) symlinkSync('dash', join(root, 'usr/bin/sh'));
  await run('sh', ['-c', AUTHORITIES, 'sh', root]);
  await run('ldconfig', ['-r', root]);
  for (const [path, target] of Object.entries(RUNTIME)) {
    rmSync(join(root, path), { recursive: true, force: true });
    symlinkSync(target, join(root, path));
  }
  mkdirSync(join(root, 'run/lock'), { recursive: true, mode: 0o1777 });
  for (const name of ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/info', 'var/cache/ldconfig']) {
    rmSync(join(root, name), { recursive: true, force: true });
  }
}

function option(name: string, value: string): readonly string[] {
  return ['-o', `${name}=${value}`];
}
