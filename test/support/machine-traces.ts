/** What real nodes could leave on a machine: everything that outlives a process. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { findPrepared } from '../../src/sandbox/real/prepare.ts';
import { cacheRoot } from '../../src/toolchain/layout.ts';

export interface MachineTraces {
  /** In control groups that sandboxes make, or of the programs that nodes run. */
  readonly processes: readonly string[];
  readonly mounts: readonly string[];
  readonly links: readonly string[];
  readonly routes: readonly string[];
  readonly rules: readonly string[];
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

const OF_NODES = /^(containerd|containerd-shim-.*|runc|kubelet|kube-proxy)$/;

export function machineTraces(): MachineTraces {
  const lines = (text: string): readonly string[] =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .sort();
  return {
    processes: processesOfNodes(),
    mounts: lines(readFileSync('/proc/self/mounts', 'utf8')),
    links: lines(execFileSync('ip', ['-brief', 'link'], { encoding: 'utf8' })),
    routes: lines(execFileSync('ip', ['route', 'show', 'table', 'all'], { encoding: 'utf8' })),
    rules: lines(ruleset()),
    controlGroups: readdirSync('/sys/fs/cgroup', { recursive: true, encoding: 'utf8' })
      .filter((path) => /(^|\/)ffops-/.test(path))
      .sort(),
    settings: SETTINGS.map((name) => `${name}=${readFileSync(`/proc/sys/${name}`, 'utf8').trim()}`),
  };
}

/** Containers of others may come and go at the same time. */
function processesOfNodes(): readonly string[] {
  const cache = `${cacheRoot(process.env)}/`;
  const isOurs = (program: string): boolean => program.startsWith(cache) && OF_NODES.test(basename(program));
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const grouped = readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes('/ffops-');
        if (!grouped && !isOurs(readlinkSync(`/proc/${pid}/exe`))) return [];
        return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`];
      } catch {
        // It ended while it was looked at, or belongs to the kernel.
        return [];
      }
    });
}

/** The kernel's, by the same program that kube-proxy uses. */
function ruleset(): string {
  const { path, libraries } = findPrepared(cacheRoot(process.env));
  const env = { PATH: path, ...(libraries === '' ? {} : { LD_LIBRARY_PATH: libraries }) };
  return execFileSync('nft', ['list', 'ruleset'], { encoding: 'utf8', env });
}
