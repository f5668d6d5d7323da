/** How a command reaches the launcher, the program that starts and stops the sandbox's processes. */
import type { z } from 'zod';
import { FailedError, UserError } from '../errors.ts';
import { programFile } from '../installed.ts';
import type { Ports } from '../ports/ports.ts';
import { cacheRoot } from '../toolchain/layout.ts';
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
import { sandboxLayout } from './layout.ts';
import type { RealNodeKit } from './real/kit.ts';
import { findPrepared, requireMachine, upstreamFolder } from './real/prepare.ts';
import { sandboxPrograms, type SandboxPrograms } from './status.ts';

export interface SandboxHands {
  readonly ports: Pick<Ports, 'files' | 'network' | 'runner' | 'variables'>;
  /** The path of a program of the toolchain. Throws ToolMissingError. */
  readonly tool: (name: keyof SandboxPrograms | 'kubelet' | 'kube-proxy') => Promise<string>;
  /** Progress, for people. */
  readonly say: Say;
}

export type NodeKind = 'simulated' | 'real';
export type ImageKind = 'rebuilt' | 'upstream';

/**
 * Starts the sandbox of a workspace, unless it runs. One that was kept has the nodes and the images it had, when nothing is
 * asked for. Throws FailedError, with nothing left running, and ToolMissingError when something that it runs is missing.
 */
export async function launchSandbox(
  hands: SandboxHands,
  workspace: string,
  asked?: NodeKind,
  askedImages?: ImageKind,
): Promise<StartReport> {
  const nodes = await chooseNodes(hands, workspace, asked);
  const images = await chooseImages(hands, workspace, nodes, askedImages);
  const names = Object.keys(sandboxPrograms.shape) as (keyof SandboxPrograms)[];
  const paths = await Promise.all(names.map(async (name) => [name, await hands.tool(name)] as const));
  const programs = sandboxPrograms.parse(Object.fromEntries(paths));
  const real = nodes === 'real' ? await realKit(hands, images) : undefined;
  const report = await run(
    hands,
    'start',
    { workspace, programs, keep: false, ...(real === undefined ? {} : { real }) },
    startReport,
  );
  const running = report.status.images;
  if (askedImages !== undefined && running !== undefined && running !== askedImages) {
    throw new FailedError('sandbox.otherImages', {
      message: `The sandbox runs with ${running} images.`,
      hints: [`\`ffops sandbox stop --keep\`, then \`ffops sandbox start --images ${askedImages}\`.`],
    });
  }
  if (report.status.nodes === nodes) return report;
  throw new FailedError('sandbox.otherNodes', {
    message: `The sandbox runs with ${report.status.nodes} nodes.`,
    hints: [`\`ffops sandbox stop\`, then start it with \`--nodes ${nodes}\`: its clusters are made anew.`],
  });
}

/** Clusters are made for one kind of nodes and cannot change it. */
async function chooseNodes({ ports }: SandboxHands, workspace: string, asked?: NodeKind): Promise<NodeKind> {
  const kept = (await ports.files.read(sandboxLayout(workspace).nodesFile)) as NodeKind | undefined;
  if (asked === undefined || asked === kept || kept === undefined) return asked ?? kept ?? 'simulated';
  throw new FailedError('sandbox.otherNodes', {
    message: `This sandbox was started with ${kept} nodes.`,
    hints: ['`ffops sandbox stop` removes it; then start it again.'],
  });
}

async function chooseImages(
  { ports }: SandboxHands,
  workspace: string,
  nodes: NodeKind,
  asked?: ImageKind,
): Promise<ImageKind> {
  if (asked !== undefined && nodes !== 'real') {
    throw new UserError('sandbox.imagesOfNobody', {
      message: 'Pods of simulated nodes run no image.',
      hints: [`\`ffops sandbox start --nodes real --images ${asked}\`.`],
    });
  }
  const kept = (await ports.files.read(sandboxLayout(workspace).imagesFile)) as ImageKind | undefined;
  return asked ?? kept ?? 'rebuilt';
}

async function realKit({ ports, tool }: SandboxHands, images: ImageKind): Promise<RealNodeKit> {
  await requireMachine(ports);
  const { variables } = ports;
  const cache = cacheRoot(variables);
  const mirror = variables['FFOPS_MIRROR'] || undefined;
  return {
    prepared: findPrepared(cache),
    kubelet: await tool('kubelet'),
    kubeProxy: await tool('kube-proxy'),
    ...(images === 'upstream' && {
      upstream: { folder: upstreamFolder(cache), ...(mirror !== undefined && { mirror }) },
    }),
  };
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
    args: ['--disable-warning=ExperimentalWarning', programFile('sandbox/launcher'), verb],
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
