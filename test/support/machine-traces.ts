/** What real nodes could leave on a machine: everything that outlives a process. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface MachineTraces {
  readonly mounts: readonly string[];
  readonly links: readonly string[];
  readonly routes: readonly string[];
  readonly controlGroups: readonly string[];
  readonly settings: readonly string[];
}

const SETTINGS = [
  'net/ipv4/ip_forward',
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
];

export function machineTraces(): MachineTraces {
  const lines = (text: string): readonly string[] =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .sort();
  return {
    mounts: lines(readFileSync('/proc/self/mounts', 'utf8')),
    links: lines(execFileSync('ip', ['-brief', 'link'], { encoding: 'utf8' })),
    routes: lines(execFileSync('ip', ['route', 'show', 'table', 'all'], { encoding: 'utf8' })),
    controlGroups: readdirSync('/sys/fs/cgroup', { recursive: true, encoding: 'utf8' })
      .filter((path) => /(^|\/)ffops-/.test(path))
      .sort(),
    settings: SETTINGS.map((name) => `${name}=${readFileSync(`/proc/sys/${name}`, 'utf8').trim()}`),
  };
}
