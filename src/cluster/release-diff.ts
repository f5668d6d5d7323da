/** What changes inside a release: the objects it would have against those it has. */
import type { Release } from '../model/blueprint.ts';
import type { PlannedRelease, ReleaseDiff } from '../ports/cluster.ts';
import * as helm from '../tools/helm.ts';
import type { ClusterPin } from '../tools/kubectl.ts';
import { toolFailed } from '../tools/call.ts';
import type { ClusterDeps } from './hands.ts';
import { readManifests } from './manifests.ts';

/** Empty text when nothing changes. A chart that cannot be rendered says so in the text: a plan is worth having without. */
export async function releaseDiff(
  deps: ClusterDeps,
  pin: ClusterPin,
  release: Release,
  planned: PlannedRelease,
): Promise<ReleaseDiff> {
  const { name, namespace } = release;
  const values = await mergedValues(planned.values);
  const [deployed, rehearsed] = await Promise.all([
    deps.run('helm', helm.deployedManifest(pin, name, namespace)),
    deps.run('helm', helm.rehearseUpgrade(pin, { name, namespace, chart: planned.chart }, values, planned.folder)),
  ]);
  const failed = [deployed, rehearsed].find((outcome) => outcome.exitCode !== 0);
  if (failed !== undefined) {
    const { message } = toolFailed('release.notRendered', 'The objects cannot be shown', failed);
    return { release: name, namespace, text: message };
  }
  const text = await diffManifests(deployed.stdout, helm.parseRehearsed(rehearsed.stdout));
  return { release: name, namespace, text };
}

/** Helm takes one document from stdin; later documents win, maps key by key, as OpenTofu's provider merges them. */
async function mergedValues(documents: readonly string[]): Promise<string> {
  const { dump, load } = await import('js-yaml');
  const merged = documents
    .filter((document) => document.trim() !== '')
    .map((document) => load(document))
    .reduce(merge, {});
  return dump(merged);
}

function merge(below: unknown, above: unknown): unknown {
  if (!isMap(below) || !isMap(above)) return above;
  const result: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) result[key] = key in result ? merge(result[key], value) : value;
  return result;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const contextLines = 2;

/** One block per object that appears, goes or changes. */
export async function diffManifests(before: string, after: string): Promise<string> {
  const { structuredPatch } = await import('diff');
  const [old, now] = [readManifests(before), readManifests(after)];
  const blocks: string[] = [];
  for (const title of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const [was, is] = [old.get(title), now.get(title)];
    if (was === is) continue;
    if (was === undefined) blocks.push(`+ ${title}`);
    else if (is === undefined) blocks.push(`- ${title}`);
    else {
      const { hunks } = structuredPatch('', '', was, is, '', '', { context: contextLines });
      blocks.push(
        [`~ ${title}`, ...hunks.flatMap((hunk) => ['  @@', ...hunk.lines.map((line) => `  ${line}`)])].join('\n'),
      );
    }
  }
  return blocks.join('\n');
}
