/** Backups of a local environment, rehearsed: a real Velero finds a place for them, and so do the dumps of databases. */
import { expect } from 'chai';
import type { BackupCreateResult } from '../../src/usecases/backup-create.ts';
import type { DrillResult } from '../../src/usecases/backup-drill.ts';
import type { BackupListResult } from '../../src/usecases/backup-list.ts';
import type { RestoreResult } from '../../src/usecases/backup-restore.ts';
import type { BackupScheduleResult } from '../../src/usecases/backup-schedule.ts';
import { openProduct, type Product } from '../support/product.ts';

const DEV = `platform: local
rootDomain: example.kube
cluster: { context: docker-desktop }
backups: { enabled: true }
apps:
  n8n: {}
`;

describe('backups of a local environment', function () {
  this.timeout(300_000);
  let product: Product;
  before(() => void (product = openProduct(DEV)));
  after(() => product.close());

  it('have a server and a bucket from the first apply on, and the next plan is empty', async () => {
    await product.ffops(['apply', '--yes']);
    const location = ['backupstoragelocation/default', '-n', 'infra'];
    const available = '--for=jsonpath={.status.phase}=Available';
    await product.kubectl(['wait', available, '--timeout=90s', ...location]);
    const ready = '{.status.readyReplicas}';
    const server = ['get', 'deployment', 'object-storage', '-n', 'infra', '-o', `jsonpath=${ready}`];
    expect((await product.kubectl(server)).trim()).to.equal('1');
    await product.ffops(['plan', '--detailed-exitcode'], 0);
  });

  it('are made of objects and of databases, listed, drilled and restored by the same commands as production', async () => {
    const { schedules } = await product.result<BackupScheduleResult>(['backup', 'schedule']);
    expect(schedules.map(({ name, state }) => `${name} ${state}`)).to.have.members([
      'velero-daily asRendered',
      'postgres-dump asRendered',
    ]);
    const made = await product.result<BackupCreateResult>(['backup', 'create']);
    expect(made.parts.map(({ part, state }) => `${part} ${state}`)).to.deep.equal([
      'postgres notRun',
      'objects complete',
    ]);
    const { backups } = await product.result<BackupListResult>(['backup', 'list']);
    expect(backups.map(({ id, what, state }) => ({ id, what, state }))).to.deep.equal([
      { id: made.parts[1]!.id, what: 'data, apps-n8n', state: 'complete' },
    ]);
    await product.kubectl(['delete', 'namespace', 'data', '--wait']);
    const restored = await product.result<RestoreResult>([
      'backup',
      'restore',
      'data',
      '--no-keep',
      '--allow-data-loss',
      'data',
      '--yes',
    ]);
    expect(restored.verdict).to.equal('done');
    expect(restored.notes.join()).to.include('postgres: cannot run here');
    expect((await product.result<DrillResult>(['backup', 'drill', 'data'])).verdict).to.equal('done');
    await product.ffops(['plan', '--detailed-exitcode'], 0);
  });
});
