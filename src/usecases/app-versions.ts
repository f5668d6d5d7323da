/** Which versions of apps an environment has, and that none is installed over a version that it cannot take over. */
import { join } from 'node:path';
import type { AppVersions, Target } from '../engine/contracts.ts';
import type { Selection } from '../engine/selection.ts';
import type { StackResult } from '../engine/apply.ts';
import { UserError, type Problem } from '../errors.ts';
import type { App, Blueprint } from '../model/blueprint.ts';
import { stepBetween } from '../model/upgrades.ts';
import { LOCK_FILE } from '../model/workspace.ts';
import type { Ports } from '../ports/ports.ts';
import type { ChartIndex } from '../render/charts.ts';
import { sandboxLayout } from '../sandbox/layout.ts';
import { workspaceLock, type LockedApp } from '../toolchain/lockfile.ts';

/** Below the workspace: its own record, or that of its sandbox, which goes with the sandbox. */
export function recordFile({ sandbox }: { readonly sandbox: boolean }): string {
  return sandbox ? join(sandboxLayout('').root, LOCK_FILE) : LOCK_FILE;
}

export interface VersionsRequest {
  readonly blueprint: Blueprint;
  /** Folder of ffops.yaml, absolute. */
  readonly workspace: string;
  readonly sandbox: boolean;
  readonly charts: () => Promise<ChartIndex>;
}

export function appVersions({ files }: Pick<Ports, 'files'>, request: VersionsRequest): AppVersions {
  const { blueprint, workspace, charts } = request;
  const file = recordFile(request);
  const lock = workspaceLock(files, join(workspace, file));
  return {
    file,
    async installed() {
      const apps = await lock.apps(blueprint.environment);
      return new Map([...apps].map(([id, { version }]) => [id, version]));
    },
    async record(ids) {
      const index = await charts();
      const apps = blueprint.apps.filter(({ id }) => ids.includes(id));
      await lock.recordApps(
        blueprint.environment,
        new Map(apps.map((app) => [app.id, lockedApp(app, blueprint, index)])),
      );
    },
  };
}

/** An app with the charts that install it. */
export function lockedApp({ id, version }: App, { stacks }: Blueprint, charts: ChartIndex): LockedApp {
  const used = stacks
    .flatMap(({ releases }) => releases)
    .filter(({ entry }) => entry === id)
    .map(({ chart }) => [chart.name, charts.get(chart.name)!.version] as const);
  return { version, charts: Object.fromEntries(used) };
}

/** Before anything is rendered, planned or asked. Throws UserError with the way that is left, for each app that is meant. */
export async function refuseSkippedVersions(
  { blueprint, apps }: Pick<Target, 'blueprint' | 'apps'>,
  { stacks }: Pick<Selection, 'stacks'>,
): Promise<void> {
  const installed = await apps.installed();
  const problems = blueprint.apps
    .filter(({ stack }) => stacks.length === 0 || stacks.includes(stack))
    .flatMap((app) => problemOf(app, installed.get(app.id), blueprint.environment, apps.file) ?? []);
  if (problems.length > 0) throw new UserError('app.skipped', problems);
}

/** Undefined when there is none. */
export function problemOf(
  { id, version, upgrades, origin }: App,
  installed: string | undefined,
  environment: string,
  file: string,
): Problem | undefined {
  if (installed === undefined) return undefined;
  const step = stepBetween(installed, version, upgrades);
  if (step.kind === 'straight') return undefined;
  const at = origin.kind === 'file' ? { at: { file: origin.file, line: origin.line, column: origin.column } } : {};
  const guide = upgrades?.guide === undefined ? [] : [`What its project says of upgrades: ${upgrades.guide}`];
  const gone = `Nothing of ${id} ${installed} is left there? Then take \`apps.${environment}.${id}\` out of ${file}.`;
  if (step.kind === 'back') {
    return {
      message: `${environment} has ${id} ${installed}, and ${version} is older: it cannot read what the newer one has written.`,
      ...at,
      hints: [
        `Take the newer one: update ffops, or name its image in \`apps.${id}.image\`, where ${id} has that option.`,
        `To go back all the same, restore a backup of before first: ffops backup list -e ${environment}.`,
        gone,
      ],
    };
  }
  const [first, ...others] = step.through;
  return {
    message: `${environment} has ${id} ${installed}, and ${version} takes nothing over that is older than ${step.through.at(-1)}.`,
    ...at,
    hints: [
      `The way: ${[installed, ...step.through, version].join(' → ')}. Take a backup before each.`,
      `To ${first}: apply with the ffops that installs it, or name its image in \`apps.${id}.image\`, where ${id} has that option.${others.length > 0 ? ` Likewise ${others.join(', ')}.` : ''}`,
      `Then: ffops app upgrade ${id} -e ${environment}.`,
      ...guide,
      gone,
    ],
  };
}

/** The apps whose stacks are as the environment says: those that an apply has brought there, and those that were. */
export async function recordVersions(
  { blueprint, apps }: Pick<Target, 'blueprint' | 'apps'>,
  stacks: readonly string[],
): Promise<void> {
  const ids = blueprint.apps.filter(({ stack }) => stacks.includes(stack)).map(({ id }) => id);
  if (ids.length > 0) await apps.record(ids);
}

export function standing(results: readonly StackResult[]): readonly string[] {
  return results.filter(({ outcome }) => outcome === 'applied' || outcome === 'unchanged').map(({ stack }) => stack);
}
