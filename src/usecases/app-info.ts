import { blueprintDifference, type Parts } from '../blueprint/difference.ts';
import { imageChosen, versionIn } from '../model/app-version.ts';
import type { Json } from '../model/blueprint.ts';
import { withApp, withoutApp } from '../model/edit-environment.ts';
import type { Origin } from '../model/origin.ts';
import { parsePath } from '../model/path.ts';
import type { AppCosts, AppEntry } from '../model/plugs.ts';
import { optionRules } from '../model/schemas.ts';
import type { Ports } from '../ports/ports.ts';
import { appliedApps, appOf, costsOf, isAdded, openSource, type AppPlace } from './apps.ts';
import { blueprintOf, openText, type OpenedEnvironment } from './open-environment.ts';

export interface AppInfoResult {
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
  /** Versions that nobody may skip who comes from an older one; absent: every version is taken over straight. */
  readonly stops?: readonly string[];
  /** Where its project tells of upgrades. */
  readonly guide?: string;
  readonly costs: AppCosts;
  readonly options: readonly AppOption[];
  /** What it brings to this environment, or would bring: databases and systems that others share count when nobody else needs them. */
  readonly brings: Parts;
}

export interface AppOption {
  /** Below `apps.<id>`. */
  readonly path: string;
  readonly description: string;
  /** In effect, or what it would be; absent: nothing is set. */
  readonly value?: Json;
  readonly origin: Origin;
}

export async function appInfo(ports: Pick<Ports, 'files'>, place: AppPlace, id: string): Promise<AppInfoResult> {
  const source = await openSource(ports, place);
  const { catalogue, name, file } = source;
  const entry = appOf(catalogue, id);
  const added = isAdded(source, id);
  const text = added ? withoutApp(source, id) : withApp(source, id, {});
  const other = await openText(catalogue, place.workspace, { name, file, text });
  const [without, having] = added ? [other, source] : [source, other];
  const installed = added ? (await appliedApps(ports, place)).get(id)?.version : undefined;
  const chosen = imageChosen(source.environment, entry) && versionIn(source.environment, entry);
  const { title, summary, version, upgrades: { stops, guide } = {} } = entry;
  return {
    id,
    title,
    summary,
    added,
    version,
    ...(chosen !== undefined && { chosen }),
    ...(installed !== undefined && { installed }),
    ...(stops !== undefined && { stops }),
    ...(guide !== undefined && { guide }),
    costs: costsOf(source, entry),
    options: optionsOf(having, entry),
    brings: blueprintDifference(blueprintOf(place.workspace, without), blueprintOf(place.workspace, having)).added,
  };
}

function optionsOf({ environment, origins }: OpenedEnvironment, { id, options }: AppEntry): readonly AppOption[] {
  return optionRules(options).map(({ path, description }) => {
    const value = parsePath(path).reduce<unknown>(
      (group, name) => (group as Readonly<Record<string, unknown>> | undefined)?.[name],
      environment.apps[id],
    ) as Json | undefined;
    const origin = origins.of(`apps.${id}.${path}`);
    return { path, description, ...(value !== undefined && { value }), origin };
  });
}
