/**
 * Real servers that tests put what we render in front of. `npm test` fetches them once, before tests are cut off from
 * the network, into ffops' own cache; where that cannot be, the reason is kept, and the tests that need one say it.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from 'mocha';
import { builderOf } from '../../../src/toolchain/builder.ts';
import { thisHost } from '../../../src/toolchain/host.ts';
import { cacheRoot, layoutOf } from '../../../src/toolchain/layout.ts';
import { loadPins } from '../../../src/toolchain/pins.ts';
import { testPorts } from '../tools.ts';
import { unpackDebian } from './debian.ts';

export interface Server {
  readonly name: string;
  readonly packages: readonly string[];
  /** Folders of Go modules, by the name they get beside the packages. */
  readonly sources: Readonly<Record<string, { readonly module: string; readonly folder: string }>>;
  /** Finishes the folder. */
  prepare?(folder: string): Promise<void>;
}

/** The rules are those that the image of the chart carries. */
export const FIREWALL: Server = {
  name: 'firewall',
  packages: ['nginx', 'libnginx-mod-http-modsecurity'],
  sources: {
    'owasp-crs': { module: 'github.com/corazawaf/coraza-coreruleset/v4@v4.25.0', folder: 'rules/@owasp_crs' },
  },
  // That module has lost the empty lines, and ModSecurity reads a rule without actions only when one follows.
  async prepare(folder) {
    const rules = join(folder, 'owasp-crs');
    for (const name of await readdir(rules)) {
      if (!name.endsWith('.conf')) continue;
      const path = join(rules, name);
      const text = await readFile(path, 'utf8');
      await chmod(path, 0o644);
      await writeFile(path, text.replaceAll(/\n(?=Sec)/g, '\n\n'));
    }
  },
};

/** Its `promtool` says what alerts would do, minute by minute. */
export const PROMETHEUS: Server = {
  name: 'prometheus',
  packages: ['prometheus'],
  sources: {},
  // The server itself and what its pages need are twenty times as large.
  async prepare(folder) {
    await rename(join(folder, 'root/usr/bin/promtool'), join(folder, 'promtool'));
    await rm(join(folder, 'root'), { recursive: true });
  },
};

export const SERVERS: readonly Server[] = [FIREWALL, PROMETHEUS];

/** Its folder in the cache. Rejects when it cannot be had, and keeps why. */
export async function installServer(server: Server): Promise<string> {
  const folder = folderOf(server);
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.${process.pid}`;
  try {
    await mkdir(fresh, { recursive: true });
    await unpackDebian(server.packages, join(fresh, 'root'));
    const ports = testPorts();
    const layout = layoutOf(cacheRoot(process.env));
    const builder = builderOf(ports, thisHost(), layout, (await loadPins(ports.files)).go.goBin);
    for (const [name, source] of Object.entries(server.sources))
      await cp(join(await builder.source(source.module), source.folder), join(fresh, name), { recursive: true });
    await server.prepare?.(fresh);
    await rename(fresh, folder);
    return folder;
  } catch (error) {
    const reason = String(error instanceof Error ? error.message : error).trim();
    await writeFile(`${folder}.reason`, reason);
    throw error;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** Its folder; skips the running test, with the reason, where `npm test` could not get it. */
export async function serverOrSkip(test: Context, server: Server): Promise<string> {
  const folder = folderOf(server);
  if (existsSync(folder)) return folder;
  const reason = await readFile(`${folder}.reason`, 'utf8').catch(() => 'run `node setup/servers.mjs`');
  console.log(`      skipped, for there is no ${server.name}: ${reason}`);
  return test.skip();
}

function folderOf(server: Server): string {
  const key = createHash('sha256').update(JSON.stringify(server)).digest('hex').slice(0, 12);
  return join(cacheRoot(process.env), 'servers', `${server.name}-${key}`);
}
