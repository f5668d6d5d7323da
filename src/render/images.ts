/** What a release would run, looked through for images that ffops installs none of. Pure. */
import { CORE_SCHEMA, load, loadAll } from 'js-yaml';
import { isBitnami } from '../model/bitnami.ts';
import { childPath } from '../model/path.ts';

export interface ForbiddenImage {
  /** `Deployment infra/traefik`, or the file of values. */
  readonly object: string;
  /** Where it stands in it, such as `spec.template.spec.initContainers[0].image`. */
  readonly path: string;
  readonly image: string;
}

/**
 * Any value in any object that names one, so that init containers, hooks, arguments and custom resources count. Definitions of
 * kinds run nothing, and give examples.
 */
export function forbiddenImages(manifests: string): readonly ForbiddenImage[] {
  return loadAll(manifests, { schema: CORE_SCHEMA }).flatMap((document) => {
    if (!isMap(document) || document['kind'] === 'CustomResourceDefinition') return [];
    return below(document, '').map((found) => ({ object: titleOf(document), ...found }));
  });
}

/** The same in values: enough for a chart that names no image itself. Throws YAMLException. */
export function forbiddenInValues(values: string, file: string): readonly ForbiddenImage[] {
  return below(load(values, { schema: CORE_SCHEMA }), '').map((found) => ({ object: file, ...found }));
}

function below(value: unknown, path: string): readonly Omit<ForbiddenImage, 'object'>[] {
  if (typeof value === 'string') return isBitnami(value) ? [{ path, image: value }] : [];
  if (Array.isArray(value)) return value.flatMap((item, index) => below(item, childPath(path, index)));
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => below(item, childPath(path, key)));
}

function titleOf({ kind, metadata }: Readonly<Record<string, unknown>>): string {
  const { name, namespace } = isMap(metadata) ? metadata : {};
  const place = typeof namespace === 'string' ? `${namespace}/` : '';
  return `${String(kind)} ${place}${String(name)}`;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
