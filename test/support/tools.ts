/** The real tools, as the toolchain finds them; tests that need one skip where it was never installed. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Context } from 'mocha';
import { realClock } from '../../src/adapters/clock.ts';
import { realFiles } from '../../src/adapters/files.ts';
import { realNetwork } from '../../src/adapters/network.ts';
import { realRunner } from '../../src/adapters/runner.ts';
import { ToolMissingError } from '../../src/errors.ts';
import type { Ports } from '../../src/ports/ports.ts';
import { openToolchain, type Toolchain } from '../../src/toolchain/toolchain.ts';
import { fakeInterruption, fakeTerminal } from './fakes.ts';

let opened: Promise<Toolchain> | undefined;

export function toolchain(): Promise<Toolchain> {
  opened ??= openToolchain(testPorts());
  return opened;
}

/** The real effects, but nobody to ask and nothing that interrupts. */
export function testPorts(): Ports {
  const interruption = Object.assign(fakeInterruption(), { pause: () => () => undefined });
  return {
    runner: realRunner(process.env, () => interruption),
    files: realFiles(),
    clock: realClock(),
    network: realNetwork(),
    terminal: fakeTerminal(),
    interruption,
    variables: process.env,
  };
}

/** Its path; skips the running test when the tool is not installed. */
export async function toolOrSkip(test: Context, name: string): Promise<string> {
  try {
    return (await (await toolchain()).resolveTool(name)).path;
  } catch (error) {
    if (error instanceof ToolMissingError) return test.skip();
    throw error;
  }
}

/** Runs a tool to its end, in a home of its own. Rejects with what it printed when it fails. */
export async function runTool(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Record<string, string> },
): Promise<string> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: options.cwd, CHECKPOINT_DISABLE: '1', ...options.env };
  const { stdout } = await promisify(execFile)(program, [...args], {
    cwd: options.cwd,
    env,
    maxBuffer: 256 * 1024 * 1024,
  });
  return stdout;
}
