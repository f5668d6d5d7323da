/** The real tools of this machine, as ffops itself finds them: `npm test` has installed them by then. */
import { realClock } from '../../src/adapters/clock.ts';
import { realFiles } from '../../src/adapters/files.ts';
import { realNetwork } from '../../src/adapters/network.ts';
import { realRunner } from '../../src/adapters/runner.ts';
import { openToolchain, type Toolchain } from '../../src/toolchain/toolchain.ts';
import { fakeInterruption, fakeTerminal } from './fakes.ts';

export async function realToolchain(): Promise<Toolchain> {
  const interruption = Object.assign(fakeInterruption(), { pause: () => () => undefined });
  return openToolchain({
    runner: realRunner(process.env, () => interruption),
    files: realFiles(),
    clock: realClock(),
    network: realNetwork(),
    terminal: fakeTerminal({}),
    interruption,
    variables: process.env,
  });
}
