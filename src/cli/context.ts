import type { Blueprint } from '../model/blueprint.ts';
import type { LoadedEnvironment } from '../model/load.ts';
import type { Surroundings } from '../model/surroundings.ts';
import type { EnvironmentChoice, Workspace } from '../model/workspace.ts';
import type { Ports } from '../ports/ports.ts';
import type { OpenedEnvironment } from '../usecases/open-environment.ts';
import type { Steps } from '../ports/steps.ts';
import { styleFor, type Style } from '../views/style.ts';
import { composePorts, composeSteps } from './compose.ts';
import type { GlobalFlags } from './flags.ts';
import type { Hands } from './hands.ts';
import { once } from './once.ts';

/** What a command works with; each part is found when it is first asked for, and then kept. */
export interface Context {
  readonly flags: GlobalFlags;
  readonly ports: Ports;
  readonly style: Style;
  /** Of the running ffops. */
  readonly version: string;
  /** The folder the user stands in: relative paths are meant from there, and shown from there. */
  readonly here: string;
  readonly workspace: () => Promise<Workspace>;
  /** The environment that is meant, and who says so. Throws UserError when nobody does, or it does not exist. */
  readonly choice: () => Promise<EnvironmentChoice>;
  readonly environment: () => Promise<OpenedEnvironment>;
  readonly blueprint: () => Promise<Blueprint>;
  /** Real, or the sandbox's with `--sandbox`. */
  readonly surroundings: () => Promise<Surroundings>;
  /** Tools, and the environment's secrets, cluster and cloud (src/cli/hands.ts). */
  readonly hands: () => Promise<Hands>;
  /** Progress on stderr; `close()` it before the answer. */
  readonly steps: () => Steps;
  /** `{ env }` once an environment has been chosen: for the JSON document. */
  readonly chosen: () => { readonly env?: string };
}

/** `name` is an environment given as an argument; it stands for `--env`. */
export function openContext(flags: GlobalFlags, version: string, name?: string): Context {
  const ports = composePorts(flags);
  const { colour, seen, columns } = ports.terminal;
  const style = styleFor(colour, seen ? columns : Infinity);
  const here = process.cwd();
  let env: string | undefined;

  const workspace = once(async () => {
    const { openWorkspace } = await import('../model/workspace.ts');
    return await openWorkspace(ports.files, { folder: flags.workspace, from: here, version });
  });

  const choice = once(async () => {
    const { selectEnvironment } = await import('../model/workspace.ts');
    const chosen = await selectEnvironment(ports.files, await workspace(), name ?? flags.env, ports.variables);
    env = chosen.name;
    return chosen;
  });

  const environment = once(async () => {
    const { openEnvironment } = await import('../usecases/open-environment.ts');
    const loaded = await openEnvironment(ports, await workspace(), (await choice()).name);
    if (!flags.quiet) await warn(loaded);
    return loaded;
  });

  const warn = async (loaded: LoadedEnvironment): Promise<void> => {
    if (loaded.warnings.length === 0) return;
    const { warningText } = await import('../views/error.ts');
    ports.terminal.err(warningText(loaded.warnings, style));
  };

  const blueprint = once(async () => {
    const { blueprintOf } = await import('../usecases/open-environment.ts');
    return blueprintOf(await workspace(), await environment());
  });

  const hands = once(async () => {
    const { openHands } = await import('./hands.ts');
    return openHands(context);
  });

  const context: Context = {
    flags,
    ports,
    style,
    version,
    here,
    workspace,
    choice,
    environment,
    blueprint,
    surroundings: async () => (await hands()).surroundings(),
    hands,
    steps: () => composeSteps(ports.terminal, flags),
    chosen: () => (env === undefined ? {} : { env }),
  };
  return context;
}
