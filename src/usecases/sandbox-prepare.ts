import type { SandboxHands } from '../sandbox/launch.ts';
import { prepareNodes, requireMachine } from '../sandbox/real/prepare.ts';
import type { Ports } from '../ports/ports.ts';
import { cacheRoot } from '../toolchain/layout.ts';
import { unpackWheel } from '../toolchain/pypi.ts';
import type { OnProgress, Toolchain } from '../toolchain/toolchain.ts';
import type { Result } from './verdict.ts';

export interface SandboxPrepareHands extends Pick<SandboxHands, 'say'> {
  readonly ports: Ports;
  readonly toolchain: Toolchain;
  readonly announce: (names: readonly string[]) => OnProgress;
}

export interface SandboxPrepareResult extends Result {
  readonly images: readonly {
    /** The upstream image whose place it takes. */
    readonly name: string;
    readonly madeOf: string;
    /** Digest of its manifest. */
    readonly manifest: string;
  }[];
}

/** Throws FailedError when this machine cannot run real nodes, or something cannot be had; ToolMissingError. */
export async function sandboxPrepare(hands: SandboxPrepareHands): Promise<SandboxPrepareResult> {
  const { toolchain, ports, say, announce } = hands;
  await requireMachine(ports);
  const tools = await toolchain.ensureTools(toolchain.nodeToolNames, announce(toolchain.nodeToolNames));
  const known = new Map(tools.map(({ name, path }) => [name, path]));
  const { images } = await prepareNodes({
    cache: cacheRoot(ports.variables),
    module: (name) => toolchain.moduleSource(name),
    unpackWheel: (wheel, folder) => unpackWheel(ports, wheel, folder),
    tool: async (name) => known.get(name) ?? (await toolchain.resolveTool(name)).path,
    say,
  });
  return { images };
}
