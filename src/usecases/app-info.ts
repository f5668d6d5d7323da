import { blueprintDifference, type Parts } from '../blueprint/difference.ts';
import type { Json } from '../model/blueprint.ts';
import { withApp, withoutApp } from '../model/edit-environment.ts';
import type { Origin } from '../model/origin.ts';
import { parsePath } from '../model/path.ts';
import type { AppEntry } from '../model/plugs.ts';
import { optionRules } from '../model/schemas.ts';
import type { Ports } from '../ports/ports.ts';
import { appliedApps, appOf, isAdded, knownApp, openSource, type AppPlace, type KnownApp } from './apps.ts';
import { blueprintOf, openText, type OpenedEnvironment } from './open-environment.ts';

export interface AppInfoResult extends KnownApp {
  /** Versions that nobody may skip who comes from an older one; absent: every version is taken over straight. */
  readonly stops?: readonly string[];
  /** Where its project tells of upgrades. */
  readonly guide?: string;
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
  const { stops, guide } = entry.upgrades ?? {};
  return {
    ...knownApp(source, entry, await appliedApps(ports, place)),
    ...(stops !== undefined && { stops }),
    ...(guide !== undefined && { guide }),
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
