import type { EnvironmentUseResult } from '../usecases/environment-use.ts';
import type { Style } from './style.ts';

export function environmentUseText({ name, overriddenBy }: EnvironmentUseResult, style: Style): string {
  const done = `Commands in this workspace now mean ${style.bold(name)}.\n`;
  if (overriddenBy === undefined) return done;
  return `${done}${style.yellow('Note:')} ${overriddenBy.by} says ${overriddenBy.name} in this shell, and comes first.\n`;
}
