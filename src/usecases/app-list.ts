import type { Ports } from '../ports/ports.ts';
import { appliedApps, appsOf, knownApp, openSource, type AppPlace, type KnownApp } from './apps.ts';

export interface AppListResult {
  readonly apps: readonly ListedApp[];
}

export interface ListedApp extends KnownApp {
  /** Whether it is there, or asked for, in another version than ffops brings. */
  readonly upgrade: boolean;
}

export async function listApps(ports: Pick<Ports, 'files'>, place: AppPlace): Promise<AppListResult> {
  const source = await openSource(ports, place);
  const applied = await appliedApps(ports, place);
  return {
    apps: appsOf(source.catalogue).map((entry) => {
      const app = knownApp(source, entry, applied);
      const upgrade = [app.installed, app.chosen].some((other) => other !== undefined && other !== app.version);
      return { ...app, upgrade };
    }),
  };
}
