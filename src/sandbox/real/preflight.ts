import { execFile } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { missingControllers } from './control-groups.ts';
import { messageOf } from '../../errors.ts';

export interface Lack {
  readonly what: string;
  readonly cure: string;
}

const run = promisify(execFile);
/** Of util-linux, iproute2, tar and dpkg, by Debian's package of that name. */
const PROGRAMS: Readonly<Record<string, string>> = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  mount: 'mount',
  ip: 'iproute2',
  tar: 'tar',
  ldconfig: 'libc-bin',
};

/** Why real nodes cannot run here, and what can be done about each. Empty: they can. Changes nothing. */
export async function machineLacks(): Promise<readonly Lack[]> {
  if (process.platform !== 'linux')
    return [
      {
        what: 'this machine does not run Linux',
        cure: 'Run ffops in WSL 2 or in a Linux machine; or describe an environment on your own minikube or kind cluster: its pods run for real without a sandbox.',
      },
    ];
  const lacks: Lack[] = [];
  if (process.getuid?.() !== 0)
    lacks.push({
      what: 'namespaces and mounts need root',
      cure: 'Run it as root: `sudo -E ffops sandbox start --nodes real`.',
    });
  for (const [program, packageName] of Object.entries(PROGRAMS)) {
    if (onPath(program) === undefined)
      lacks.push({ what: `the program ${program} is missing`, cure: `apt-get install ${packageName}` });
  }
  if (!readFileSync('/proc/filesystems', 'utf8').includes('\toverlay\n'))
    lacks.push({ what: 'the kernel has no overlay file system', cure: 'modprobe overlay' });
  const controllers = missingControllers();
  if (controllers.length > 0)
    lacks.push({
      what: `these control groups are missing: ${controllers.join(', ')}`,
      cure: "Mount them (systemd does), or, in a container, give it the host's: `--privileged --cgroupns=host`.",
    });
  if (lacks.length > 0) return lacks;
  return [...(await namespacesLack()), ...(await overlayLack())];
}

/** The first file of that name on PATH, the system's folders included. */
export function onPath(program: string, folders = process.env['PATH'] ?? ''): string | undefined {
  return [...folders.split(delimiter), '/usr/sbin', '/sbin']
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

async function namespacesLack(): Promise<readonly Lack[]> {
  try {
    await run('unshare', [
      ...['--mount', '--net', '--pid', '--uts', '--ipc', '--cgroup', '--fork', '--propagation=private'],
      ...[
        'sh',
        '-c',
        'mount -t proc proc /proc && mount -t sysfs sysfs /sys && ip link set lo up && ip link add ffops0 type veth peer name ffops1',
      ],
    ]);
    return [];
  } catch (error) {
    return [
      {
        what: `namespaces cannot be made here: ${lastLine(error)}`,
        cure: 'In a container, give it the rights: `--privileged --cgroupns=host`. The kernel needs veth and namespaces of every kind.',
      },
    ];
  }
}

/** On a file system such as a container's own, containers' file systems cannot be laid over each other. */
async function overlayLack(): Promise<readonly Lack[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ffops-overlay-'));
  try {
    for (const name of ['lower', 'upper', 'work', 'whole']) mkdirSync(join(folder, name));
    const options = 'lowerdir=lower,upperdir=upper,workdir=work';
    const script = 'cd "$1" && mount -t overlay overlay -o "$2" whole && touch whole/file';
    await run('unshare', ['--mount', '--propagation=private', 'sh', '-c', script, 'sh', folder, options]);
    return [];
  } catch (error) {
    return [
      {
        what: `${tmpdir()} cannot carry an overlay: ${lastLine(error)}`,
        cure: 'Use a disk with ext4 or xfs, or a volume when this is a container.',
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lastLine(error: unknown): string {
  const said = (error as { readonly stderr?: string }).stderr?.trim() ?? '';
  return said.split('\n').at(-1) || messageOf(error);
}
