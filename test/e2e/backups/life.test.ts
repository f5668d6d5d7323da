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
import { itAtLength } from '../../support/at-length.ts';
import {
  allContents,
  backedUpProduction,
  contentsOf,
  interruptedRestore,
  type Kept,
} from '../../support/interrupted-restore.ts';
import { openProduct, type Product } from '../../support/product.ts';
import { eventually, storageOf } from '../../support/small-production.ts';
import { toolOrSkip } from '../../support/tools.ts';

/** `npm run chaos` strikes at any moment, in any way: this is SIGKILL after 10 s, when objects are on their way. */
const STRIKE = { seed: 8, durationMs: 16_000 };
const NAMESPACE = 'apps-hello';
const BUCKET = 'fullfrontend-prod-backups';

describe('backups in a sandbox', function () {
  this.timeout(900_000);
  this.bail(true);
  let product: Product;
  let kept: Omit<Kept, 'durationMs'>;

  before(async function () {
    for (const tool of ['tofu', 'helm', 'velero-server', 'rclone']) await toolOrSkip(this, tool);
    product = openProduct(backedUpProduction);
    await product.ffops(['apply', '--yes']);
  });
  after(async () => product?.close());

  it('are made, and say that no byte moved', async () => {
    const contents = await allContents(product);
    expect(Object.keys(contents['data']!)).to.include.members(['StatefulSet postgres', 'CronJob postgres-dump']);
    expect(Object.keys(contents[NAMESPACE]!)).to.include.members([
      'Deployment hello',
      'PersistentVolumeClaim hello-files',
    ]);
    const made = await product.result<BackupCreateResult>(['backup', 'create']);
    expect(made.parts.map(({ part, state, bytes }) => ({ part, state, bytes }))).to.deep.equal([
      { part: 'postgres', state: 'notRun', bytes: 'none' },
      { part: 'objects', state: 'complete', bytes: 'none' },
    ]);
    kept = { backup: made.parts[1]!.id, contents };
  });

  it('are listed with what they hold, until when, and where', async () => {
    const { backups } = await product.result<BackupListResult>(['backup', 'list']);
    const own = backups.find(({ id }) => id === kept.backup)!;
    expect(own).to.include({ kind: 'objects', what: 'data, apps-hello, apps-n8n', state: 'complete', bytes: 'none' });
    expect(own.where).to.equal(`${BUCKET}/velero/backups/${kept.backup}`);
    // Velero takes the time twice, in whole seconds.
    expect(Date.parse(own.expires!) - Date.parse(own.at)).to.be.closeTo(30 * 86_400_000, 2000);
    const { schedules } = await product.result<BackupScheduleResult>(['backup', 'schedule']);
    expect(schedules.map(({ name, state }) => `${name} ${state}`)).to.have.members([
      'velero-daily asRendered',
      'postgres-dump asRendered',
    ]);
  });

  it('bring deleted namespaces back, with the secrets of today, although the first restore is struck', async () => {
    const result = await interruptedRestore(product, { ...kept, durationMs: STRIKE.durationMs }, STRIKE.seed);
    expect(result.bytes).to.equal('none');
    expect(result.notes.join()).to.include('postgres: cannot run here');
  });

  const restore = (...more: readonly string[]): Promise<RestoreResult> =>
    product.result<RestoreResult>(['backup', 'restore', 'hello', '--yes', ...more]);

  it('are restored into another namespace, but not into one that is in use', async () => {
    const refused = await product.ffops(['backup', 'restore', 'hello', '--to', 'infra'], 1);
    expect(refused.stderr).to.include('The namespace infra is in use');
    const result = await restore('--to', 'restored', '--from', kept.backup);
    expect(result.verdict).to.equal('done');
    expect(Object.keys(await contentsOf(product, 'restored'))).to.include('Deployment hello');
  });

  it('are not taken from another environment, nor while somebody else is at it, unless one says so', async () => {
    const label = (value: string): Promise<unknown> =>
      product.kubectl([
        ...['label', 'backups.velero.io', kept.backup, '-n', 'infra', '--overwrite'],
        `ffops.dev/backup-of=${value}`,
      ]);
    await label('fullfrontend-staging');
    const { backups, own } = await product.result<BackupListResult>(['backup', 'list']);
    expect(own).to.equal('fullfrontend-prod');
    expect(backups.find(({ id }) => id === kept.backup)).to.include({ of: 'fullfrontend-staging', state: 'complete' });
    const named = ['backup', 'restore', 'hello', '--to', 'theirs', '--from', kept.backup];
    const refused = await product.ffops(named, 3);
    expect(refused.stderr).to.include('is a backup of fullfrontend-staging').and.include('--of fullfrontend-staging');
    expect(
      (await product.ffops(['backup', 'restore', 'hello', '--from', 'nothing-of-that-name'], 3)).stderr,
    ).to.include('There is no backup nothing-of-that-name');

    const spec = { holderIdentity: 'bert@desk', acquireTime: '2026-11-28T03:00:00.000000Z' };
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'ffops-restore', namespace: 'kube-system' },
    };
    await product.kubectl(
      ['apply', '--server-side', '--force-conflicts', '-f', '-'],
      JSON.stringify({ ...lease, spec }),
    );
    const held = await product.ffops([...named, '--of', 'fullfrontend-staging'], 5);
    expect(held.stderr)
      .to.include('bert@desk is at it')
      .and.include('since 2026-11-28T03:00:00Z')
      .and.include('--take-over');
    const apply = await product.ffops(['apply', '--yes'], 5);
    expect(apply.stderr).to.include('bert@desk is at it').and.include('delete lease ffops-restore');
    await product.ffops([...named, '--of', 'fullfrontend-staging', '--take-over']);
    expect(Object.keys(await contentsOf(product, 'theirs'))).to.include('Deployment hello');
    const holder = ['get', 'lease', 'ffops-restore', '-n', 'kube-system', '-o', 'jsonpath={.spec.holderIdentity}'];
    expect((await product.kubectl(holder)).trim()).to.equal('');
    await label('fullfrontend-prod');
  });

  it('are drilled: restored aside, compared, timed, recorded, taken away', async () => {
    const result = await product.result<DrillResult>(['backup', 'drill', 'hello']);
    expect(result.parts.map(({ state, bytes }) => ({ state, bytes }))).to.deep.equal([
      { state: 'verified', bytes: 'none' },
    ]);
    expect(result.parts[0]!.rpoSeconds).to.be.greaterThan(0);
    for (const record of result.records) expect(existsSync(join(product.folder, record)), record).to.equal(true);
    expect(readFileSync(join(product.folder, result.records[1]!), 'utf8')).to.include('| apps-hello |');
    expect(await product.kubectl(['get', 'namespaces', '-o', 'name'])).not.to.include('drill-');
  });

  it('refuse what nobody agreed to, what is unknown, and what is not there', async () => {
    await product.ffops(['backup', 'restore', 'hello'], 6);
    await product.ffops(['backup', 'restore', 'hello', '--no-keep', '--yes'], 6);
    expect((await product.ffops(['backup', 'create', 'helo'], 3)).stderr).to.include('hello');
    expect((await product.ffops(['db', 'list'], 1)).stderr).to.include('no process');
  });

  itAtLength('say what Velero says when a quota is too small, or the backup is damaged', async () => {
    await product.kubectl(['create', 'namespace', 'small']);
    await product.kubectl(['create', 'quota', 'none', '-n', 'small', '--hard', 'count/configmaps=1']);
    const small = await product.ffops(['backup', 'restore', 'hello', '--to', 'small', '--from', kept.backup], 1);
    expect(small.stderr).to.include('PartiallyFailed').and.include('exceeded quota');
    const made = await product.result<BackupCreateResult>(['backup', 'create', 'hello']);
    const { id } = made.parts[0]!;
    const storage = await storageOf(product);
    await storage.put(BUCKET, `velero/backups/${id}/${id}.tar.gz`, 'no archive', false);
    const damaged = await product.ffops(
      ['backup', 'restore', 'hello', '--to', 'damaged', '--from', id, '--abandon'],
      1,
    );
    expect(damaged.stderr).to.include('gzip');
    await product.ffops(['backup', 'restore', 'hello', '--to', 'again', '--from', kept.backup, '--abandon']);
  });

  itAtLength('say that the bucket is gone, or that Velero does not run', async () => {
    const place = (bucket: string): Promise<unknown> =>
      product.kubectl([
        ...['patch', 'backupstoragelocation', 'default', '-n', 'infra', '--type', 'merge', '-p'],
        JSON.stringify({ spec: { validationFrequency: '1s', objectStorage: { bucket } } }),
      ]);
    await place('nobody-made-this');
    const refused = await eventually(
      () => product.ffops(['backup', 'create', 'hello'], [0, 1]),
      ({ exitCode }) => exitCode === 1,
    );
    expect(refused.stderr).to.include('Velero cannot use the bucket nobody-made-this');
    await place(BUCKET);
    await product.kubectl(['scale', 'deployment/velero', '-n', 'infra', '--replicas', '0']);
    await product.kubectl(['rollout', 'status', 'deployment/velero', '-n', 'infra']);
    expect((await product.ffops(['backup', 'create', 'hello'], 1)).stderr).to.include('Velero does not run');
    const { backups } = await product.result<BackupListResult>(['backup', 'list']);
    expect(backups.length).to.be.greaterThan(0);
  });
});
