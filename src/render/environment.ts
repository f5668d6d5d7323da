/** Blueprint → every file of an environment, by path below `<root>/<env>`. Pure: the same input gives the same bytes. */
import { UserError } from '../errors.ts';
import { label, releaseAddress } from '../model/addresses.ts';
import type { Blueprint, Release, Stack, StackVariable } from '../model/blueprint.ts';
import { alignAttributes } from './align.ts';
import type { ChartIndex } from './charts.ts';
import { PROVIDERS, type ProviderVersions } from './providers.ts';
import { readmeContext } from './readme.ts';
import type { Templates } from './templates.ts';

export interface RenderInputs {
  readonly templates: Templates;
  readonly providers: ProviderVersions;
  readonly charts: ChartIndex;
}

export type FileTree = ReadonlyMap<string, string>;

/** Throws UserError when a release names a chart or a template that nobody has. */
export function renderEnvironment(blueprint: Blueprint, inputs: RenderInputs): FileTree {
  const files = new Map<string, string>();
  const add = (path: string, body: string): void => {
    files.set(path, `${header(blueprint, path)}${body}`);
  };
  for (const stack of blueprint.stacks) {
    for (const [path, body] of renderStack(blueprint, stack, inputs)) add(`stacks/${stack.name}/${path}`, body);
  }
  files.set('README.md', inputs.templates.render('README.md', readmeContext(blueprint)));
  return files;
}

/** In the folder of its stack. */
export function valuesFile({ name }: Pick<Release, 'name'>): string {
  return `values/${name}.yaml`;
}

function* renderStack(
  blueprint: Blueprint,
  stack: Stack,
  { templates, providers, charts }: RenderInputs,
): Iterable<[string, string]> {
  const module = (file: string, template: string, context: object): [string, string] => [
    file,
    alignAttributes(templates.render(`tofu/${template}/${file}`, context)),
  ];
  const releases = stack.releases.map((release) => releaseContext(release, charts));
  yield module('main.tf', stack.template, { ...stack.context, title: stack.title, releases });
  yield module('backend.tf', 'shared', backendContext(blueprint, stack));
  yield module('providers.tf', 'shared', {
    providers: numbered(stack.providers.map((name) => ({ name, ...PROVIDERS[name] }))),
  });
  yield module('versions.tf', 'shared', {
    providers: stack.providers.map((name) => ({ name, ...PROVIDERS[name], version: providers[name] })),
  });
  if (stack.variables.length > 0) {
    yield module('variables.tf', 'shared', { variables: numbered(stack.variables.map(variableContext)) });
  }
  if (stack.outputs.length > 0) {
    const outputs = stack.outputs.map((output) => ({ ...output, sensitive: output.sensitive ?? false }));
    yield module('outputs.tf', 'shared', { outputs: numbered(outputs) });
  }
  for (const release of stack.releases) {
    const values = renderValues(release, templates);
    if (values !== undefined) yield [valuesFile(release), values];
  }
}

/** What stands in its file of values; undefined when its chart's own are enough. */
export function renderValues(release: Release, templates: Templates): string | undefined {
  if (release.values === undefined) return undefined;
  const template = `helm-values/${release.values}.yaml`;
  if (!templates.paths.includes(template)) throw missing(release, `the values ${release.values}`, 'values.yaml.hbs');
  return templates.render(template, release.context);
}

function releaseContext(release: Release, charts: ChartIndex) {
  const chart = charts.get(release.chart.name);
  if (chart === undefined) throw missing(release, `the chart ${release.chart.name}`, 'chart/');
  return {
    name: release.name,
    title: `release ${release.name}`,
    option: release.origin.path,
    label: label(release.name),
    namespace: release.namespace,
    chart: { file: chart.file, version: chart.version },
    timeoutSeconds: release.timeoutSeconds,
    values: release.values ?? null,
    variables: release.variables ?? [],
    after: release.after.map(releaseAddress),
  };
}

function missing({ entry }: Release, what: string, where: string): UserError {
  return new UserError('catalogue.missing', {
    message: `The app \`${entry}\` uses ${what}, which there is none of.`,
    hints: [`Bring it in catalogue/${entry}/${where}, or name what ffops has.`],
  });
}

function backendContext({ state }: Blueprint, stack: Stack) {
  return state.kind === 's3'
    ? { s3: { bucket: state.bucket, key: `${state.prefix}/${stack.name}.tfstate`, region: state.region } }
    : { s3: null, local: { path: `../../state/${stack.name}.tfstate` } };
}

function variableContext(variable: StackVariable) {
  return { ...variable, hasDefault: variable.default !== undefined, default: variable.default ?? null };
}

function numbered<T extends object>(list: readonly T[]): (T & { first: boolean })[] {
  return list.map((item, index) => ({ ...item, first: index === 0 }));
}

function header(blueprint: Blueprint, path: string): string {
  const up = '../'.repeat(path.split('/').length - 1);
  return (
    `# Made by ffops from environments/${blueprint.environment}.yaml: change that and run \`ffops render\`, edits here are lost.\n` +
    `# ${up}README.md says how to run this without ffops.\n\n`
  );
}
