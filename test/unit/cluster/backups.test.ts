import { expect } from 'chai';
import { createBackup, readBackups } from '../../../src/cluster/backups.ts';
import type { Blueprint } from '../../../src/model/blueprint.ts';
import { aBlueprint } from '../../support/blueprint.ts';
import { revealed } from '../../support/fakes.ts';
import { aScene, failure, pin, type Scene } from './harness.ts';

const blueprint: Blueprint = aBlueprint({
  environment: 'prod',
  schedules: [{ name: 'velero-daily', cron: '0 3 * * *', namespaces: ['data'], retentionDays: 30 }],
});
const template = { ttl: '720h0m0s', storageLocation: 'default', includedNamespaces: ['data'] };
const schedule = (name: string) => ({
  kind: 'Schedule',
  metadata: { name, namespace: 'infra' },
  spec: { schedule: '0 3 * * *', template },
});
const backup = (name: string, phase: string, startTimestamp: string, more: object = {}) => ({
  kind: 'Backup',
  metadata: {
    name,
    namespace: 'infra',
    creationTimestamp: startTimestamp,
    labels: { 'ffops.dev/backup-of': 'shop-prod' },
  },
  status: { phase, startTimestamp, ...more },
});
const made = 'velero-daily-20260115030000';

function asked(looks: readonly (object | undefined)[]): Scene {
  const scene = aScene(blueprint);
  scene.found('schedules.velero.io', [schedule('theirs'), schedule('velero-daily')]);
  scene.expect('kubectl', 'apply');
  for (const look of looks) scene.found('backups.velero.io', look === undefined ? [] : [look]);
  return scene;
}

describe('backups', () => {
  it('that can be restored from are known by the newest that is whole', async () => {
    const scene = aScene(blueprint);
    scene.found('backups.velero.io', [
      schedule('velero-daily'),
      backup('older', 'Completed', '2026-01-13T03:00:00Z'),
      backup('good', 'Completed', '2026-01-14T03:00:00Z'),
      backup('bad', 'Failed', '2026-01-15T02:00:00Z'),
    ]);
    const found = await readBackups(scene.deps, pin);
    expect(found?.newest?.name).to.equal('bad');
    expect(found?.newestGood).to.include({ name: 'good', ageHours: 24 });
  });

  it('are none where the environment makes none, Velero is not there, or its schedule went', async () => {
    expect(await readBackups(aScene(aBlueprint()).deps, pin)).to.equal(undefined);
    const unknown = aScene(blueprint);
    unknown.expect('kubectl', 'get', {
      exitCode: 1,
      stderr: 'error: the server doesn\'t have a resource type "backups"',
    });
    expect(await readBackups(unknown.deps, pin)).to.equal(undefined);
    const gone = aScene(blueprint);
    gone.found('backups.velero.io', [schedule('theirs')]);
    expect(await readBackups(gone.deps, pin)).to.equal(undefined);
  });

  it('are made as the schedule makes them, and waited for', async () => {
    const scene = asked([
      undefined,
      backup(made, 'InProgress', '2026-01-15T03:00:01Z'),
      backup(made, 'Completed', '2026-01-15T03:00:01Z'),
    ]);
    expect(await createBackup(scene.deps, pin)).to.include({ name: made, phase: 'Completed' });
    const call = scene.fakes.runner.calls.find(({ args }) => args.includes('apply'));
    const manifest = JSON.parse(revealed(call?.stdin) ?? '') as { metadata: { labels: object }; spec: object };
    expect(manifest.spec).to.deep.equal(template);
    expect(manifest.metadata).to.include({ name: made, namespace: 'infra' });
    expect(manifest.metadata.labels).to.include({
      'velero.io/schedule-name': 'velero-daily',
      'ffops.dev/backup-of': 'shop-prod',
    });
    scene.fakes.verify();
  });

  it('that are made in part are told as such; those that come to nothing are a failure with its reason', async () => {
    const partly = asked([backup(made, 'PartiallyFailed', '2026-01-15T03:00:01Z')]);
    expect((await createBackup(partly.deps, pin)).phase).to.equal('PartiallyFailed');
    const failed = asked([backup(made, 'FailedValidation', '', { validationErrors: ['no such location'] })]);
    const error = await failure(createBackup(failed.deps, pin));
    expect([error.code, error.message]).to.satisfy(
      ([code, message]: [string, string]) => code === 'backup.failed' && message.includes('no such location'),
    );
  });

  it('that do not end are left to Velero when the user wishes to stop', async () => {
    const scene = asked([backup(made, 'InProgress', '2026-01-15T03:00:01Z')]);
    scene.fakes.interruption.press();
    expect((await failure(createBackup(scene.deps, pin))).code).to.equal('backup.unfinished');
  });
});
