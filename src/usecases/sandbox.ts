import {
  launchSandbox,
  lookAtSandbox,
  shutSandbox,
  type ImageKind,
  type NodeKind,
  type SandboxHands,
} from '../sandbox/launch.ts';
import type { StartReport, StateReport, StopReport } from '../sandbox/launch/options.ts';
import type { Result } from './verdict.ts';

export type SandboxStartResult = StartReport & Result;
export type SandboxStopResult = StopReport & Result;
export type SandboxStatusResult = StateReport & Result;

/** Throws FailedError when it does not come up, ToolMissingError when a program of it cannot be had. */
export function sandboxStart(
  hands: SandboxHands,
  workspace: string,
  asked: { readonly nodes?: NodeKind | undefined; readonly images?: ImageKind | undefined } = {},
): Promise<SandboxStartResult> {
  return launchSandbox(hands, workspace, asked.nodes, asked.images);
}

/** Throws FailedError. */
export function sandboxStop(
  hands: Pick<SandboxHands, 'ports' | 'say'>,
  workspace: string,
  options: { readonly keep: boolean },
): Promise<SandboxStopResult> {
  return shutSandbox(hands, workspace, options.keep);
}

/** Throws FailedError when the sandbox runs and does not answer. */
export function sandboxStatus(
  hands: Pick<SandboxHands, 'ports' | 'say'>,
  workspace: string,
): Promise<SandboxStatusResult> {
  return lookAtSandbox(hands, workspace);
}
