/**
 * Backups as people make and restore them, in a sandbox: the real Velero, the real S3 server, the real rclone. No byte of a
 * volume moves there, and every result says so; objects do, and are compared.
 */
import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupCreateResult } from '../../../src/usecases/backup-create.ts';
import type { DrillResult } from '../../../src/usecases/backup-drill.ts';
import type { BackupListResult } from '../../../src/usecases/backup-list.ts';
import type { RestoreResult } from '../../../src/usecases/backup-restore.ts';
import type { BackupScheduleResult } from '../../../src/usecases/backup-schedule.ts';
import { openProduct, type Product } from '../../support/product.ts';
import { smallProduction } from '../../support/small-production.ts';
import { toolOrSkip } from '../../support/tools.ts';

/** A database, an app that works with it, and an app with files. */
const environment = smallProduction
  .replace('backups: { enabled: false }\n', '')
  .replace('hello: {}', 'hello: { storage: 1Gi }\n  n8n: {}');

const NAMESPACE = 'apps-hello';
const KINDS = 'deployments,services,ingresses,configmaps,persistentvolumeclaims,secrets';

describe('backups in a sandbox', function () {
  this.timeout(900_000);
  let product: Product;
  let original: readonly string[];
  let backup: string;

  before(async function () {
    for (const tool of ['tofu', 'helm', 'velero-server', 'rclone']) await toolOrSkip(this, tool);
    product = openProduct(environment);
    await product.ffops(['apply', '--yes']);
  });
  after(async () => product?.close());

  async function objects(namespace = NAMESPACE): Promise<readonly string[]> {
    const { stdout } = await product.ffops(['kube', '--', 'get', KINDS, '-n', namespace, '-o', 'name']);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .sort();
  }

  const restore = (...more: readonly string[]): Promise<RestoreResult> =>
    product.result<RestoreResult>(['backup', 'restore', 'hello', '--yes', ...more]);

  it('are made, and say that no byte moved', async () => {
    original = await objects();
    expect(original.join()).to.include('deployment.apps/hello').and.to.include('persistentvolumeclaim/hello-files');
    const made = await product.result<BackupCreateResult>(['backup', 'create', 'hello']);
    expect(made.parts.map(({ part, state, bytes }) => ({ part, state, bytes }))).to.deep.equal([
      { part: 'objects', state: 'complete', bytes: 'none' },
    ]);
    backup = made.parts[0]!.id;
  });

  it('are listed with what they hold, until when, and where', async () => {
    const { backups } = await product.result<BackupListResult>(['backup', 'list']);
    const own = backups.find(({ id }) => id === backup)!;
    expect(own).to.include({ kind: 'objects', what: NAMESPACE, state: 'complete', bytes: 'none' });
    expect(own.where).to.equal(`fullfrontend-prod-backups/velero/backups/${backup}`);
    expect(Date.parse(own.expires!) - Date.parse(own.at)).to.equal(30 * 86_400_000);
    const { schedules } = await product.result<BackupScheduleResult>(['backup', 'schedule']);
    expect(schedules.map(({ name, state }) => `${name} ${state}`)).to.include('velero-daily asRendered');
  });

  it('bring a deleted namespace back, with the secrets of today', async () => {
    await product.ffops(['kube', '--', 'delete', 'namespace', NAMESPACE, '--wait']);
    const result = await restore();
    expect(result.verdict).to.equal('done');
    expect(result.bytes).to.equal('none');
    expect(result.objects).to.deep.include({ backup, missing: [] });
    expect(await objects()).to.deep.equal(original);
  });

  it('go on after a restore was killed, wherever that was', async () => {
    for (const moment of [/stop/, /objects/]) {
      const running = product.start(['backup', 'restore', 'hello', '--yes', '--from', backup]);
      await running.seen(moment);
      // Somewhere in the step, never at the same place twice.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 1500));
      running.child.kill('SIGKILL');
      await running.ended;
      const result = await restore('--from', backup);
      expect(result.verdict, String(moment)).to.equal('done');
      expect(await objects(), String(moment)).to.deep.equal(original);
    }
  });

  it('are restored into another namespace, but not into one that is in use', async () => {
    const refused = await product.ffops(['backup', 'restore', 'hello', '--to', 'infra'], 1);
    expect(refused.stderr).to.include('The namespace infra is in use');
    const result = await restore('--to', 'restored', '--from', backup);
    expect(result.verdict).to.equal('done');
    expect((await objects('restored')).join()).to.include('deployment.apps/hello');
  });

  it('are drilled: restored aside, compared, timed, recorded, taken away', async () => {
    const result = await product.result<DrillResult>(['backup', 'drill', 'hello']);
    expect(result.parts.map(({ state, bytes }) => ({ state, bytes }))).to.deep.equal([
      { state: 'verified', bytes: 'none' },
    ]);
    expect(result.parts[0]!.rpoSeconds).to.be.greaterThan(0);
    for (const record of result.records) expect(existsSync(join(product.folder, record)), record).to.equal(true);
    expect(readFileSync(join(product.folder, result.records[1]!), 'utf8')).to.include('| apps-hello |');
    const { stdout } = await product.ffops(['kube', '--', 'get', 'namespaces', '-o', 'name']);
    expect(stdout).not.to.include('drill-');
  });

  it('refuse what nobody agreed to, what is unknown, and what is not there', async () => {
    await product.ffops(['backup', 'restore', 'hello'], 6);
    await product.ffops(['backup', 'restore', 'hello', '--no-keep', '--yes'], 6);
    expect((await product.ffops(['backup', 'create', 'helo'], 3)).stderr).to.include('hello');
    expect((await product.ffops(['db', 'list'], 1)).stderr).to.include('no process');
  });

  it('say that Velero does not run, or that its bucket is gone', async () => {
    await product.ffops(['kube', '--', 'scale', 'deployment/velero', '-n', 'infra', '--replicas', '0']);
    await product.ffops(['kube', '--', 'rollout', 'status', 'deployment/velero', '-n', 'infra']);
    expect((await product.ffops(['backup', 'create', 'hello'], 1)).stderr).to.include('Velero does not run');
    const { backups } = await product.result<BackupListResult>(['backup', 'list']);
    expect(backups.length).to.be.greaterThan(0);
  });
});
