import { imageChosen, versionIn } from '../model/app-version.ts';
import type { AppCosts } from '../model/plugs.ts';
import type { Ports } from '../ports/ports.ts';
import { appliedApps, appsOf, costsOf, isAdded, openSource, type AppPlace } from './apps.ts';

export interface AppListResult {
  readonly apps: readonly ListedApp[];
}

export interface ListedApp {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly added: boolean;
  /** What this ffops brings. */
  readonly version: string;
  /** What the environment's file asks for instead, by an image. */
  readonly chosen?: string;
  /** What was last applied here, as ffops.lock.yaml says. */
  readonly installed?: string;
  /** Whether it is there, or asked for, in another version than ffops brings. */
  readonly upgrade: boolean;
  /** With its options where it is added, with their defaults elsewhere. */
  readonly costs: AppCosts;
}

export async function listApps(ports: Pick<Ports, 'files'>, place: AppPlace): Promise<AppListResult> {
  const source = await openSource(ports, place);
  const applied = await appliedApps(ports, place);
  return {
    apps: appsOf(source.catalogue).map((entry): ListedApp => {
      const { id, title, summary, version } = entry;
      const added = isAdded(source, id);
      const installed = added ? applied.get(id)?.version : undefined;
      const chosen = imageChosen(source.environment, entry) && versionIn(source.environment, entry);
      return {
        id,
        title,
        summary,
        added,
        version,
        ...(chosen !== undefined && { chosen }),
        ...(installed !== undefined && { installed }),
        upgrade: [installed, chosen].some((other) => other !== undefined && other !== version),
        costs: costsOf(source, entry),
      };
    }),
  };
}
