import type { AppCosts } from '../model/plugs.ts';
import type { Ports } from '../ports/ports.ts';
import { appsOf, costsOf, isAdded, lockOf, openSource, type AppPlace } from './apps.ts';

export interface AppListResult {
  readonly apps: readonly ListedApp[];
}

export interface ListedApp {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly added: boolean;
  /** What this ffops would install. */
  readonly version: string;
  /** What ffops.lock.yaml says this environment has. */
  readonly installed?: string;
  /** Whether the two differ: the next apply takes the new one over. */
  readonly upgrade: boolean;
  /** With its options where it is added, with their defaults elsewhere. */
  readonly costs: AppCosts;
}

export async function listApps(ports: Pick<Ports, 'files'>, place: AppPlace): Promise<AppListResult> {
  const source = await openSource(ports, place);
  const locked = await lockOf(ports, place.workspace).apps(place.environment);
  return {
    apps: appsOf(source.catalogue).map((entry): ListedApp => {
      const { id, title, summary, version } = entry;
      const added = isAdded(source, id);
      const installed = added ? locked.get(id)?.version : undefined;
      return {
        id,
        title,
        summary,
        added,
        version,
        ...(installed !== undefined && { installed }),
        upgrade: installed !== undefined && installed !== version,
        costs: costsOf(source, entry),
      };
    }),
  };
}
