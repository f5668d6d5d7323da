/** Tools that the user has already. Asking a tool for its version costs up to a second, so answers are remembered. */
import { delimiter, join } from 'node:path';
import { ToolMissingError } from '../errors.ts';
import type { Ports } from '../ports/ports.ts';
import { versionIn } from './version.ts';

/** Version managers put a small stand-in on PATH that keeps its date when the version behind it changes. */
const REMEMBERED_FOR_MS = 24 * 3600_000;
const PROBE_TIMEOUT_MS = 10_000;

interface Probe {
  readonly size: number;
  readonly modifiedMs: number;
  readonly at: number;
  readonly version: string | null;
}

export interface PathTool {
  readonly path: string;
  /** Undefined when it would not say. */
  readonly version: string | undefined;
}

export interface PathSearch {
  find(name: string, probe: readonly string[]): Promise<PathTool | undefined>;
}

export function pathSearch(ports: Ports, memory: string): PathSearch {
  let probes: Promise<Record<string, Probe>> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const remembered = async (): Promise<Record<string, Probe>> => {
    try {
      return JSON.parse((await ports.files.read(memory)) ?? '{}') as Record<string, Probe>;
    } catch {
      return {};
    }
  };

  const ask = async (path: string, probe: readonly string[]): Promise<string | undefined> => {
    const env = { SOPS_DISABLE_VERSION_CHECK: '1', CHECKPOINT_DISABLE: '1' };
    try {
      const outcome = await ports.runner.run({ program: path, args: probe, env, timeoutMs: PROBE_TIMEOUT_MS });
      return versionIn(outcome.stdout) ?? versionIn(outcome.stderr);
    } catch (error) {
      // Made for another processor, or a script without its interpreter: as good as absent.
      if (error instanceof ToolMissingError) return undefined;
      throw error;
    }
  };

  return {
    async find(name, probe) {
      const path = await locate(ports, name);
      const info = path === undefined ? undefined : await ports.files.info(path);
      if (path === undefined || info === undefined) return undefined;
      probes ??= remembered();
      const known = (await probes)[path];
      const now = ports.clock.now().getTime();
      if (known?.size === info.size && known.modifiedMs === info.modifiedMs && now - known.at < REMEMBERED_FOR_MS) {
        return { path, version: known.version ?? undefined };
      }
      const version = await ask(path, probe);
      const all = await probes;
      all[path] = { size: info.size, modifiedMs: info.modifiedMs, at: now, version: version ?? null };
      // A cache that cannot be written costs the next run a probe, nothing else.
      last = last.then(() => ports.files.write(memory, JSON.stringify(all), { durable: false })).catch(() => undefined);
      await last;
      return { path, version };
    },
  };
}

/** The first executable file of that name on PATH. */
export async function locate(ports: Ports, name: string): Promise<string | undefined> {
  for (const folder of (ports.variables['PATH'] ?? '').split(delimiter)) {
    // A relative entry means another folder for every caller.
    if (!folder.startsWith('/')) continue;
    const path = join(folder, name);
    const info = await ports.files.info(path).catch(() => undefined);
    if (info?.kind === 'file' && (info.mode & 0o111) !== 0) return path;
  }
  return undefined;
}
