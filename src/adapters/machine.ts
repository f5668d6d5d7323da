import { availableParallelism, freemem, hostname, userInfo } from 'node:os';

/** Who runs this, as OpenTofu's locks name them. */
export function realOperator(): { readonly user: string; readonly host: string; readonly pid: number } {
  return { user: userInfo().username, host: hostname(), pid: process.pid };
}

export function realMachine(): { readonly cores: number; readonly freeMemoryBytes: number } {
  return { cores: availableParallelism(), freeMemoryBytes: freemem() };
}
