import type { Clock } from './clock.ts';
import type { Files } from './files.ts';
import type { Network } from './network.ts';
import type { Interruption, Runner } from './runner.ts';
import type { Terminal } from './terminal.ts';

/** Every way out of the program. Made once, in src/cli/compose.ts; tests hand over fakes that fail when surprised. */
export interface Ports {
  readonly runner: Runner;
  readonly files: Files;
  readonly clock: Clock;
  readonly network: Network;
  readonly terminal: Terminal;
  readonly interruption: Interruption;
  /** The process' environment variables, read only. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}
