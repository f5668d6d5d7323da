/** The example workspace, loaded, resolved and rendered as ffops does it. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { realFiles } from '../../src/adapters/files.ts';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import { registry } from '../../src/blueprint/registry.ts';
import type { Blueprint } from '../../src/model/blueprint.ts';
import { loadEnvironment, type LoadedEnvironment } from '../../src/model/load.ts';
import type { Catalogue } from '../../src/model/plugs.ts';
import { packageCharts, type ChartArchive, type ChartIndex } from '../../src/render/charts.ts';
import { renderEnvironment, type FileTree, type RenderInputs } from '../../src/render/environment.ts';
import type { ProviderVersions } from '../../src/render/providers.ts';
import { compileTemplates, templateSources } from '../../src/render/templates.ts';
import { loadPins } from '../../src/toolchain/pins.ts';

export const EXAMPLE = fileURLToPath(new URL('../../examples/fullfrontend', import.meta.url));
export const WORKSPACE = 'fullfrontend';

/** What users run. */
export const CURRENT: ProviderVersions = { digitalocean: '2.99.1', helm: '3.1.2' };
/** What a machine without downloads can build. */
export const BUILDABLE: ProviderVersions = { digitalocean: '1.23.0', helm: '1.3.2' };

export async function exampleText(name: string): Promise<string> {
  return readFile(`${EXAMPLE}/environments/${name}.yaml`, 'utf8');
}

function environmentOf(text: string, name: string, catalogue: Catalogue): Promise<LoadedEnvironment> {
  return loadEnvironment({ file: `environments/${name}.yaml`, text, name, workspace: WORKSPACE, registry: catalogue });
}

export async function exampleEnvironment(name: string): Promise<LoadedEnvironment> {
  return environmentOf(await exampleText(name), name, registry);
}

/** A blueprint from the text of an environment file. */
export async function blueprintOf(text: string, name = 'prod', catalogue: Catalogue = registry): Promise<Blueprint> {
  const { environment, origins } = await environmentOf(text, name, catalogue);
  return buildBlueprint(environment, origins, catalogue, { workspace: WORKSPACE, environment: name });
}

export async function exampleBlueprint(name: string): Promise<Blueprint> {
  return blueprintOf(await exampleText(name), name);
}

export async function renderInputs(providers: ProviderVersions = CURRENT): Promise<RenderInputs> {
  const files = realFiles();
  return { templates: compileTemplates(await templateSources(files)), charts: await chartIndex(), providers };
}

export async function renderExample(name: string, providers: ProviderVersions = CURRENT): Promise<FileTree> {
  return renderEnvironment(await exampleBlueprint(name), await renderInputs(providers));
}

async function chartIndex(): Promise<ChartIndex> {
  const files = realFiles();
  const { charts } = await loadPins(files);
  const upstream = Object.entries(charts).map(([name, { version, digest }]): ChartArchive => ({
    name,
    version,
    file: `${name}-${version}.tgz`,
    digest,
  }));
  return new Map([...(await packageCharts(files)), ...upstream].map((chart) => [chart.name, chart]));
}
