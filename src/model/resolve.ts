/** From what is written to what is meant: defaults of the platform, of the catalogue and of ffops, with origins. */
import type { MapNode } from './document.ts';
import { environmentSchema } from './environment.ts';
import type { Environment, WrittenEnvironment } from './environment.ts';
import { completeSources, merge } from './merge.ts';
import type { SourceTree } from './origins.ts';
import { platformPlace } from './problemList.ts';
import type { ProblemList } from './problemList.ts';
import type { EnvironmentContext, PlatformRules, Registry } from './registry.ts';
import type { Validation, Verdict } from './validation.ts';

export interface Resolved {
  readonly environment: Environment;
  readonly sources: SourceTree;
}

/** What is to be resolved, and with what. */
export interface Resolution {
  readonly root: MapNode;
  readonly written: WrittenEnvironment;
  readonly platform: PlatformRules;
  readonly registry: Registry;
  readonly context: EnvironmentContext;
}

/** Undefined when something is missing or wrong: `problems` says what. */
export function resolve(resolution: Resolution, validation: Validation, problems: ProblemList): Resolved | undefined {
  const { value, sources } = withPlatformDefaults(resolution);
  const apps = withCatalogueDefaults(value, sources, resolution.registry, validation, problems);
  const verdict = validation.check(environmentSchema, { ...value, apps: apps ?? {} }, []);
  if (!verdict.fits) complainOnce(verdict, problems);
  if (!verdict.fits || apps === undefined) return undefined;
  completeSources(sources, verdict.value, { kind: 'ffops' });
  return { environment: verdict.value as Environment, sources };
}

function withPlatformDefaults({ root, written, platform, context }: Resolution) {
  const defaults = platform.defaults(written, context);
  // A platform may know better defaults for an app's options; it never adds an app.
  const apps = Object.fromEntries(Object.keys(written.apps ?? {}).map((id) => [id, defaults.apps?.[id] ?? {}]));
  const source = { kind: 'platform', platform: platform.id } as const;
  const merged = merge(written, root, platformPlace(root), { ...defaults, apps }, source);
  return { value: merged.value as Readonly<Record<string, unknown>>, sources: merged.sources };
}

function withCatalogueDefaults(
  value: Readonly<Record<string, unknown>>,
  sources: SourceTree,
  registry: Registry,
  validation: Validation,
  problems: ProblemList,
): Record<string, unknown> | undefined {
  const resolved: Record<string, unknown> = {};
  let whole = true;
  const trees = sources.children.get('apps')?.children;
  for (const [id, options] of Object.entries(value['apps'] as Record<string, unknown>)) {
    const entry = registry.entries.get(id);
    const tree = trees?.get(id);
    if (entry === undefined || tree === undefined) continue;
    const verdict = validation.check(entry.options, options, ['apps', id]);
    if (verdict.fits) {
      resolved[id] = verdict.value;
      completeSources(tree, verdict.value, { kind: 'catalogue', entry: id });
    } else {
      whole = false;
      complainOnce(verdict, problems);
    }
  }
  return whole ? resolved : undefined;
}

/** What is still wrong once defaults are in, unless the file's own value was refused before. */
function complainOnce(verdict: Extract<Verdict, { fits: false }>, problems: ProblemList): void {
  for (const complaint of verdict.complaints) if (!problems.isRefused(complaint.path)) problems.refuse(complaint);
}
