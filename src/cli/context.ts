import { styleFor, type Style } from '../views/style.ts';
import type { Ports } from '../ports/ports.ts';
import type { Steps } from '../ports/steps.ts';
import { composePorts, composeSteps } from './compose.ts';
import type { GlobalFlags } from './flags.ts';

/** What a command works with; each part is found when it is first asked for. */
export interface Context {
  readonly flags: GlobalFlags;
  readonly ports: Ports;
  readonly style: Style;
  /** Progress on stderr; `close()` it before the answer. */
  steps(): Steps;
  /** `{ env }` once an environment has been chosen: for the JSON document. */
  chosen(): { readonly env?: string };
}

export function openContext(flags: GlobalFlags): Context {
  const ports = composePorts(flags);
  let env: string | undefined;
  return {
    flags,
    ports,
    style: styleFor(ports.terminal.colour),
    steps: () => composeSteps(ports.terminal, flags),
    chosen: () => (env === undefined ? {} : { env }),
  };
}
