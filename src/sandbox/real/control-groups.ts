import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

interface Hierarchy {
  readonly folder: string;
  readonly controllers: readonly string[];
  /** The one of cgroup v2; beside others it has no controllers. */
  readonly unified: boolean;
}

/** What a kubelet cannot do without, as cgroup v1 names it. */
const NEEDED = ['cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'pids'];
/** In cgroup v2 devices and freezing need no controller. */
const NEEDED_UNIFIED = ['cpu', 'cpuset', 'memory', 'pids'];
const EMPTY_WITHIN_MS = 5_000;

/** Empty when the machine has the control groups that a node needs. */
export function missingControllers(): readonly string[] {
  const all = hierarchies();
  const [only] = all;
  if (all.length === 1 && only?.unified === true) {
    const delegated = readFileSync(join(only.folder, 'cgroup.subtree_control'), 'utf8').trim().split(' ');
    return NEEDED_UNIFIED.filter((name) => !delegated.includes(name));
  }
  const mounted = new Set(all.flatMap(({ controllers }) => controllers));
  return NEEDED.filter((name) => !mounted.has(name));
}

/** One group of its own in every hierarchy: what runs in them sees nothing above. Returns their folders. */
export function makeGroups(owner: string): readonly string[] {
  return hierarchies().map(({ folder, controllers }) => {
    const group = join(folder, groupName(owner));
    mkdirSync(group, { recursive: true });
    if (controllers.includes('cpuset')) {
      // A new group of this kind may use nothing, and nothing may enter it.
      for (const file of ['cpuset.cpus', 'cpuset.mems']) {
        writeFileSync(join(group, file), readFileSync(join(folder, file), 'utf8'));
      }
    }
    return group;
  });
}

/** For when no process is left in them; those that the kernel is still emptying are waited for. */
export async function removeGroups(owner: string): Promise<void> {
  const groups = hierarchies().map(({ folder }) => join(folder, groupName(owner)));
  const deadline = Date.now() + EMPTY_WITHIN_MS;
  while (!groups.map(removeTree).every(Boolean) && Date.now() < deadline) await sleep(50);
}

/** What everything in them takes away from others, in bytes: pages of its own, and shared ones once. */
export function memoryOfGroups(owner: string): number {
  for (const { folder, controllers, unified } of hierarchies()) {
    const file = join(folder, groupName(owner), 'memory.stat');
    if (!(unified || controllers.includes('memory')) || !existsSync(file)) continue;
    const wanted = unified ? ['anon', 'shmem'] : ['total_rss', 'total_shmem'];
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .reduce((sum, [name = '', bytes]) => sum + (wanted.includes(name) ? Number(bytes) : 0), 0);
  }
  return 0;
}

/** Of every cluster below a folder: for when a crash has left them. */
export async function removeLeftGroups(clusters: string): Promise<void> {
  if (!existsSync(clusters)) return;
  for (const name of readdirSync(clusters)) await removeGroups(join(clusters, name));
}

/** The same for every life of one sandbox, so that a crashed one's are found. */
function groupName(owner: string): string {
  return `ffops-${createHash('sha256').update(owner).digest('hex').slice(0, 12)}`;
}

/** False when something in it is still in use. */
function removeTree(folder: string): boolean {
  let names: readonly string[];
  try {
    names = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return true;
  }
  const emptied = names.map((name) => removeTree(join(folder, name))).every(Boolean);
  try {
    if (emptied) rmdirSync(folder);
    return emptied;
  } catch {
    return false;
  }
}

/** The mounted ones, each at its root. */
function hierarchies(): readonly Hierarchy[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line): readonly Hierarchy[] => {
      const [before = '', after = ''] = line.split(' - ');
      const folder = before.split(' ')[4] ?? '';
      const [type, , options = ''] = after.split(' ');
      if (type === 'cgroup2') return [{ folder, controllers: [], unified: true }];
      if (type !== 'cgroup') return [];
      return [{ folder, controllers: options.split(','), unified: false }];
    });
}
