import { randomInt } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { z } from 'zod';

/**
 * Below the range that the kernel gives to outgoing connections, so that a port stays free between looking and
 * listening.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const ATTEMPTS = 200;
const handedOut = new Set<number>();

/** A port on loopback that nothing listens on. `preferred` is taken when it still is free. Throws when none is found. */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(LOWEST, HIGHEST);
    if (handedOut.has(port)) continue;
    if (!(await isFree(port))) continue;
    handedOut.add(port);
    return port;
  }
  throw new Error(`No free port between ${String(LOWEST)} and ${String(HIGHEST)} on 127.0.0.1.`);
}

/**
 * The ports of an earlier life, as far as they are still free, and new ones for the rest: what has been told an address
 * (a kubeconfig, a release, the state) goes on finding it. The file remembers them.
 */
export async function keptPorts<Name extends string>(
  file: string,
  names: readonly Name[],
): Promise<Readonly<Record<Name, number>>> {
  const earlier = z
    .record(z.string(), z.number())
    .parse(JSON.parse(existsSync(file) ? readFileSync(file, 'utf8') : '{}'));
  const chosen: Record<string, number> = {};
  for (const name of names) chosen[name] = await freePort(earlier[name]);
  writeFileSync(file, JSON.stringify(chosen), { mode: 0o600 });
  return chosen as Record<Name, number>;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
