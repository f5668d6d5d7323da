/**
 * `ffops app upgrade`: what the newer version of an app means, and everything it needs but the apply. An image that kept it
 * back goes from the environment file, the new version of its chart is locked, and its stack is rendered.
 */
import { UserError } from '../errors.ts';
import { imageChosen } from '../model/app-version.ts';
import type { App } from '../model/blueprint.ts';
import { withoutOption } from '../model/edit-environment.ts';
import { versionOfImage } from '../model/image.ts';
import type { AppEntry } from '../model/plugs.ts';
import { notesOn } from '../model/upgrades.ts';
import { compareVersions } from '../model/versions.ts';
import type { Ports } from '../ports/ports.ts';
import type { LockedApp } from '../toolchain/lockfile.ts';
import { agreed, prepareChange, renderAgain, type FileChange, type RenderHands } from './app-change.ts';
import { lockedApp, problemOf, recordFile } from './app-versions.ts';
import { addedApp, appliedApps, appsOf, isAdded, openSource, type AppPlace, type EnvironmentSource } from './apps.ts';
import type { Result } from './verdict.ts';

export interface AppUpgradeRequest extends AppPlace {
  /** All that the environment has when absent. */
  readonly id: string | undefined;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly hands: RenderHands;
  /** Locks the versions of upstream charts that this ffops brings; absent where nothing is locked. */
  readonly lockCharts: ((names: readonly string[]) => Promise<void>) | undefined;
}

export interface AppUpgrade {
  readonly id: string;
  readonly title: string;
  readonly stack: string;
  /** What was last applied here; absent: never, as far as ffops.lock.yaml knows. */
  readonly from?: string;
  readonly to: string;
  /** Named in the environment's file until now, and taken out of it. */
  readonly image?: string;
  readonly charts: readonly ChartChange[];
  /** Worth knowing before. */
  readonly notes: readonly string[];
  readonly guide?: string;
}

export interface ChartChange {
  readonly name: string;
  readonly from?: string;
  readonly to: string;
}

export interface AppUpgrades extends FileChange {
  readonly upgrades: readonly AppUpgrade[];
}

export interface AppUpgradeResult extends Result, AppUpgrades {
  /** False with `--dry-run`, when the question was answered with no, and when there was nothing to do. */
  readonly written: boolean;
  /** Whether a backup can be made before. */
  readonly backups: boolean;
}

/** Throws UserError when an app cannot get to its new version straight, with the way there. */
export async function upgradeApps(
  ports: Pick<Ports, 'files' | 'terminal'>,
  request: AppUpgradeRequest,
  show: (upgrades: AppUpgrades) => void,
): Promise<AppUpgradeResult> {
  const source = await openSource(ports, request);
  const entries = meant(source, request.id);
  const applied = await appliedApps(ports, request);
  const kept = entries.filter((entry) => isKeptBack(source, entry));
  const text = kept.reduce((before, { id }) => withoutOption({ ...source, text: before }, id, 'image'), source.text);
  const change = await prepareChange(ports, request, source, text);
  const apps = change.blueprint.apps.filter(({ id }) => entries.some((entry) => entry.id === id));
  const problems = apps.flatMap(
    (app) => problemOf(app, applied.get(app.id)?.version, request.environment, recordFile(request)) ?? [],
  );
  if (problems.length > 0) throw new UserError('app.skipped', problems);
  const { charts } = await request.hands.kit();
  const upgrades = apps
    .map((app) => {
      const entry = kept.find(({ id }) => id === app.id);
      const image = entry && imageChosen(source.environment, entry);
      return upgradeOf(app, applied.get(app.id), lockedApp(app, change.blueprint, charts), image);
    })
    .filter(
      ({ from, to, image, charts: changed }) => image ?? (from !== undefined && (from !== to || changed.length > 0)),
    );
  const { file, diff, difference } = change;
  const answer = { upgrades, file, diff, difference, backups: source.environment.backups.enabled };
  if (upgrades.length === 0 || request.dryRun) return { verdict: 'done', ...answer, written: false };
  const question = kept.length > 0 ? `Write ${file}, and render it?` : 'Render the new versions?';
  if (!(await agreed(ports.terminal, request, question, () => show(answer))))
    return { verdict: 'refused', ...answer, written: false };
  const upstream = change.blueprint.stacks
    .flatMap(({ releases }) => releases)
    .filter(({ entry, chart }) => chart.kind === 'upstream' && upgrades.some(({ id }) => id === entry))
    .map(({ chart }) => chart.name);
  if (upstream.length > 0) await request.lockCharts?.(upstream);
  if (kept.length > 0) await change.write();
  await renderAgain(ports, request, request.hands, change.blueprint);
  return { verdict: 'done', ...answer, written: true };
}

function meant(source: EnvironmentSource, id: string | undefined): readonly AppEntry[] {
  if (id === undefined) return appsOf(source.catalogue).filter((entry) => isAdded(source, entry.id));
  return [addedApp(source, id)];
}

/** By an image that is older than the one of this ffops. One of the same version stands for a mirror, or for a digest. */
function isKeptBack({ environment }: EnvironmentSource, entry: AppEntry): boolean {
  const image = imageChosen(environment, entry);
  return image !== undefined && compareVersions(versionOfImage(image), entry.version) < 0;
}

function upgradeOf(
  { id, title, stack, version, upgrades }: App,
  before: LockedApp | undefined,
  after: LockedApp,
  image: string | undefined,
): AppUpgrade {
  const charts = Object.entries(after.charts)
    .map(([name, to]): ChartChange => ({
      name,
      to,
      ...(before?.charts[name] !== undefined && { from: before.charts[name] }),
    }))
    .filter(({ from, to }) => before !== undefined && from !== to);
  return {
    id,
    title,
    stack,
    ...(before !== undefined && { from: before.version }),
    to: version,
    ...(image !== undefined && { image }),
    charts,
    notes: before === undefined ? [] : notesOn(before.version, upgrades),
    ...(upgrades?.guide !== undefined && { guide: upgrades.guide }),
  };
}
