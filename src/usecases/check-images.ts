/** Looks through everything that an environment would run, as the real charts make it, for images of Bitnami. */
import { createHash } from 'node:crypto';
import { YAMLException } from 'js-yaml';
import { join } from 'node:path';
import { schedule } from '../engine/scheduler.ts';
import { FailedError, ToolMissingError, UserError, type Problem } from '../errors.ts';
import type { Blueprint, Release, Stack } from '../model/blueprint.ts';
import type { Surroundings } from '../model/surroundings.ts';
import type { Ports } from '../ports/ports.ts';
import type { ChartArchive } from '../render/charts.ts';
import { renderValues, valuesFile } from '../render/environment.ts';
import { forbiddenImages, forbiddenInValues, type ForbiddenImage } from '../render/images.ts';
import { toolFailed, type RunTool } from '../tools/call.ts';
import * as helm from '../tools/helm.ts';
import type { RenderKit } from './render-inputs.ts';

export interface ImagesRequest {
  readonly blueprint: Blueprint;
  readonly surroundings: Pick<Surroundings, 'root'>;
  readonly kit: Pick<RenderKit, 'charts' | 'tellingCharts' | 'templates'>;
  readonly run: RunTool;
}

/** Releases that could not be looked through, each with the reason; the rest is clean. */
export interface ImagesReport {
  readonly clean: number;
  readonly unknown: readonly { readonly release: string; readonly because: string }[];
}

interface Installed {
  readonly release: Release;
  readonly stack: Stack;
  readonly chart: ChartArchive;
  readonly values: string;
}

/**
 * Charts that tell all their images by their values are not rendered for it; the others are, and not again before the chart
 * or its values change. Throws UserError with the path to each image that is forbidden, and FailedError when a chart cannot
 * be rendered.
 */
export async function checkImages({ files }: Pick<Ports, 'files'>, request: ImagesRequest): Promise<ImagesReport> {
  const folder = join(request.surroundings.root, request.blueprint.environment);
  const recordFile = join(folder, 'clean-images.json');
  const before = readRecord(await files.read(recordFile));
  const all = installed(request);
  const tells = ({ chart }: Installed): boolean => request.kit.tellingCharts.has(chart.name);
  const jobs = all
    .filter((one) => !tells(one))
    .map((one) => ({
      name: one.release.name,
      after: [],
      run: async (): Promise<Look> => (before.has(keyOf(one)) ? { clean: true } : look(files, request, folder, one)),
    }));
  const looks = await schedule(jobs, { parallel: RENDERED_AT_ONCE });
  const results = all.map((one) => {
    if (tells(one)) return { ...one, ...lookIntoValues(one) };
    const outcome = looks.get(one.release.name)!;
    if (outcome.kind === 'failed') throw outcome.error;
    return { ...one, ...(outcome.kind === 'done' ? outcome.value : {}) };
  });
  const forbidden = results.flatMap((one) => (one.forbidden ?? []).map((image) => problemOf(one, image)));
  if (forbidden.length > 0) throw new UserError('render.bitnami', forbidden);
  const clean = results.filter((one) => one.clean);
  const rendered = clean.filter((one) => !tells(one)).map(keyOf);
  if (rendered.length !== before.size || rendered.some((key) => !before.has(key)))
    await files.write(recordFile, `${JSON.stringify(rendered.sort(), null, 2)}\n`, { durable: false });
  const unknown = results.flatMap(({ release, because }) =>
    because === undefined ? [] : [{ release: release.name, because }],
  );
  return { clean: clean.length, unknown };
}

/** helm takes a core and little memory. */
const RENDERED_AT_ONCE = 4;

interface Look {
  readonly clean?: boolean;
  readonly forbidden?: readonly ForbiddenImage[];
  /** Why nobody could look. */
  readonly because?: string;
}

async function look(
  files: Ports['files'],
  { surroundings, run }: ImagesRequest,
  folder: string,
  { release, chart, values }: Installed,
): Promise<Look> {
  const archive = join(surroundings.root, 'charts', chart.file);
  if ((await files.info(archive)) === undefined)
    return { because: `the chart ${chart.name} ${chart.version} is not here yet` };
  const call = helm.template({ ...release, chart: archive }, withoutVariables(values), join(folder, 'cache'));
  const outcome = await unlessMissing(run('helm', call));
  if (outcome === undefined) return { because: 'helm is not installed' };
  if (outcome.exitCode !== 0)
    throw toolFailed('render.chart', `Release ${release.name} cannot be rendered with its chart`, outcome);
  return lookOf(forbiddenImages(outcome.stdout));
}

function lookIntoValues({ release, stack, values }: Installed): Look {
  const file = join('stacks', stack.name, valuesFile(release));
  try {
    return lookOf(forbiddenInValues(withoutVariables(values), file));
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw new FailedError('render.chart', {
      message: `The values of release ${release.name} cannot be read: ${error.reason}`,
      hints: [`Look at ${file}, and at the template it was rendered from.`],
    });
  }
}

function lookOf(forbidden: readonly ForbiddenImage[]): Look {
  return forbidden.length === 0 ? { clean: true } : { forbidden };
}

function installed({ blueprint, kit }: Pick<ImagesRequest, 'blueprint' | 'kit'>): readonly Installed[] {
  return blueprint.stacks.flatMap((stack) =>
    stack.releases.map((release) => {
      const values = renderValues(release, kit.templates) ?? '';
      return { stack, release, values, chart: kit.charts.get(release.chart.name)! };
    }),
  );
}

function keyOf({ release, chart, values }: Installed): string {
  const parts = [release.namespace, release.name, chart.digest, values];
  return `${release.name} ${createHash('sha256').update(parts.join('\0')).digest('hex')}`;
}

/** What only OpenTofu can fill in is no image. */
function withoutVariables(values: string): string {
  return values.replace(/\$\{jsonencode\((?:\w+|abspath\(\w+\))\)\}/g, '"https://ffops.invalid"');
}

/** Without a helm, rendering is still worth having. */
async function unlessMissing<Value>(work: Promise<Value>): Promise<Value | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ToolMissingError) return undefined;
    throw error;
  }
}

function problemOf({ release, stack, chart }: Installed, { object, path, image }: ForbiddenImage): Problem {
  return {
    message: `${image} is an image of Bitnami, and ffops installs none: ${path} of ${object}.`,
    hints: [
      `The release ${release.name} of stack ${stack.name} makes it with the chart ${chart.name} ${chart.version}: set another image in its values, or switch that part off.`,
    ],
  };
}

function readRecord(text: string | undefined): ReadonlySet<string> {
  try {
    const keys: unknown = JSON.parse(text ?? '[]');
    return new Set(Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : []);
  } catch {
    // It only saves time.
    return new Set();
  }
}
