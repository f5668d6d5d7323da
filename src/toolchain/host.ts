import { availableParallelism, hostname } from 'node:os';
import { UserError } from '../errors.ts';

/** The machine that tools are for, and what a build may take of it. */
export interface Host {
  readonly os: 'linux' | 'darwin';
  readonly arch: 'amd64' | 'arm64';
  readonly name: string;
  readonly pid: number;
  readonly cores: number;
  freeMemoryBytes(): number;
  isAlive(pid: number): boolean;
}

export function thisHost(): Host {
  const os = process.platform;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  if ((os !== 'linux' && os !== 'darwin') || (arch !== 'amd64' && arch !== 'arm64')) {
    throw new UserError('toolchain.platform', {
      message: `ffops has no tools for ${os} on ${arch}.`,
      hints: ['Use Linux or macOS on amd64 or arm64; on Windows, WSL 2 is Linux.'],
    });
  }
  return {
    os,
    arch,
    name: hostname(),
    pid: process.pid,
    cores: availableParallelism(),
    freeMemoryBytes: () => process.availableMemory(),
    isAlive,
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It lives, but belongs to somebody else.
    return (error as { code?: string }).code === 'EPERM';
  }
}
