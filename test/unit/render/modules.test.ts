/** Rendered modules: valid for both generations of providers, formatted, and exactly what the blueprint says. */
import { expect } from 'chai';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Blueprint } from '../../../src/model/blueprint.ts';
import { renderEnvironment, type FileTree } from '../../../src/render/environment.ts';
import { blueprintOf, BUILDABLE, exampleText, renderInputs } from '../../support/example.ts';
import { blocksBehind, readHcl, type HclBlock } from '../../support/hcl-blocks.ts';
import { flawsOf, type ProviderSchema } from '../../support/schemas/schema.ts';
import { tempFolder } from '../../support/temp.ts';
import { runTool, toolchain, toolOrSkip } from '../../support/tools.ts';

/** What the old provider does not know, added to the example's prod: only the releases that users run take it. */
const ONLY_NEW: readonly (readonly [after: RegExp, options: string])[] = [
  [/^ {2}version: .*\n/m, '  highAvailability: true\n  maintenance: { day: sunday, start: "04:00" }\n'],
  [/^ {8}role: data\n/m, '      taints: [{ key: dedicated, value: data, effect: PreferNoSchedule }]\n'],
];

const everything = `platform: doks
rootDomain: example.com
cluster:
  name: main
  region: fra1
  version: 1.35.6-do.0
  vpcRange: 10.20.0.0/16
  autoUpgrade: false
  nodePools:
    - { name: one, size: s-2vcpu-4gb, count: 2, labels: { "example.com/role": web, zone: x } }
    - { name: two-2, size: s-2vcpu-4gb, autoscale: { min: 1, max: 3 } }
tls: { email: ops@example.com }
objectStorage: { buckets: [example-media, example-media-2] }
backups: { enabled: false }
metrics: { enabled: false }
ingress: { waf: off, replicas: 1 }
apps: { hello: { greeting: "\${a} %{b} \\"c\\"" } }
`;

const nothing = `platform: doks
rootDomain: example.com
dns: { provider: none }
tls: { issuer: none }
backups: { enabled: false }
metrics: { enabled: false }
`;

const minikube = `platform: local
rootDomain: example.kube
cluster: { context: minikube }
apps: { hello: {} }
`;

async function environments(): Promise<[string, Blueprint][]> {
  const prod = await exampleText('prod');
  return [
    ['the example’s prod', await blueprintOf(prod)],
    ['the example’s prod with what only new providers know', await blueprintOf(withNewOptions(prod))],
    ['the example’s dev', await blueprintOf(await exampleText('dev'), 'dev')],
    ['every option turned the other way', await blueprintOf(everything)],
    ['as little as there can be', await blueprintOf(nothing)],
    ['a local cluster with its own nginx', await blueprintOf(minikube, 'mini')],
  ];
}

function withNewOptions(text: string): string {
  return ONLY_NEW.reduce((rest, [after, options]) => {
    expect(rest).to.match(after);
    return rest.replace(after, (line) => `${line}${options}`);
  }, text);
}

/** Whether both generations of providers take it. */
function runsAnywhere(tree: FileTree): boolean {
  return ![...tree.values()].some((text) => /^ +ha +=|maintenance_policy|^ +taint \{/m.test(text));
}

function filesOf(tree: FileTree, stack: string): [string, string][] {
  return [...tree].filter(([path]) => path.startsWith(`stacks/${stack}/`) && path.endsWith('.tf'));
}

function blocksOf(tree: FileTree, stack: string): HclBlock[] {
  return filesOf(tree, stack).flatMap(([, text]) => [...readHcl(text)]);
}

describe('rendered modules', () => {
  let cases: [string, Blueprint, FileTree][];
  before(async () => {
    const inputs = await renderInputs();
    cases = (await environments()).map(([name, blueprint]) => [name, blueprint, renderEnvironment(blueprint, inputs)]);
  });

  it('hold the resources that the blueprint lists, no more and no fewer', () => {
    for (const [name, blueprint, tree] of cases) {
      for (const stack of blueprint.stacks) {
        const declared = blocksOf(tree, stack.name)
          .filter(({ type }) => type === 'resource')
          .map(({ labels }) => labels.join('.'));
        expect(declared.sort(), `${name}, ${stack.name}`).to.deep.equal(blocksBehind(stack.resources));
        for (const { address, type } of stack.resources) expect(address.split('.')[0]).to.equal(type);
      }
    }
  });

  it('declare the variables, outputs and providers that the blueprint lists', () => {
    for (const [name, blueprint, tree] of cases) {
      for (const stack of blueprint.stacks) {
        const named = (type: string) =>
          blocksOf(tree, stack.name)
            .filter((block) => block.type === type)
            .map(({ labels }) => labels[0]);
        expect(named('variable'), name).to.deep.equal(stack.variables.map((variable) => variable.name));
        expect(named('output'), name).to.deep.equal(stack.outputs.map((output) => output.name));
        expect(named('provider'), name).to.deep.equal(stack.providers);
      }
    }
  });

  it('are valid for the releases of providers that users run', async () => {
    const schemas: ProviderSchema = { ...(await schema('digitalocean-2.99.1')), ...(await schema('helm-3.1.2')) };
    for (const [name, blueprint, tree] of cases) {
      for (const stack of blueprint.stacks) {
        for (const block of blocksOf(tree, stack.name).filter(({ type }) => type === 'resource')) {
          const known = schemas[block.labels[0] ?? ''];
          if (known === undefined) throw new Error(`trim the schema of ${block.labels[0] ?? ''} too`);
          expect(flawsOf(block, known, block.labels.join('.')), name).to.deep.equal([]);
        }
      }
    }
  });

  it('differ between sets of providers in versions.tf alone', async () => {
    const inputs = await renderInputs(BUILDABLE);
    for (const [, blueprint, tree] of cases) {
      const other = renderEnvironment(blueprint, inputs);
      const different = [...tree.keys()].filter((path) => tree.get(path) !== other.get(path));
      expect(different.every((path) => path.endsWith('/versions.tf'))).to.equal(true);
      expect(different.length).to.equal(blueprint.stacks.length);
    }
  });

  it('ignore the version of the cluster unless it is pinned and nothing else moves it', () => {
    const ignored = cases.map(([name, blueprint, tree]): [string, boolean | undefined] => {
      const cluster = blueprint.stacks.some((stack) => stack.name === 'cloud')
        ? blocksOf(tree, 'cloud').find(({ labels }) => labels[0] === 'digitalocean_kubernetes_cluster')
        : undefined;
      return [name, cluster?.blocks.some(({ attributes }) => attributes['ignore_changes'] === '[version]')];
    });
    expect(Object.fromEntries(ignored)).to.deep.equal({
      'the example’s prod': true,
      'the example’s prod with what only new providers know': true,
      'the example’s dev': undefined,
      'every option turned the other way': false,
      'as little as there can be': true,
      'a local cluster with its own nginx': undefined,
    });
  });

  it('are formatted', async function () {
    const tofu = await toolOrSkip(this, 'tofu');
    const folder = tempFolder();
    try {
      for (const [index, [, , tree]] of cases.entries()) await writeAll(join(folder.path, String(index)), tree);
      expect(await runTool(tofu, ['fmt', '-recursive', '-diff', '-list=true'], { cwd: folder.path })).to.equal('');
    } finally {
      folder.remove();
    }
  });

  it('are valid for the providers that can be built from source', async function () {
    const tofu = await toolOrSkip(this, 'tofu');
    const { mirror, versions, kind } = await (await toolchain()).providerSet('sandbox');
    if (kind !== 'buildable' || mirror === undefined) return this.skip();
    expect(versions).to.include(BUILDABLE);
    const folder = tempFolder();
    try {
      const config = join(folder.path, 'tofurc');
      await writeFile(
        config,
        `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
      );
      const env = { TF_CLI_CONFIG_FILE: config };
      const inputs = await renderInputs(BUILDABLE);
      for (const [index, [name, blueprint, tree]] of cases.entries()) {
        if (!runsAnywhere(tree)) continue;
        await writeAll(join(folder.path, String(index)), renderEnvironment(blueprint, inputs));
        for (const stack of blueprint.stacks) {
          const cwd = join(folder.path, String(index), 'stacks', stack.name);
          await runTool(tofu, ['init', '-backend=false', '-no-color'], { cwd, env });
          const answer = JSON.parse(await runTool(tofu, ['validate', '-json'], { cwd, env })) as {
            valid: boolean;
            diagnostics: unknown[];
          };
          expect(answer.diagnostics, `${name}, ${stack.name}`).to.deep.equal([]);
          expect(answer.valid).to.equal(true);
        }
      }
    } finally {
      folder.remove();
    }
  }).timeout(180_000);
});

async function schema(name: string): Promise<ProviderSchema> {
  return JSON.parse(
    await readFile(new URL(`../../support/schemas/${name}.json`, import.meta.url), 'utf8'),
  ) as ProviderSchema;
}

async function writeAll(folder: string, tree: FileTree): Promise<void> {
  for (const [path, content] of tree) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}
