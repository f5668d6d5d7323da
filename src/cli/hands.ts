/** What commands beyond the files of a workspace work with: tools, and the environment's secrets, cluster and cloud. */
import { realOperator } from '../adapters/machine.ts';
import type { Operator } from '../engine/contracts.ts';
import { openSandbox, type OpenSandbox } from '../sandbox/surroundings.ts';
import type { SandboxHands } from '../sandbox/launch.ts';
import type { Surroundings } from '../model/surroundings.ts';
import { openToolchain, type ProviderSet, type Toolchain } from '../toolchain/toolchain.ts';
import { environmentHands, type EnvironmentHands } from '../usecases/environment-hands.ts';
import { oldProvidersNote, refuseWhatProvidersLack } from '../usecases/provider-limits.ts';
import { makeStandInBucket } from '../usecases/stand-in-bucket.ts';
import { realSurroundings } from '../usecases/surroundings.ts';
import type { Context } from './context.ts';
import { once, onceFor } from './once.ts';
import { placesOf } from './toolchain-lock.ts';

/** Each part is made when it is first asked for, and then kept. */
export interface Hands {
  /** Outside of a workspace too. */
  readonly toolchain: () => Promise<Toolchain>;
  /** The file of a tool. Throws ToolMissingError with the command that installs it. */
  readonly tool: (name: string) => Promise<string>;
  /** Chosen here and nowhere else. Throws UserError when the environment asks for what they are too old for. */
  readonly providers: () => Promise<ProviderSet>;
  /** The sandbox's with `--sandbox`, which is started when it does not run. */
  readonly surroundings: () => Promise<Surroundings>;
  readonly environment: () => Promise<EnvironmentHands>;
  /** Who runs this. */
  readonly operator: Operator;
  /** What starting and stopping the sandbox needs. */
  readonly sandbox: SandboxHands;
}

export function openHands(context: Context): Hands {
  const { ports, flags } = context;
  const toolchain = once(async () => openToolchain(ports, await placesOf(context)));
  // git is the user's own; every other tool is ours to find.
  const tool = onceFor(async (name) => (name === 'git' ? name : (await (await toolchain()).resolveTool(name)).path));
  const say = (line: string): void => {
    if (!flags.quiet) ports.terminal.err(`${line}\n`);
  };
  const sandbox: SandboxHands = { ports, tool, say };

  const providers = once(async () => {
    const set = await (await toolchain()).providerSet(flags.sandbox ? 'sandbox' : 'real');
    if (set.kind === 'buildable') {
      refuseWhatProvidersLack(await context.environment(), set);
      say(oldProvidersNote(set));
    }
    return set;
  });

  const openedSandbox = once(async (): Promise<OpenSandbox> => {
    const blueprint = await context.blueprint();
    const { cluster, environment } = blueprint;
    const localContext = cluster?.kind === 'context' ? { localContext: cluster.context } : {};
    const wish = { workspace: (await context.workspace()).root, environment, ...localContext };
    const opened = await openSandbox(sandbox, wish);
    await makeStandInBucket(ports, blueprint, opened);
    return opened;
  });

  const surroundings = once(async () => {
    if (flags.sandbox) return (await openedSandbox()).surroundings;
    return realSurroundings(ports, await context.workspace(), (await context.choice()).name);
  });

  const environment = once(async () =>
    environmentHands(ports, {
      blueprint: await context.blueprint(),
      surroundings: await surroundings(),
      workspace: (await context.workspace()).root,
      tool,
      ...(flags.sandbox && { sandboxKeys: (await openedSandbox()).keys }),
    }),
  );

  return { toolchain, tool, providers, surroundings, environment, operator: realOperator(), sandbox };
}
