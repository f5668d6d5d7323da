/** A namespace that drills restore into, and what they must never take for one. */
import { expect } from 'chai';
import type { BackupDeps } from '../../../src/backups/hands.ts';
import { closeScratch, openScratch } from '../../../src/backups/scratch.ts';
import { aBlueprint } from '../../support/blueprint.ts';
import { revealed } from '../../support/fakes.ts';
import { aScene, failure, pin, type Scene } from '../cluster/harness.ts';

const NAME = 'drill-apps-hello';

function depsOf(scene: Scene): BackupDeps {
  return { ...scene.deps, network: scene.fakes.network, pin: async () => pin };
}

const namespace = (labels: Readonly<Record<string, string>>) => ({
  kind: 'Namespace',
  metadata: { name: NAME, labels },
});

describe('the namespace that a drill restores into', () => {
  it('is made, shut off, and known as its own', async () => {
    const scene = aScene(aBlueprint());
    scene.found('namespaces', []);
    scene.expect('kubectl', 'apply');
    await openScratch(depsOf(scene), NAME);
    const applied = revealed(scene.fakes.runner.calls.at(-1)?.stdin) ?? '';
    expect(applied).to.include('"ffops.dev/drill":"yes"').and.include('"policyTypes":["Ingress","Egress"]');
  });

  it("is never somebody else's of that name: it would go with all that is in it", async () => {
    const scene = aScene(aBlueprint());
    scene.found('namespaces', [namespace({ team: 'shop' })]);
    expect((await failure(openScratch(depsOf(scene), NAME))).code).to.equal('backup.scratchTaken');
    scene.fakes.verify();
  });

  it('goes first when a drill left it that was killed', async () => {
    const scene = aScene(aBlueprint());
    scene.found('namespaces', [namespace({ 'ffops.dev/drill': 'yes' })]);
    scene.expect('kubectl', 'delete');
    scene.expect('kubectl', 'apply');
    await openScratch(depsOf(scene), NAME);
    scene.fakes.verify();
  });

  it('that does not go in time is told', async () => {
    const scene = aScene(aBlueprint());
    scene.expect('kubectl', 'delete', { exitCode: 1, stderr: 'timed out waiting for the condition' });
    expect(await closeScratch(depsOf(scene), NAME)).to.include(`${NAME} is still there`);
  });
});
