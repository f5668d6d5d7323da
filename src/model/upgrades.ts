/** How an app gets from the version that is installed to another one, as far as its entry knows. Pure. */
import { compareVersions } from './versions.ts';

export interface UpgradePath {
  /** Versions that nobody may skip who comes from an older one, oldest first. */
  readonly stops?: readonly string[];
  /** Worth knowing before, for whoever comes from a version older than `since`. */
  readonly notes?: readonly { readonly since: string; readonly text: string }[];
  /** The page where its project tells of upgrades. */
  readonly guide?: string;
}

export type Step =
  | { readonly kind: 'straight' }
  /** Hardly any app can read what a newer version of it has written. */
  | { readonly kind: 'back' }
  | { readonly kind: 'too-far'; readonly through: readonly string[] };

export function stepBetween(installed: string, wanted: string, path: UpgradePath = {}): Step {
  const order = compareVersions(wanted, installed);
  if (order < 0) return { kind: 'back' };
  const through = (path.stops ?? []).filter(
    (stop) => compareVersions(stop, installed) > 0 && compareVersions(stop, wanted) < 0,
  );
  return through.length === 0 ? { kind: 'straight' } : { kind: 'too-far', through };
}

export function notesOn(installed: string, { notes = [] }: UpgradePath = {}): readonly string[] {
  return notes.filter(({ since }) => compareVersions(installed, since) < 0).map(({ text }) => text);
}
