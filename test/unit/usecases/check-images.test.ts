import { expect } from 'chai';
import { join } from 'node:path';
import { FailedError, ToolMissingError, UserError } from '../../../src/errors.ts';
import { placeCharts } from '../../../src/render/charts.ts';
import { compileTemplates } from '../../../src/render/templates.ts';
import type { RunTool } from '../../../src/tools/call.ts';
import { checkImages } from '../../../src/usecases/check-images.ts';
import { loadRenderKit } from '../../../src/usecases/render-inputs.ts';
import { aBlueprint, aRelease, aStack } from '../../support/blueprint.ts';
import { tempFolder } from '../../support/temp.ts';
import { testPorts, toolOrSkip } from '../../support/tools.ts';

const blueprintWith = (image: string) => {
  const chart = { kind: 'first-party', name: 'hello' } as const;
  const release = aRelease({ chart, values: 'hello', context: { image } });
  return aBlueprint({ stacks: [aStack({ releases: [release] })] });
};
const VALUES = 'image: {{yaml image}}\ningress: { className: traefik, host: shop.test }\n';
const helmMissing: RunTool = async () => {
  throw new ToolMissingError('tool.missing', { message: 'helm is not installed' });
};

describe('what an environment would run', function () {
  this.timeout(60_000);
  const folder = tempFolder();
  const ports = testPorts();
  const surroundings = { root: folder.path };
  let ran = 0;
  let run: RunTool;

  before(async function () {
    const helm = await toolOrSkip(this, 'helm');
    run = (tool, call) => {
      ran += 1;
      expect(tool).to.equal('helm');
      return ports.runner.run({ program: helm, ...call });
    };
  });
  after(() => folder.remove());

  /** The chart of hello, as if a workspace had brought it: what it runs is not to be read from its values. */
  async function check(image: string, by = run) {
    const kit = {
      ...(await loadRenderKit(ports, { versions: { digitalocean: '2.0.0', helm: '3.0.0' } }, surroundings)),
      templates: compileTemplates(new Map([['helm-values/hello.yaml', VALUES]])),
      tellingCharts: new Set<string>(),
    };
    const blueprint = blueprintWith(image);
    const place = (): Promise<void> =>
      placeCharts(
        ports.files,
        join(folder.path, 'charts'),
        kit.ownCharts.filter(({ name }) => name === 'hello'),
        [],
      );
    return { place, check: () => checkImages(ports, { blueprint, surroundings, kit, run: by }) };
  }

  it('cannot be looked through before the chart and helm are here, and says so', async () => {
    const { place, check: look } = await check('docker.io/library/nginx:1', helmMissing);
    const [unplaced] = (await look()).unknown;
    expect(unplaced?.because).to.match(/^the chart hello .* is not here yet$/);
    await place();
    expect(await look()).to.deep.equal({
      clean: 0,
      unknown: [{ release: 'shop', because: 'helm is not installed' }],
    });
  });

  it('is rendered with its real chart, and not again before something changes', async () => {
    const first = await check('docker.io/library/nginx:1');
    expect(await first.check()).to.deep.equal({ clean: 1, unknown: [] });
    expect(await first.check()).to.deep.equal({ clean: 1, unknown: [] });
    expect(ran).to.equal(1);
    const changed = await check('docker.io/library/nginx:2');
    expect(await changed.check()).to.deep.equal({ clean: 1, unknown: [] });
    expect(ran).to.equal(2);
  });

  it('is refused with an image of Bitnami, and with the way to it', async () => {
    const { check: look } = await check('docker.io/bitnami/nginx:1');
    for (let round = 0; round < 2; round++) {
      const error = await refused(look());
      expect(error).to.be.instanceOf(UserError);
      const [problem] = (error as UserError).problems;
      expect(problem?.message).to.match(
        /^docker\.io\/bitnami\/nginx:1 is an image of Bitnami.*: spec\.template\.spec\.containers\[0\]\.image of Deployment/,
      );
      expect(problem?.hints?.[0]).to.include('The release shop of stack app-shop');
    }
  });
});

describe('what our own charts would run', () => {
  const folder = tempFolder();
  const ports = testPorts();
  after(() => folder.remove());

  async function check(image: string, values = VALUES) {
    const kit = await loadRenderKit(
      ports,
      { versions: { digitalocean: '2.0.0', helm: '3.0.0' } },
      { root: folder.path },
    );
    const templates = compileTemplates(new Map([['helm-values/hello.yaml', values]]));
    return checkImages(ports, {
      blueprint: blueprintWith(image),
      surroundings: { root: folder.path },
      kit: { ...kit, templates },
      run: helmMissing,
    });
  }

  it('stands in their values, and needs neither helm nor the chart', async () => {
    expect(await check('docker.io/library/nginx:1')).to.deep.equal({ clean: 1, unknown: [] });
    expect(await ports.files.list(folder.path), 'nothing to remember').to.deep.equal([]);
  });

  it('is refused with the file and the way to the image in it', async () => {
    for (const values of [VALUES, 'components: [{ setUp: [{ args: [--with, {{yaml image}}] }] }]\n']) {
      const error = await refused(check('docker.io/bitnami/nginx:1', values));
      expect(error).to.be.instanceOf(UserError);
      expect((error as UserError).problems[0]?.message).to.match(
        /bitnami\/nginx:1 is an image of Bitnami.*: (image|components\[0\]\.setUp\[0\]\.args\[1\]) of stacks\/app-shop\/values\/shop\.yaml\.$/,
      );
    }
  });

  it('is looked for in values that OpenTofu completes, and told when they cannot be read', async () => {
    const asOf = 'image: {{yaml image}}\nurl: ${jsonencode(backup_bucket)}\nfolder: ${jsonencode(abspath(folder))}\n';
    expect(await check('nginx:1', asOf)).to.deep.equal({ clean: 1, unknown: [] });
    const error = await refused(check('nginx:1', 'image: {{yaml image}}\n\tbroken: [\n'));
    expect(error).to.be.instanceOf(FailedError);
    expect((error as FailedError).message).to.match(/^The values of release shop cannot be read: /);
  });
});

async function refused(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
}
