import { expect } from 'chai';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolMissingError, UserError } from '../../../src/errors.ts';
import { placeCharts } from '../../../src/render/charts.ts';
import { valuesFile } from '../../../src/render/environment.ts';
import type { RunTool } from '../../../src/tools/call.ts';
import { checkImages } from '../../../src/usecases/check-images.ts';
import { loadRenderKit } from '../../../src/usecases/render-inputs.ts';
import { aBlueprint, aRelease, aStack } from '../../support/blueprint.ts';
import { tempFolder } from '../../support/temp.ts';
import { testPorts, toolOrSkip } from '../../support/tools.ts';

const release = aRelease({ chart: { kind: 'first-party', name: 'hello' }, values: 'hello' });
const blueprint = aBlueprint({ stacks: [aStack({ releases: [release] })] });
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

  async function check(image: string, by = run) {
    const kit = await loadRenderKit(ports, { versions: { digitalocean: '2.0.0', helm: '3.0.0' } }, surroundings);
    const stack = join(folder.path, blueprint.environment, 'stacks', 'app-shop');
    mkdirSync(join(stack, 'values'), { recursive: true });
    const values = `image: ${image}\ningress: { className: traefik, host: shop.test }\n`;
    writeFileSync(join(stack, valuesFile(release)), values);
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
      const error = await look().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).to.be.instanceOf(UserError);
      const [problem] = (error as UserError).problems;
      expect(problem?.message).to.match(
        /^docker\.io\/bitnami\/nginx:1 is an image of Bitnami.*: spec\.template\.spec\.containers\[0\]\.image of Deployment/,
      );
      expect(problem?.hints?.[0]).to.include('The release shop of stack app-shop');
    }
  });
});
