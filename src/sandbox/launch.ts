/** How a command reaches the launcher, the program that starts and stops the sandbox's processes. */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { FailedError } from '../errors.ts';
import type { Ports } from '../ports/ports.ts';
import {
  startReport,
  stateReport,
  stopReport,
  type LaunchOptions,
  type Say,
  type StartReport,
  type StateReport,
  type StopReport,
} from './launch/options.ts';
import { sandboxPrograms, type SandboxPrograms } from './status.ts';

export interface SandboxHands {
  readonly ports: Pick<Ports, 'files' | 'network' | 'runner'>;
  /** The path of a program of the toolchain. Throws ToolMissingError. */
  tool(name: keyof SandboxPrograms): Promise<string>;
  /** Progress, for people. */
  readonly say: Say;
}

/** Starts the sandbox of a workspace, unless it runs. Throws FailedError, with nothing left running. */
export async function launchSandbox(hands: SandboxHands, workspace: string): Promise<StartReport> {
  const names = Object.keys(sandboxPrograms.shape) as (keyof SandboxPrograms)[];
  const paths = await Promise.all(names.map(async (name) => [name, await hands.tool(name)] as const));
  const programs = sandboxPrograms.parse(Object.fromEntries(paths));
  return run(hands, 'start', { workspace, programs, keep: false }, startReport);
}

/** Ends every process of the sandbox; its files go too, unless `keep`. Throws FailedError. */
export function shutSandbox(
  hands: Pick<SandboxHands, 'ports' | 'say'>,
  workspace: string,
  keep: boolean,
): Promise<StopReport> {
  return run(hands, 'stop', { workspace, keep }, stopReport);
}

/** Changes nothing. Throws FailedError when the daemon runs and does not answer. */
export function lookAtSandbox(hands: Pick<SandboxHands, 'ports' | 'say'>, workspace: string): Promise<StateReport> {
  return run(hands, 'status', { workspace, keep: false }, stateReport);
}

async function run<T>(
  { ports, say }: Pick<SandboxHands, 'ports' | 'say'>,
  verb: 'start' | 'stop' | 'status',
  options: LaunchOptions,
  report: z.ZodType<T>,
): Promise<T> {
  const outcome = await ports.runner.run({
    program: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', launcherProgram(), verb],
    stdin: JSON.stringify(options),
    onLine: (stream, line) => {
      if (stream === 'stderr') say(line);
    },
  });
  if (outcome.exitCode === 0) return report.parse(JSON.parse(outcome.stdout));
  throw new FailedError(`sandbox.${verb}`, {
    message:
      troubleIn(outcome.stdout) ??
      `The sandbox could not be reached: its launcher ended with ${String(outcome.exitCode)}.`,
    hints: [
      'Its logs are in .ffops/sandbox/runtime/logs.',
      '`ffops sandbox stop` ends and removes all of it; then start it again.',
    ],
  });
}

function troubleIn(stdout: string): string | undefined {
  try {
    return (JSON.parse(stdout) as { readonly trouble?: string }).trouble;
  } catch {
    return undefined;
  }
}

/** TypeScript in the repository, JavaScript in the package: the launcher is what this file is. */
function launcherProgram(): string {
  return fileURLToPath(new URL(`./launcher${extname(fileURLToPath(import.meta.url))}`, import.meta.url));
}
