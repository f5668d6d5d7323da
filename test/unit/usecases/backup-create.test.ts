/** A backup of several parts: what one fails of is no reason to leave the others out, and a person who leaves is heeded. */
import { expect } from 'chai';
import type { BackupDeps } from '../../../src/backups/hands.ts';
import { createBackup } from '../../../src/usecases/backup-create.ts';
import type { Blueprint } from '../../../src/model/blueprint.ts';
import { aBlueprint, aRelease, aStack, origin } from '../../support/blueprint.ts';
import { aScene, pin, type Scene } from '../cluster/harness.ts';

const blueprint = aBlueprint({
  environment: 'prod',
  stacks: [aStack({ name: 'data', releases: [aRelease({ name: 'postgres', namespace: 'data', entry: 'postgres' })] })],
  namespaces: [{ name: 'data', stack: 'data', labels: {}, origin }],
  databases: [{ engine: 'postgres', name: 'n8n', user: 'n8n', owner: 'n8n' } as Blueprint['databases'][number]],
  buckets: [{ name: 'shop-prod-backups', region: 'us-east-1', purpose: 'backups', stack: 'base' }],
});

function aDesk(): { scene: Scene; deps: BackupDeps } {
  const scene = aScene(blueprint, { surroundings: { variables: { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' } } });
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

  it('begins nothing any more once the user wishes to stop, and does not call it done', async () => {
    const { scene, deps } = aDesk();
    scene.fakes.interruption.press();
    expect(await createBackup(deps, undefined, () => undefined)).to.deep.include({ verdict: 'interrupted', parts: [] });
    scene.fakes.verify();
  });
});
