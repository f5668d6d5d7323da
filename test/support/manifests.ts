/** What Helm makes of rendered values: every object of a release. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { realFiles } from '../../src/adapters/files.ts';
import type { Blueprint, Release } from '../../src/model/blueprint.ts';
import { packageCharts } from '../../src/render/charts.ts';
import type { FileTree } from '../../src/render/environment.ts';
import { runTool, toolchain } from './tools.ts';

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Record<string, string>;
  };
  readonly [key: string]: unknown;
}

/** Writes our own charts into a folder, and knows the paths of all. */
export async function chartPaths(folder: string): Promise<(release: Release) => Promise<string>> {
  const own = new Map<string, string>();
  for (const chart of await packageCharts(realFiles())) {
    const path = join(folder, chart.file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, chart.bytes);
    own.set(chart.name, path);
  }
  return async ({ chart }) =>
    chart.kind === 'first-party'
      ? (own.get(chart.name) ?? '')
      : (await (await toolchain()).chartArchive(chart.name)).path;
}

const rendered = new Map<string, Promise<readonly KubernetesObject[]>>();

/**
 * Rejects with Helm's words when it refuses the values. The same chart with the same values is rendered once: environments
 * differ in some of their releases only. Nobody changes what is given.
 */
export async function manifestsOf(
  helm: string,
  folder: string,
  chart: string,
  release: Release,
  values: string | undefined,
  flags: readonly string[] = [],
): Promise<readonly KubernetesObject[]> {
  const key = JSON.stringify([basename(chart), release.name, release.namespace, values, flags]);
  const known = rendered.get(key);
  if (known !== undefined) return known;
  const objects = renderedBy(helm, folder, chart, release, values, flags);
  rendered.set(key, objects);
  return objects;
}

async function renderedBy(
  helm: string,
  folder: string,
  chart: string,
  release: Release,
  values: string | undefined,
  flags: readonly string[],
): Promise<readonly KubernetesObject[]> {
  const args = [
    'template',
    release.name,
    chart,
    '--namespace',
    release.namespace,
    '--kube-version',
    '1.36.0',
    '--api-versions',
    'monitoring.coreos.com/v1',
    ...flags,
  ];
  if (values !== undefined) writeFileSync(join(folder, 'values.yaml'), values);
  const text = await runTool(helm, [...args, ...(values === undefined ? [] : ['--values', 'values.yaml'])], {
    cwd: folder,
  });
  return parseAllDocuments(text).flatMap((document) => (document.toJS() as KubernetesObject | null) ?? []);
}

/** The values as OpenTofu hands them to Helm: module variables filled in with their defaults. */
export function valuesOf(blueprint: Blueprint, tree: FileTree, stack: string, release: Release): string | undefined {
  if (release.values === undefined) return undefined;
  const text = tree.get(`stacks/${stack}/values/${release.name}.yaml`) ?? '';
  const variables = blueprint.stacks.find(({ name }) => name === stack)?.variables ?? [];
  return text.replace(/\$\{jsonencode\((abspath\()?(\w+)\)?\)\}/g, (_, absolute: string | undefined, name: string) => {
    if (!release.variables?.includes(name)) throw new Error(`${release.name} reads ${name} and does not say so`);
    const value = variables.find((variable) => variable.name === name)?.default;
    return JSON.stringify(absolute === undefined ? value : resolve('/shop/.ffops/dev/stacks', stack, String(value)));
  });
}

/** Every value below a key, however deep. */
export function deep(value: unknown, key: string): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => deep(item, key));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [...(name === key ? [inner] : []), ...deep(inner, key)]);
}
