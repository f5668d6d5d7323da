/** A backup of several parts: what one fails of is no reason to leave the others out, and a person who leaves is heeded. */
import { expect } from 'chai';
import type { BackupDeps } from '../../../src/backups/hands.ts';
import { createBackup } from '../../../src/usecases/backup-create.ts';
import type { Blueprint } from '../../../src/model/blueprint.ts';
import { aBlueprint, aRelease, aStack, origin } from '../../support/blueprint.ts';
import { revealed } from '../../support/fakes.ts';
import { aScene, pin, type Scene } from '../cluster/harness.ts';

const blueprint = aBlueprint({
  environment: 'prod',
  stacks: [aStack({ name: 'data', releases: [aRelease({ name: 'postgres', namespace: 'data', entry: 'postgres' })] })],
  namespaces: [{ name: 'data', stack: 'data', labels: {}, origin }],
  databases: [{ engine: 'postgres', name: 'n8n', user: 'n8n', owner: 'n8n' } as Blueprint['databases'][number]],
  backupStorage: { bucket: 'shop-prod-backups', region: 'us-east-1', endpoint: 'https://storage.test' },
});

function aDesk(): { scene: Scene; deps: BackupDeps } {
  const scene = aScene(blueprint, { surroundings: { storageUrl: 'http://127.0.0.1:9' } });
  return { scene, deps: { ...scene.deps, network: scene.fakes.network, pin: async () => pin } };
}

describe('a backup of everything', () => {
  it('tells what each part fails of, with the cure, and goes on with the next', async () => {
    const { scene, deps } = aDesk();
    scene.found('cronjobs.batch', []);
    scene.expect('kubectl', 'backupstoragelocations.velero.io', {
      exitCode: 1,
      stderr: 'error: the server doesn\'t have a resource type "backupstoragelocations"',
    });
    const { verdict, parts } = await createBackup(deps, undefined, () => undefined);
    expect(verdict).to.equal('failed');
    expect(parts.map(({ part, state }) => `${part} ${state}`)).to.deep.equal(['postgres failed', 'objects failed']);
    expect(parts[0]!.errors.join('\n')).to.include('no CronJob data/postgres-dump');
    expect(parts[1]!.errors.join('\n')).to.include('Velero is not installed').and.include('ffops apply --stack infra');
    scene.fakes.verify();
  });

  describe('by a Velero that has yet to learn', () => {
    const object = (kind: string, name: string, more: object): object => ({
      kind,
      metadata: { name, namespace: 'infra', creationTimestamp: '2026-01-15T03:00:00Z' },
      ...more,
    });

    /** Whose backups end so, one after the other. */
    function velero(ends: readonly object[], since?: string) {
      const { scene, deps } = aDesk();
      const located = { spec: { objectStorage: { bucket: 'shop-prod-backups' } }, status: { phase: 'Available' } };
      scene.found(
        'backupstoragelocations.velero.io',
        [object('BackupStorageLocation', 'default', located)],
        ends.length,
      );
      const runs = object('Deployment', 'velero', { status: { availableReplicas: 1 } });
      scene.found('deployments.apps', [runs], ends.length);
      const running = { containerStatuses: [{ state: { running: { startedAt: since } } }] };
      scene.fakes.runner.allow({ program: 'kubectl', args: (args) => args.includes('pods') }, () => ({
        stdout: JSON.stringify({
          kind: 'List',
          items: since === undefined ? [] : [object('Pod', 'velero-0', { status: running })],
        }),
      }));
      const asked: string[] = [];
      scene.fakes.runner.allow({ program: 'kubectl', args: (args) => args.includes('apply') }, ({ stdin }) => {
        asked.push((JSON.parse(revealed(stdin) ?? '') as { metadata: { name: string } }).metadata.name);
        return {};
      });
      for (const status of ends) scene.found('backups.velero.io', [object('Backup', 'any', { status })]);
      const ended = createBackup(deps, 'data', () => undefined).then(({ verdict, parts }) => ({
        verdict,
        objects: parts.find(({ part }) => part === 'objects')!,
        asked,
        waited: scene.fakes.clock.sleeps.reduce((sum, ms) => sum + ms, 0),
      }));
      scene.found('cronjobs.batch', []);
      return ended;
    }
    const unlearnt = {
      phase: 'PartiallyFailed',
      failureReason: 'no matches for cert-manager.io/, Resource=challenges',
    };

    it('is made once more, when Velero has looked again', async () => {
      const { objects, asked, waited } = await velero([unlearnt, { phase: 'Completed' }]);
      expect(asked).to.deep.equal(['data-20260115t030000z', 'data-20260115t030000z-again']);
      expect(objects).to.include({ state: 'complete', id: asked[1] });
      expect(waited).to.equal(315_000);
    });

    it('is made again as soon as a server that is young has looked, and later when nobody knows', async () => {
      const ends = [unlearnt, { phase: 'Completed' }];
      expect((await velero(ends, '2026-01-15T02:51:40Z')).waited, 'its second look is 100 s away').to.equal(115_000);
      expect((await velero(ends, '2026-01-14T03:00:00Z')).waited).to.equal(315_000);
    });

    it('is not made again for ever, nor for any other reason', async () => {
      const thrice = await velero([unlearnt, unlearnt, unlearnt], '2026-01-15T02:51:40Z');
      expect([thrice.verdict, thrice.waited]).to.deep.equal(['failed', 115_000 + 315_000]);
      expect(new Set(thrice.asked).size, 'each has a name of its own').to.equal(3);
      const twice = await velero([unlearnt, unlearnt]);
      expect([twice.verdict, twice.objects.state, twice.asked.length]).to.deep.equal(['failed', 'partial', 2]);
      const other = await velero([{ phase: 'PartiallyFailed', failureReason: 'the disk is full' }]);
      expect([other.objects.state, other.asked.length]).to.deep.equal(['partial', 1]);
    });
  });

  it('begins nothing any more once the user wishes to stop, and does not call it done', async () => {
    const { scene, deps } = aDesk();
    scene.fakes.interruption.press();
    expect(await createBackup(deps, undefined, () => undefined)).to.deep.include({ verdict: 'interrupted', parts: [] });
    scene.fakes.verify();
  });
});
