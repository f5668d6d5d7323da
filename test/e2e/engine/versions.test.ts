/** Which versions of apps are there is written down by real runs: of stacks that succeeded, also where nothing was to do. */
import { expect } from 'chai';
import { join } from 'node:path';
import { realFiles } from '../../../src/adapters/files.ts';
import type { Target } from '../../../src/engine/contracts.ts';
import { UserError } from '../../../src/errors.ts';
import type { App } from '../../../src/model/blueprint.ts';
import { workspaceLock } from '../../../src/toolchain/lockfile.ts';
import { apply } from '../../../src/usecases/apply.ts';
import { appVersions } from '../../../src/usecases/app-versions.ts';
import { plan } from '../../../src/usecases/plan.ts';
import { applyRequest, planRequest } from './requests.ts';
import { openWorkshop, origin, type Workshop } from './workshop.ts';

const thing = 'resource "terraform_data" "thing" {\n  input = "one"\n}\n';
const failing = `${thing}\nresource "terraform_data" "never" {\n  provisioner "local-exec" {\n    command = "exit 1"\n  }\n}\n`;

describe('the versions of apps, in real runs', function () {
  this.timeout(120_000);
  let workshop: Workshop;
  afterEach(() => workshop.remove());

  const target = (versions: Readonly<Record<string, string>>): Target => {
    const apps = Object.entries(versions).map(([id, version]): App => ({
      id,
      title: id,
      stack: `app-${id}`,
      version,
      upgrades: { stops: ['2.0.0'] },
      origin: origin(3),
    }));
    const blueprint = { ...workshop.target.blueprint, apps };
    const request = { blueprint, workspace: workshop.folder, sandbox: false, charts: async () => new Map() };
    return { ...workshop.target, blueprint, apps: appVersions({ files: realFiles() }, request) };
  };
  const written = async (): Promise<Record<string, string>> => {
    const apps = await workspaceLock(realFiles(), join(workshop.folder, 'ffops.lock.yaml')).apps('prod');
    return Object.fromEntries([...apps].map(([id, { version }]) => [id, version]));
  };

  it('are those of the stacks that succeeded, the others when they do', async () => {
    workshop = await openWorkshop({ 'app-shop': { body: thing }, 'app-blog': { body: failing } });
    const run = (versions: Readonly<Record<string, string>>) =>
      apply(workshop.ports, { ...applyRequest(workshop), target: target(versions) }, workshop.emit);

    expect((await run({ shop: '1.0.0', blog: '1.0.0' })).verdict).to.equal('failed');
    expect(await written()).to.deep.equal({ shop: '1.0.0' });

    await workshop.write('app-blog', thing);
    expect((await run({ shop: '1.0.0', blog: '1.1.0' })).verdict).to.equal('done');
    expect(await written()).to.deep.equal({ shop: '1.0.0', blog: '1.1.0' });

    // Another version without another plan: what stands is what the environment says.
    expect((await run({ shop: '1.2.0', blog: '1.1.0' })).stacks).to.deep.equal([]);
    expect(await written()).to.deep.equal({ shop: '1.2.0', blog: '1.1.0' });
  });

  it('are not skipped by a plan or an apply, which then leave everything as it is', async () => {
    workshop = await openWorkshop({ 'app-shop': { body: thing }, 'app-blog': { body: thing } });
    const first = { ...applyRequest(workshop), target: target({ shop: '1.0.0', blog: '1.0.0' }) };
    await apply(workshop.ports, first, workshop.emit);
    const wanted = target({ shop: '3.0.0', blog: '1.1.0' });
    const refusal = (work: () => Promise<unknown>): Promise<unknown> => work().catch((error: unknown) => error);
    for (const work of [
      () => plan(workshop.ports, { ...planRequest(workshop), target: wanted }, workshop.emit),
      () => apply(workshop.ports, { ...applyRequest(workshop), target: wanted }, workshop.emit),
    ])
      expect(await refusal(work)).to.be.instanceOf(UserError);
    expect(await written()).to.deep.equal({ shop: '1.0.0', blog: '1.0.0' });

    const other = { stacks: ['app-blog'], only: false };
    await apply(workshop.ports, { ...applyRequest(workshop), target: wanted, selection: other }, workshop.emit);
    expect(await written()).to.deep.equal({ shop: '1.0.0', blog: '1.1.0' });
  });
});
